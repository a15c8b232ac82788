import HTTPTypes
import NIOCore
import NIOHTTP1
import SeaworthyData

extension HTTPExchange {
    /// The most characters of a key.
    static let maximumIdempotencyKey = 255

    /// What the client named the request by (draft-ietf-httpapi-idempotency-key-header-07); nil where it did not.
    ///
    /// The draft has a string of structured fields (RFC 8941, 3.3.3), `"8e03978e"`, which is taken for what it contains; most clients send the
    /// same without quotation marks.
    ///
    /// - Throws: 400 `bad_request` naming the field, when it stands twice or is no key.
    func idempotencyKey() throws(Problem) -> String? {
        let name = "Idempotency-Key"
        let fields = head.headers[name]
        guard let field = fields.first else { return nil }
        guard fields.count == 1, let key = Self.idempotencyKey(field) else {
            let detail =
                "\(name) stands once, and has 1 to \(Self.maximumIdempotencyKey) visible ASCII characters, by themselves or as a string in quotes."
            throw .badRequest(detail, errors: [ProblemItem(.header(name), code: .badRequest, detail: detail)])
        }
        return key
    }

    private static func idempotencyKey(_ field: String) -> String? {
        var key = field
        if field.utf8.first == UInt8(ascii: "\"") {
            var scanner = FieldScanner(field)
            guard let text = scanner.structuredString(), scanner.isAtEnd else { return nil }
            key = text
        }
        guard (1...maximumIdempotencyKey).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return key
    }

    /// With the query, since what it says is carried out too.
    private var target: String { "\(path)?\(rawQuery ?? "")" }

    /// What tells the request from others, where its body is at hand.
    func fingerprint(_ type: MediaType, _ body: ByteBuffer) -> RequestFingerprint {
        RequestFingerprint(method: method.rawValue, target: target, mediaType: type.essence, body: body)
    }

    /// The same, where the body is in a file.
    func fingerprint(_ type: MediaType, _ body: any ImportSource) throws -> RequestFingerprint {
        try RequestFingerprint(method: method.rawValue, target: target, mediaType: type.essence, body: body)
    }
}
