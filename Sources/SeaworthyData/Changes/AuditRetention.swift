import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Removes changes that are older than their entity keeps them, some at a time, so that no transaction is long.
package struct AuditRetention: Sendable {
    /// Changes removed in one transaction.
    static let step = 1000

    private let database: any Database
    private let removal: SQLText
    private let keeps: [(entity: String, seconds: Int)]

    package init(_ store: RecordStore) {
        database = store.database
        removal = store.audit.removal
        keeps = store.schema.entities.compactMap { entity in entity.audit?.keepSeconds.map { (entity.name, $0) } }
    }

    /// Whether there is anything to do at all.
    package var isNeeded: Bool { !keeps.isEmpty }

    /// Removes what is too old at a time, in microseconds since the epoch, and gives how many changes that were.
    @discardableResult
    package func run(now: Int64) async throws -> Int {
        var removed = 0
        for (entity, seconds) in keeps {
            let oldest = now - Int64(seconds) * 1_000_000
            var count = Self.step
            while count == Self.step {
                try Task.checkCancellation()
                count = try await database.transaction(.write) { transaction in
                    try await transaction.execute(
                        Statement(removal, [.text(entity), .integer(oldest), .integer(Int64(Self.step))]))
                }
                removed += count
            }
        }
        return removed
    }
}
