import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData

/// A page that is part of the executable. Only the scripts and styles run that it names itself, by a word that is another in each answer
/// (CSP Level 3, 7.1); so no cache keeps it.
struct EmbeddedPage: Sendable {
    /// What stands in the page for that word.
    static let placeholder = "{{nonce}}"

    private let pieces: [String]

    init(_ bytes: [UInt8]) {
        pieces = String(decoding: bytes, as: UTF8.self).split(separator: Self.placeholder, omittingEmptySubsequences: false).map(
            String.init)
    }

    /// - Throws: 400 for any parameter, of which the page takes none.
    func answer(_ exchange: HTTPExchange) throws(Problem) -> Response {
        if let item = try exchange.queryItems().first { throw .unknownParameter(item.name) }
        let nonce = RandomSecret.make()
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .contentSecurityPolicy: Self.policy(nonce),
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: pieces.joined(separator: nonce))))
    }

    /// The page reaches its own server, and nothing else; nothing within its texts becomes a script.
    static func policy(_ nonce: String) -> String {
        "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; img-src 'self' data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    }
}
