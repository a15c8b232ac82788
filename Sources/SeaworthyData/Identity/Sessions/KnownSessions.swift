import Synchronization

/// A session that goes on, with its user.
final class KnownSession: Sendable {
    let user: User
    /// Made once, since every request asks for it.
    let caller: Caller
    /// In microseconds since the epoch.
    let expiresAt: Int64

    init(user: User, expiresAt: Int64) {
        self.user = user
        self.expiresAt = expiresAt
        caller = user.caller
    }
}

/// What was found out of tokens, sessions and API keys a moment ago. Whoever asks looks at the times in it each time.
final class KnownSessions: Sendable {
    /// How old what is known of a session may be before it is read again, while others go on with it.
    static let freshness: Duration = .milliseconds(500)
    /// How old it may be at most. With the time of a query it makes a second.
    static let longestAge: Duration = .milliseconds(800)
    /// The most tokens, sessions and keys that are kept, of each; when there are more, all are forgotten.
    static let maximumCount = 10_000

    typealias Look = RecentlyKnown<KnownSession>.Look

    /// By their prefixes. One that nobody has is not kept, so that guessing forgets no others.
    let keys: RecentlyKnown<KnownKey>
    private let sessions: RecentlyKnown<KnownSession>
    private let claims = Mutex<[String: AccessTokens.Claims]>([:])

    init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        sessions = RecentlyKnown(clock: clock) { $0.user.id }
        keys = RecentlyKnown(clock: clock) { $0.user.id }
    }

    func claims(of token: String) -> AccessTokens.Claims? { claims.withLock { $0[token] } }

    func keep(_ claims: AccessTokens.Claims, of token: String) {
        self.claims.withLock { known in
            if known.count >= Self.maximumCount { known.removeAll(keepingCapacity: true) }
            known[token] = claims
        }
    }

    func look(_ session: String) -> Look { sessions.look(session) }

    func keep(_ known: KnownSession?, of session: String) { sessions.keep(known, of: session) }

    /// It could not be read.
    func giveUp(_ session: String) { sessions.giveUp(session) }

    func forget(_ session: String) { sessions.forget(session) }

    /// Every session of a user but one, and every key.
    func forgetAll(of user: String, but kept: String? = nil) {
        sessions.forgetAll(of: user, but: kept)
        keys.forgetAll(of: user)
    }
}
