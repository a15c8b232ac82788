import HTTPTypes
import HummingbirdCore
import NIOCore

/// A file that is part of the executable, as it is answered: revalidated at each use, by a strong entity tag of its bytes.
struct EmbeddedFile: Sendable {
    let contentType: String
    let body: ByteBuffer
    /// Its tag without the quotes.
    let tag: String

    init(_ bytes: [UInt8], contentType: String) {
        self.contentType = contentType
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
        guard !isKnown else { return Response(status: .notModified, headers: fields) }
        fields[.contentType] = contentType
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: body))
    }

    /// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): it has to tell the files of two releases apart, not to resist anyone.
    private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
