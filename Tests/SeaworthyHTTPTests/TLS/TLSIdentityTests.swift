import Foundation
import Logging
import NIOSSL
import PostgresServing
import Synchronization
import Testing

@testable import SeaworthyHTTP

/// A folder with certificates, gone at the end.
final class CertificateFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func make(_ name: String = "server", isRSA: Bool = false, passphrase: String? = nil, days: Int = 2) async throws -> TLSFiles {
        let made = try await PostgresServer.onThread { [path] in
            try TestCertificate(name, in: path, isRSA: isRSA, passphrase: passphrase, days: days)
        }
        return TLSFiles(certificate: made.certificate, key: made.key)
    }

    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
        return "\(path)/\(name)"
    }
}

@Suite struct `A certificate with its key` {
    private let folder: CertificateFolder

    init() throws { folder = try CertificateFolder() }

    private func fault(_ files: TLSFiles, now: Int = HTTPDate.now()) -> TLSFault? {
        do {
            _ = try TLSIdentity(files, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `is read from its files`() async throws {
        for isRSA in [false, true] {
            let identity = try TLSIdentity(try await folder.make(isRSA: isRSA), now: HTTPDate.now())
            #expect((86_400...3 * 86_400).contains(identity.expiresAt - HTTPDate.now()))
        }
    }

    @Test func `is of one piece`() async throws {
        let (first, second) = (try await folder.make("a"), try await folder.make("b"))
        let mixed = fault(TLSFiles(certificate: first.certificate, key: second.key))
        #expect(mixed?.place == .key && mixed?.reason == "is not the key of the certificate")
        #expect(fault(TLSFiles(certificate: first.key, key: first.key))?.reason == "is no certificate in PEM")
        #expect(fault(TLSFiles(certificate: first.certificate, key: first.certificate))?.place == .key)
    }

    @Test func `is good at its time`() async throws {
        let files = try await folder.make()
        let over = fault(files, now: HTTPDate.now() + 3 * 86_400)
        #expect(over?.place == .certificate && over?.reason.hasPrefix("has been over since ") == true)
        #expect(fault(files, now: HTTPDate.now() - 86_400)?.reason.hasPrefix("is good only from ") == true)
    }

    @Test func `is told what is wrong with it`() async throws {
        let files = try await folder.make()
        let missing = "\(folder.path)/none"
        #expect(
            fault(TLSFiles(certificate: missing, key: files.key))
                == TLSFault(
                    place: .certificate, reason: "is not there", fix: "name a file that the server may read"))
        #expect(fault(TLSFiles(certificate: files.certificate, key: missing))?.place == .key)
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let path = try folder.write(text, to: "broken")
            #expect(fault(TLSFiles(certificate: path, key: files.key))?.place == .certificate, "\(text)")
            let broken = fault(TLSFiles(certificate: files.certificate, key: path))
            #expect(broken?.place == .key && broken?.fix.contains("openssl pkey") == true)
        }
        let locked = try await folder.make("locked", passphrase: "secret words")  // not-a-secret
        #expect(fault(locked)?.reason == "is no private key in PEM, or has a passphrase")
    }
}

@Suite struct `Certificates in use` {
    private let folder: CertificateFolder
    private let keeper = LogKeeper()
    private let files: TLSFiles

    init() async throws {
        folder = try CertificateFolder()
        files = try await folder.make()
    }

    private var logger: Logger { Logger(label: "test") { [keeper] _ in keeper } }
    private var lines: [String] { keeper.lines.withLock { $0 } }

    @Test func `are read again when their files change`() async throws {
        let certificates = try TLSCertificates(files, logger: logger)
        let first = certificates.context
        certificates.refresh()
        #expect(certificates.context === first)
        try await folder.make()
        certificates.refresh()
        let second = certificates.context
        #expect(second !== first)
        #expect(lines.contains { $0.hasPrefix("notice certificate read again expires=") })
        certificates.refresh()
        #expect(certificates.context === second)
    }

    @Test func `stay when what comes is of no use`() async throws {
        let certificates = try TLSCertificates(files, logger: logger)
        let first = certificates.context
        let other = try await folder.make("other")
        // One is written before the other.
        try FileManager.default.removeItem(atPath: files.certificate)
        try FileManager.default.copyItem(atPath: other.certificate, toPath: files.certificate)
        certificates.refresh()
        certificates.refresh()
        #expect(certificates.context === first)
        #expect(lines.filter { $0.hasPrefix("error certificate not read again") && $0.contains("is not the key") }.count == 1)
        try FileManager.default.removeItem(atPath: files.key)
        certificates.refresh()
        #expect(certificates.context === first && lines.contains { $0.contains("is not there") })
        try FileManager.default.copyItem(atPath: other.key, toPath: files.key)
        certificates.refresh()
        #expect(certificates.context !== first)
    }

    @Test func `are read when what kept them from it is gone`() async throws {
        let certificates = try TLSCertificates(files, logger: logger)
        let first = certificates.context
        try await folder.make()
        // The link to the key leads nowhere for a while: nothing about the files themselves tells when it leads somewhere.
        let key = files.key
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        try FileManager.default.createDirectory(atPath: key, withIntermediateDirectories: false)
        for _ in 0..<3 { certificates.refresh() }
        #expect(certificates.context === first)
        #expect(lines.count { $0.hasPrefix("error certificate not read again") } == 1)
        try FileManager.default.removeItem(atPath: key)
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        certificates.refresh()
        #expect(certificates.context !== first)
    }

    @Test func `warn of nothing while their end is far`() async throws {
        let certificates = try TLSCertificates(try await folder.make(days: 15), logger: logger)
        certificates.refresh()
        #expect(lines.isEmpty)
    }

    @Test func `warn of their end once a day`() async throws {
        let time = Counter()
        let start = HTTPDate.now()
        let certificates = try TLSCertificates(files, logger: logger) { start + time.count }
        func warnings() -> Int { lines.count { $0.hasPrefix("warning certificate expires expires=") } }
        #expect(warnings() == 1)
        time.add(86_399)
        certificates.refresh()
        #expect(warnings() == 1)
        time.add(1)
        certificates.refresh()
        #expect(warnings() == 2)
    }
}
