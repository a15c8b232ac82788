import HTTPTypes
import HummingbirdCore
import NIOCore

/// A file that is part of the executable, as it is answered: revalidated at each use, by a strong entity tag of its bytes.
struct EmbeddedFile: Sendable {
    let contentType: String
    let body: ByteBuffer
    /// Its tag without the quotes.
    let tag: String
    private let policy: String?

    /// - Parameter policy: the `Content-Security-Policy` of a page; nil leaves the one that every answer has.
    init(_ bytes: [UInt8], contentType: String, policy: String? = nil) {
        self.contentType = contentType
        self.policy = policy
        body = ByteBuffer(bytes: bytes)
        tag = "\(String(Self.fingerprint(bytes), radix: 16))-\(String(bytes.count, radix: 16))"
    }

    /// The file, or 304 to a client that has it.
    ///
    /// - Throws: 400 for any parameter, of which the file takes none, and for a broken `If-None-Match`.
    func answer(_ exchange: HTTPExchange) throws(Problem) -> Response {
        if let item = try exchange.queryItems().first { throw .unknownParameter(item.name) }
        let isKnown = try exchange.ifNoneMatch()?.matches(weak: tag) ?? false
        var fields: HTTPFields = [.eTag: "\"\(tag)\"", .cacheControl: "no-cache"]
        // A 304 brings its fields into the answer that the client keeps (RFC 9111, 4.3.4): this one must not lose its policy there.
        if let policy { fields[.contentSecurityPolicy] = policy }
        guard !isKnown else { return Response(status: .notModified, headers: fields) }
        fields[.contentType] = contentType
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: body))
    }

    /// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): it has to tell the files of two releases apart, not to resist anyone.
    private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
