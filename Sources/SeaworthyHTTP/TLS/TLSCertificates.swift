import Logging
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The certificate that new connections are shown: read again when its files change, and kept where what they hold then is of no use.
final class TLSCertificates: Sendable {
    /// How long before its end a certificate is warned of.
    static let warningTime = 14 * 86_400
    /// How often at most.
    static let warningInterval = 86_400

    private struct State {
        var identity: TLSIdentity
        /// What the files looked like when they were last read, whether to good purpose or not.
        var fingerprint: [Int64]
        /// Why they were of no use then; nil where they were.
        var fault: String?
        var warnedAt: Int?
    }

    private let files: TLSFiles
    private let metrics: HTTPMetrics?
    private let logger: Logger
    private let now: @Sendable () -> Int
    private let state: Mutex<State>

    /// Blocks.
    init(_ files: TLSFiles, metrics: HTTPMetrics? = nil, logger: Logger, now: @escaping @Sendable () -> Int = HTTPDate.now) throws(TLSFault)
    {
        self.files = files
        self.metrics = metrics
        self.logger = logger
        self.now = now
        // Before they are read: a change meanwhile is seen next time.
        let fingerprint = Self.fingerprint(files)
        state = Mutex(State(identity: try TLSIdentity(files, now: now()), fingerprint: fingerprint))
        warn()
    }

    var context: NIOSSLContext { state.withLock { $0.identity.context } }

    /// Reads the files where they have changed, or were of no use: what was wrong may be mended without a change to them. Blocks.
    func refresh() {
        let fingerprint = Self.fingerprint(files)
        guard state.withLock({ $0.fingerprint != fingerprint || $0.fault != nil }) else {
            warn()
            return
        }
        do {
            let identity = try TLSIdentity(files, now: now())
            state.withLock { $0 = State(identity: identity, fingerprint: fingerprint) }
            logger.notice("certificate read again", metadata: ["expires": "\(HTTPDate.text(seconds: identity.expiresAt))"])
            warn()
        } catch {
            // Of a pair one may be written before the other: that the other comes is a change again.
            let isKnown = state.withLock { state in
                let isKnown = state.fingerprint == fingerprint && state.fault == error.description
                state.fingerprint = fingerprint
                state.fault = error.description
                return isKnown
            }
            guard !isKnown else { return warn() }
            let path = error.place == .key ? files.key : files.certificate
            logger.error("certificate not read again", metadata: ["file": "\(path)", "reason": "\(error)"])
        }
    }

    private func warn() {
        let now = now()
        metrics?.certificateShown(until: state.withLock { $0.identity.expiresAt })
        let expiresAt = state.withLock { state -> Int? in
            guard state.identity.expiresAt - now < Self.warningTime, now - (state.warnedAt ?? .min / 2) >= Self.warningInterval else {
                return nil
            }
            state.warnedAt = now
            return state.identity.expiresAt
        }
        if let expiresAt {
            logger.warning("certificate expires", metadata: ["expires": "\(HTTPDate.text(seconds: max(0, expiresAt)))"])
        }
    }

    /// Links are followed: secrets are mounted behind one that is turned to other files.
    private static func fingerprint(_ files: TLSFiles) -> [Int64] {
        [files.certificate, files.key].flatMap { path -> [Int64] in
            var status = stat()
            guard stat(path, &status) == 0 else { return [-1] }
            #if canImport(Darwin)
            let modified = status.st_mtimespec
            #else
            let modified = status.st_mtim
            #endif
            return [Int64(status.st_ino), Int64(status.st_size), Int64(modified.tv_sec), Int64(modified.tv_nsec)]
        }
    }
}
