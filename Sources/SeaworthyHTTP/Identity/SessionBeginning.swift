import HummingbirdCore
import SeaworthyData

/// Answers who signs in, with tokens or with cookies.
struct SessionBeginning: Sendable {
    let identities: Identities
    let browser: BrowserSessions
    let answers: IdentityAnswers

    /// - Parameter signIn: what finds out who it is.
    func answer(
        _ mode: SessionMode, _ exchange: HTTPExchange, now: Int64, _ signIn: (IdentityContext) async throws -> Identities.SignedIn
    ) async throws -> Response {
        // Nobody has another's browser signed in as themselves (login CSRF).
        if mode == .cookie { try browser.requireOwnSite(exchange) }
        let signedIn = try await signIn(answers.context(exchange, now))
        // The browser forgets the session that it had, so nobody could end it any more (OWASP ASVS 5, 7.2.4).
        if mode == .cookie, let before = browser.refreshToken(in: exchange)?.session {
            try await identities.endReplacedSession(before, now: now)
        }
        return answers.answer(signedIn, mode, browser)
    }
}
