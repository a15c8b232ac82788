import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix

/// Serves the files of a folder where no route answers: conditions, ranges and caching as RFC 9110 and RFC 9111 have them.
///
/// Nothing of it happens on an event loop: files are found, opened and read in pieces on NIO's own threads.
package struct StaticFiles: Sendable {
    /// What a page may do: what comes from here, and nothing inline.
    package static let contentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    static let permissionsPolicy =
        "camera=(self), display-capture=(self), geolocation=(self), microphone=(self), payment=(self), usb=(self), browsing-topics=()"
    static let methods: [HTTPRequest.Method] = [.get, .head, .options]

    private let folder: StaticFolder
    private let threads: NIOThreadPool
    /// Seconds since 1970.
    private let now: @Sendable () -> Int

    /// Nil when there is no such folder now: it is looked for once.
    package init?(folder path: String, now: @escaping @Sendable () -> Int = HTTPDate.now) {
        guard let folder = StaticFolder(path: path) else { return nil }
        self.folder = folder
        self.threads = .singleton
        self.now = now
    }

    /// The answer to a request for a file; nil when there is none at its path.
    func answer(_ exchange: HTTPExchange) async throws -> Response? {
        guard let path = StaticPath(exchange.path), let found = try await threads.runIfActive({ folder.find(path) }) else { return nil }
        switch exchange.method {
        case .get, .head: break
        case .options: return RequestPipeline.options(Self.methods)
        default: throw Problem.methodNotAllowed(allow: Self.methods)
        }
        switch found {
        case .file(let file, let name): return try await answer(exchange, file, name)
        case .folder:
            // Links within a page are relative to its folder.
            let query = exchange.rawQuery.map { "?\($0)" } ?? ""
            return Response(status: .movedPermanently, headers: [.location: "\(exchange.path)/\(query)", .cacheControl: Self.revalidate])
        }
    }

    private static let revalidate = "public, max-age=0, must-revalidate"
    private static let immutable = "public, max-age=31536000, immutable"

    private func answer(_ exchange: HTTPExchange, _ file: StaticFile, _ name: String) async throws -> Response {
        let type = StaticFileType.mediaType(of: name)
        let conditions = StaticConditions(facts: file.facts, now: now())
        var fields: HTTPFields = [
            .eTag: "\"\(file.facts.opaqueTag)\"", .lastModified: conditions.lastModified,
            .cacheControl: StaticFileType.hasContentHash(name) ? Self.immutable : Self.revalidate,
            .contentSecurityPolicy: Self.contentSecurityPolicy,
            // Anybody may have what is public, also by way of a network of caches with a name of its own.
            .crossOriginResourcePolicy: "cross-origin",
            // A page may open a window to sign in with somebody else, and use what its visitor grants it; what it frames may not.
            .crossOriginOpenerPolicy: "same-origin-allow-popups",
            .permissionsPolicy: Self.permissionsPolicy,
        ]
        switch try conditions.outcome(exchange) {
        case .notModified: return Response(status: .notModified, headers: fields)
        case .failed: throw Problem.preconditionFailed("The file is not the one that the request names.")
        case .proceed: break
        }
        fields[.contentType] = type.fieldValue
        fields[.acceptRanges] = "bytes"
        let size = file.facts.size
        // Only GET has ranges (RFC 9110, 14.2).
        let range = exchange.method == .get && conditions.allowsRange(exchange.header("if-range")) ? exchange.header("range") : nil
        switch ByteRange(range, size: size) {
        case .whole: return Response(status: .ok, headers: fields, body: try await body(file, 0..<size))
        case .unsatisfiable: throw Problem.rangeNotSatisfiable(size: size)
        case .part(let part):
            fields[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound)/\(size)"
            if type.isCompressible {
                fields.addVary("Accept-Encoding")
            }
            return Response(status: .partialContent, headers: fields, body: try await body(file, Range(part)))
        }
    }

    /// A short body is read at once, a long one while it is sent.
    private func body(_ file: StaticFile, _ range: Range<Int>) async throws -> ResponseBody {
        let piece = ResponseSink.pieceBytes
        if range.count <= piece {
            return ResponseBody(byteBuffer: try await threads.runIfActive { try file.read(from: range.lowerBound, count: range.count) })
        }
        return ResponseBody(contentLength: range.count) { [threads] writer in
            for start in stride(from: range.lowerBound, to: range.upperBound, by: piece) {
                let count = min(piece, range.upperBound - start)
                try await writer.write(try await threads.runIfActive { try file.read(from: start, count: count) })
            }
            try await writer.finish(nil)
        }
    }
}
