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

/// What was found out of tokens and sessions a moment ago. Whoever asks looks at the times in it each time.
final class KnownSessions: Sendable {
    /// How old what is known of a session may be before it is read again, while others go on with it.
    static let freshness: Duration = .milliseconds(500)
    /// How old it may be at most. With the time of a query it makes a second.
    static let longestAge: Duration = .milliseconds(800)
    /// The most tokens and sessions that are kept; when there are more, all are forgotten.
    static let maximumCount = 10_000

    enum Look {
        /// Nil for a session that has ended.
        case known(KnownSession?)
        /// The asker reads it, and says what it is with ``keep(_:of:)-(KnownSession?,_)``.
        case load
    }

    private struct Entry {
        var session: KnownSession?
        var loadedAt: ContinuousClock.Instant
        var isLoading = false
    }

    private struct State {
        var claims: [String: AccessTokens.Claims] = [:]
        var sessions: [String: Entry] = [:]
        /// Since when each session is read; gone where it was forgotten meanwhile: what was read before does not count.
        var loading: [String: ContinuousClock.Instant] = [:]
    }

    private let state = Mutex(State())
    private let clock: @Sendable () -> ContinuousClock.Instant

    init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.clock = clock
    }

    func claims(of token: String) -> AccessTokens.Claims? { state.withLock { $0.claims[token] } }

    func keep(_ claims: AccessTokens.Claims, of token: String) {
        state.withLock { state in
            if state.claims.count >= Self.maximumCount { state.claims.removeAll(keepingCapacity: true) }
            state.claims[token] = claims
        }
    }

    func look(_ session: String) -> Look {
        let now = clock()
        return state.withLock { state in
            guard let entry = state.sessions[session], entry.loadedAt.duration(to: now) < Self.longestAge else {
                state.loading[session] = now
                return .load
            }
            if entry.loadedAt.duration(to: now) >= Self.freshness, !entry.isLoading {
                state.sessions[session]?.isLoading = true
                state.loading[session] = now
                return .load
            }
            return .known(entry.session)
        }
    }

    func keep(_ known: KnownSession?, of session: String) {
        state.withLock { state in
            // What was forgotten meanwhile was read too early.
            guard let begun = state.loading.removeValue(forKey: session) else { return }
            if state.sessions.count >= Self.maximumCount { state.sessions.removeAll(keepingCapacity: true) }
            state.sessions[session] = Entry(session: known, loadedAt: begun)
        }
    }

    /// It could not be read.
    func giveUp(_ session: String) {
        state.withLock { state in
            state.loading[session] = nil
            state.sessions[session]?.isLoading = false
        }
    }

    func forget(_ session: String) {
        state.withLock { state in
            state.sessions[session] = nil
            state.loading[session] = nil
        }
    }

    func forgetAll(of user: String, but kept: String? = nil) {
        state.withLock { state in
            for (id, entry) in state.sessions where entry.session?.user.id == user && id != kept { state.sessions[id] = nil }
            state.loading.removeAll()
        }
    }
}
