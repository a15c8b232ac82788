import HTTPTypes
import HummingbirdCore
import SeaworthyStorage

/// How a client's reads see its writes where replicas answer: a write's answer carries a token, in a header for programs and in a cookie for
/// browsers, and a read that brings it is answered by a replica that has the write, or by the primary.
enum ConsistencyToken {
    /// How long a browser keeps it: longer than a replica may be behind.
    static let maximumAge = 60
    private static let cookieName = "seaworthy_consistency"

    static func consistency(of exchange: HTTPExchange, by route: Route) -> ReadConsistency {
        var tokens: [Substring] = []
        if let field = exchange.header(HTTPField.Name.consistency.rawName) {
            tokens += field.elements(separatedBy: ",").filter { !$0.isEmpty }
        }
        tokens += exchange.cookies(cookieName)
        // A query that is too long for a URL comes by POST to `/v1/{entity}/query`.
        let isQuery = exchange.method == .post && route.path.hasSuffix("/query") && route.path.count(where: { $0 == "/" }) == 3
        return ReadConsistency(isReading: exchange.method == .get || exchange.method == .head || isQuery, tokens: tokens)
    }

    static func write(_ consistency: ReadConsistency, into response: inout Response) {
        guard let token = consistency.token else { return }
        response.headers[.consistency] = token
        response.headers.append(
            HTTPField(
                name: .setCookie, value: "\(cookieName)=\(token); Path=/; Max-Age=\(maximumAge); HttpOnly; SameSite=Lax"))
    }
}
