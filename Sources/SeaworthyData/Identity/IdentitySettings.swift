/// How identities are kept.
package struct IdentitySettings: Sendable {
    /// How long an access token is good. Default 15 minutes.
    package var accessTokenLifetime: Duration = .seconds(15 * 60)
    /// How long a session lasts after its last refresh. Default 7 days.
    package var refreshTokenLifetime: Duration = .seconds(7 * 86_400)
    /// How long a session lasts at most, however often it is refreshed. Default 90 days.
    package var longestSession: Duration = .seconds(90 * 86_400)
    /// The sessions of a user at the same time; the one that was seen longest ago ends for a further one. Default 50.
    package var maximumSessions = 50
    /// How long what came by mail to prove an address is good. Default 1 day.
    package var verificationLifetime: Duration = .seconds(86_400)
    /// How long what came by mail to set a new password is good. Default 30 minutes.
    package var resetLifetime: Duration = .seconds(30 * 60)
    /// How long attempts to sign in are kept. Default 90 days.
    package var signInRetention: Duration = .seconds(90 * 86_400)
    /// The server's address as clients see it, without a slash at its end: for links in mails, and as the issuer of tokens.
    package var publicURL: String?
    /// What passwords cost to hash.
    package var password = PasswordParameters()
    /// Passwords hashed at the same time.
    package var passwordThreads = 1

    package init() {}
}

extension Duration {
    /// In whole microseconds.
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
