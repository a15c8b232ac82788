import Synchronization

/// How many bodies may be spooled and imported at once: each takes disk space, and the database writes one after another anyway.
final class ImportSlots: Sendable {
    /// The most imports at once of one server; the next is refused with 503.
    static let defaultLimit = 4

    private let limit: Int
    private let taken = Mutex(0)

    init(limit: Int = defaultLimit) {
        self.limit = limit
    }

    /// Runs the body when there is a place for it.
    ///
    /// - Throws: ``Problem`` 503 when there is none.
    func with<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let isFree = taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        guard isFree else {
            throw Problem.unavailable("\(limit) imports are under way; send this one again later.", retryAfter: .seconds(5))
        }
        defer { taken.withLock { $0 -= 1 } }
        return try await body()
    }
}
