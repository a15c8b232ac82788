/// Whether what a store tells of versions can be believed: as long as it has not been away, and every change could be told.
struct CacheTrust: Sendable, Equatable {
    /// What was known when it was begun to take away what all versions have in common.
    struct Attempt: Sendable, Equatable {
        fileprivate let recoveries: UInt64
        fileprivate let doubts: UInt64
    }

    /// How often it had come back when all was last known to be right; nil where something is not.
    private var recoveries: UInt64?
    private var doubts: UInt64 = 0

    init() {}

    /// - Parameter recoveries: how often the store has come back.
    func holds(_ recoveries: UInt64) -> Bool { self.recoveries == recoveries }

    /// A change could not be told.
    ///
    /// - Returns: whether nobody was in doubt before.
    mutating func doubt() -> Bool {
        doubts += 1
        defer { recoveries = nil }
        return recoveries != nil || doubts == 1
    }

    func begin(_ recoveries: UInt64) -> Attempt { Attempt(recoveries: recoveries, doubts: doubts) }

    /// It was taken away.
    ///
    /// - Returns: whether all is right now. A change that failed in the meantime may have come after what was taken away was asked for anew.
    mutating func end(_ attempt: Attempt) -> Bool {
        guard attempt.doubts == doubts else { return false }
        recoveries = attempt.recoveries
        return true
    }
}
