import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Removes answers that are not given again any more, some rows at a time, so that no transaction is long.
package struct IdempotencyRetention: Sendable {
    /// Rows removed in one transaction.
    static let step = 1000

    private let database: any Database
    private let removal: SQLText

    package init(_ store: RecordStore) {
        database = store.database
        removal = store.idempotency.removeExpired
    }

    /// - Parameter now: in microseconds since the epoch.
    /// - Returns: how many rows were removed.
    @discardableResult
    package func run(now: Int64) async throws -> Int {
        var removed = 0
        var count = Self.step
        while count == Self.step {
            try Task.checkCancellation()
            count = try await database.transaction(.write) { transaction in
                try await transaction.execute(Statement(removal, [.integer(now), .integer(Int64(Self.step))]))
            }
            removed += count
        }
        return removed
    }
}
