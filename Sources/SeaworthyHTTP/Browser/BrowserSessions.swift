import HTTPTypes
package import SeaworthyData
import SeaworthySchema

/// Sessions whose tokens a browser keeps in cookies, and what makes sure that the page that uses them is one of ours: the browser says where
/// a request comes from, and every change repeats a token that only our pages can have read (OWASP: signed double-submit cookie).
package struct BrowserSessions: Sendable {
    /// The field in which a change repeats the token.
    static let tokenField = "X-CSRF-Token"

    private let cookies: SessionCookies
    private let tokens: KeyedHash
    private let own: WebOrigin?
    private let allowed: AllowedOrigins
    private let accessLifetime: Duration
    private let refreshLifetime: Duration

    /// - Parameters:
    ///   - settings: how long tokens are good, and the server's address.
    ///   - domain: whose hosts share the cookies; nil for this host alone.
    ///   - allowed: whose pages are as good as the server's own.
    package init(secretKeys: [[UInt8]], settings: IdentitySettings, domain: String? = nil, allowed: AllowedOrigins = AllowedOrigins()) {
        cookies = SessionCookies(secretKeys: secretKeys, domain: domain)
        tokens = KeyedHash(secretKeys: secretKeys, purpose: "csrf")
        own = settings.publicURL.flatMap { url in WebOrigin(Self.origin(of: url)) }
        self.allowed = allowed
        accessLifetime = settings.accessTokenLifetime
        refreshLifetime = settings.refreshTokenLifetime
    }

    /// Without its path.
    private static func origin(of url: String) -> Substring {
        guard let start = url.firstRange(of: "://")?.upperBound else { return url[...] }
        return url[..<(url[start...].firstIndex(of: "/") ?? url.endIndex)]
    }

    // MARK: Tokens in cookies

    func accessToken(in exchange: HTTPExchange) -> String? { cookies.value(.access, in: exchange) }

    func refreshToken(in exchange: HTTPExchange) -> (session: String, token: String)? {
        let parts = cookies.value(.refresh, in: exchange)?.split(separator: ".")
        guard let parts, parts.count == 2 else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    func start(_ signedIn: Identities.SignedIn, in fields: inout HTTPFields) {
        cookies.set(.access, signedIn.accessToken, lifetime: accessLifetime, in: &fields)
        cookies.set(.refresh, "\(signedIn.session).\(signedIn.refreshToken)", lifetime: refreshLifetime, in: &fields)
    }

    /// A token that is not good any more leaves the browser with the answer, so that what needs nobody is answered again.
    ///
    /// - Parameter endsSession: whether the others are of no use either.
    func refusal(_ error: IdentityError, endsSession: Bool = false) -> Problem {
        var problem = ProblemMapping.problem(error, nil)
        if endsSession {
            end(in: &problem.headers)
        } else {
            cookies.clear(.access, in: &problem.headers)
        }
        return problem
    }

    /// Takes every cookie out of the browser.
    func end(in fields: inout HTTPFields) {
        for name in SessionCookies.Name.allCases { cookies.clear(name, in: &fields) }
    }

    // MARK: Requests of our own pages

    /// The token for the changes of a session, which a cookie keeps as well: the one that is there, so that all pages of a browser have the
    /// same, or a new one.
    func changeToken(of session: String, _ exchange: HTTPExchange, in fields: inout HTTPFields) -> String {
        if let kept = cookies.value(.csrf, in: exchange), isToken(kept, of: session) { return kept }
        let value = RandomSecret.make(bytes: 16)
        let token = "\(value).\(tokens.hash(of: bound(value, session)))"
        cookies.set(.csrf, token, lifetime: refreshLifetime, in: &fields)
        return token
    }

    /// Makes sure that a request with cookies is one of our own pages, which has asked for a token.
    ///
    /// - Throws: 403 `cross_site_request`, `csrf_token_missing`, `csrf_token_invalid`.
    func requireOwnChange(_ exchange: HTTPExchange, session: String) throws(Problem) {
        try requireOwnSite(exchange)
        guard let given = exchange.header(Self.tokenField) else {
            throw Self.refusal(.csrfTokenMissing, "A change with cookies needs \(Self.tokenField): have a token from GET /v1/auth/csrf.")
        }
        guard let kept = cookies.value(.csrf, in: exchange), kept.isSameSecret(as: given), isToken(given, of: session) else {
            throw Self.refusal(
                .csrfTokenInvalid, "\(Self.tokenField) is not of this session in this browser: have another from GET /v1/auth/csrf.")
        }
    }

    private func isToken(_ token: String, of session: String) -> Bool {
        guard let dot = token.firstIndex(of: ".") else { return false }
        let given = String(token[token.index(after: dot)...])
        return tokens.hashes(of: bound(String(token[..<dot]), session)).contains { $0.isSameSecret(as: given) }
    }

    private func bound(_ value: String, _ session: String) -> String { "\(session).\(value)" }

    /// Makes sure that no page of others sends a request. Programs say nothing of pages, and have to bring more than cookies.
    ///
    /// - Throws: 403 `cross_site_request`.
    func requireOwnSite(_ exchange: HTTPExchange) throws(Problem) {
        if let text = exchange.header("origin") {
            guard isOwn(text, exchange) || allowed.permission(text, in: RouteGroup(path: exchange.path) ?? .data) == .credentials else {
                throw Self.refusal(
                    .crossSite, "The page that sends this is not of this server. The operator allows its origin by CORS_ALLOWED_ORIGINS.")
            }
            return
        }
        if let site = exchange.header("sec-fetch-site"), site != "same-origin", site != "none" {
            throw Self.refusal(.crossSite, "The page that sends this is not of this server.")
        }
    }

    /// Behind a proxy that says nothing only the host tells. Where clients come by HTTPS, a page that came in clear may be anybody's.
    private func isOwn(_ text: String, _ exchange: HTTPExchange) -> Bool {
        guard let origin = WebOrigin(text) else { return false }
        if origin == own { return true }
        guard origin.scheme == "https" || !(exchange.isSecure || own?.scheme == "https"), let host = exchange.host,
            let authority = WebOrigin.authority(host, scheme: origin.scheme)
        else { return false }
        return authority == (origin.host, origin.port)
    }

    private static func refusal(_ code: ProblemCode, _ detail: String) -> Problem {
        Problem(status: .forbidden, code: code, detail: detail)
    }
}
