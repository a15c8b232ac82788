import Synchronization

/// When this node last wrote down that a key was used, so that it does so seldom and never much at once.
final class KeyUses: Sendable {
    /// How long after a use the next one is written. A minute.
    static let interval: Duration = .seconds(60)
    /// The most that are written at the same time; a further use is written with the next request of its key.
    static let maximumWrites = 16
    /// The most keys of which it is known; when there are more, all are forgotten.
    static let maximumCount = 10_000

    private struct State {
        var begun: [String: Int64] = [:]
        var writes = 0
    }

    private let state = Mutex(State())

    /// Whether the asker is to write down a use, and to say ``end()`` then.
    ///
    /// - Parameters:
    ///   - stored: when the key was used last as far as the database knows, in microseconds since the epoch.
    func begin(_ key: String, stored: Int64?, now: Int64) -> Bool {
        func isRecent(_ time: Int64?) -> Bool { time.map { now - $0 < Self.interval.microseconds } ?? false }
        guard !isRecent(stored) else { return false }
        return state.withLock { state in
            guard !isRecent(state.begun[key]), state.writes < Self.maximumWrites else { return false }
            if state.begun.count >= Self.maximumCount { state.begun.removeAll(keepingCapacity: true) }
            state.begun[key] = now
            state.writes += 1
            return true
        }
    }

    /// Whether nothing is being written.
    var isIdle: Bool { state.withLock { $0.writes == 0 } }

    func end() { state.withLock { $0.writes -= 1 } }
}
