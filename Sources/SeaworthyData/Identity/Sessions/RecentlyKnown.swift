import Synchronization

/// What was found out a moment ago of things that belong to somebody. Whoever asks looks at the times in it each time.
final class RecentlyKnown<Subject: Sendable>: Sendable {
    enum Look {
        /// Nil for one that has ended.
        case known(Subject?)
        /// The asker reads it, and says what it is with ``keep(_:of:)``.
        case load
    }

    private struct Entry {
        var subject: Subject?
        var loadedAt: ContinuousClock.Instant
        var isLoading = false
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Since when each is read; gone where it was forgotten meanwhile: what was read before does not count.
        var loading: [String: ContinuousClock.Instant] = [:]
    }

    private let state = Mutex(State())
    private let owner: @Sendable (Subject) -> String
    private let clock: @Sendable () -> ContinuousClock.Instant

    /// - Parameter owner: the id of the user whom a subject belongs to.
    init(clock: @escaping @Sendable () -> ContinuousClock.Instant, owner: @escaping @Sendable (Subject) -> String) {
        self.clock = clock
        self.owner = owner
    }

    func look(_ id: String) -> Look {
        let now = clock()
        return state.withLock { state in
            guard let entry = state.entries[id], entry.loadedAt.duration(to: now) < KnownSessions.longestAge else {
                state.loading[id] = now
                return .load
            }
            if entry.loadedAt.duration(to: now) >= KnownSessions.freshness, !entry.isLoading {
                state.entries[id]?.isLoading = true
                state.loading[id] = now
                return .load
            }
            return .known(entry.subject)
        }
    }

    func keep(_ known: Subject?, of id: String) {
        state.withLock { state in
            // What was forgotten meanwhile was read too early.
            guard let begun = state.loading.removeValue(forKey: id) else { return }
            if state.entries.count >= KnownSessions.maximumCount { state.entries.removeAll(keepingCapacity: true) }
            state.entries[id] = Entry(subject: known, loadedAt: begun)
        }
    }

    /// It could not be read, or is nothing to keep.
    func giveUp(_ id: String) {
        state.withLock { state in
            state.loading[id] = nil
            state.entries[id]?.isLoading = false
        }
    }

    func forget(_ id: String) {
        state.withLock { state in
            state.entries[id] = nil
            state.loading[id] = nil
        }
    }

    func forgetAll(of user: String, but kept: String? = nil) {
        state.withLock { state in
            for (id, entry) in state.entries where id != kept {
                if let subject = entry.subject, owner(subject) == user { state.entries[id] = nil }
            }
            state.loading.removeAll()
        }
    }
}
