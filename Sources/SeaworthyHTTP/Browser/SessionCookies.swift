import HTTPTypes
import SeaworthyData
import SeaworthySchema

/// The cookies in which a browser keeps its session: no script reads them, none goes out in clear, and each is signed, for its name.
///
/// `__Host-` binds them to this very host (RFC 6265bis, 4.1.3), so that no neighbour sets or reads one. Only with a domain, which its hosts
/// share, it is `__Secure-`.
struct SessionCookies: Sendable {
    enum Name: String, Sendable, CaseIterable {
        /// The access token.
        case access
        /// The session's id and its refresh token.
        case refresh
        /// What `X-CSRF-Token` has to repeat.
        case csrf
    }

    private let signature: KeyedHash
    private let domain: String?

    /// - Parameter domain: whose hosts share the cookies.
    init(secretKeys: [[UInt8]], domain: String?) {
        signature = KeyedHash(secretKeys: secretKeys, purpose: "session cookie")
        self.domain = domain
    }

    func field(_ name: Name) -> String { "\(domain == nil ? "__Host-" : "__Secure-")seaworthy-\(name.rawValue)" }

    /// The value of a cookie that was set here; nil where there is none, or another.
    func value(_ name: Name, in exchange: HTTPExchange) -> String? {
        guard let text = exchange.cookie(field(name)), let dot = text.lastIndex(of: ".") else { return nil }
        let value = String(text[..<dot])
        let given = String(text[text.index(after: dot)...])
        return signature.hashes(of: signed(name, value)).contains { $0.isSameSecret(as: given) } ? value : nil
    }

    /// - Parameter value: of unreserved characters.
    func set(_ name: Name, _ value: String, lifetime: Duration, in fields: inout HTTPFields) {
        let signed = "\(value).\(signature.hash(of: signed(name, value)))"
        fields.append(HTTPField(name: .setCookie, value: text(name, signed, seconds: lifetime.components.seconds)))
    }

    func clear(_ name: Name, in fields: inout HTTPFields) {
        fields.append(HTTPField(name: .setCookie, value: text(name, "", seconds: 0)))
    }

    /// Links from elsewhere lead to somebody who is signed in, so reads take the access token along; nothing else does.
    private func text(_ name: Name, _ value: String, seconds: Int64) -> String {
        let site = name == .access ? "Lax" : "Strict"
        let shared = domain.map { "; Domain=\($0)" } ?? ""
        return "\(field(name))=\(value); Path=/\(shared); Max-Age=\(seconds); HttpOnly; Secure; SameSite=\(site)"
    }

    /// What is signed is said with its name: one cookie is of no use as another.
    private func signed(_ name: Name, _ value: String) -> String { "\(name.rawValue)=\(value)" }
}
