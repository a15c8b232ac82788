/// How long migrations wait for others. The one place of each default.
package struct MigrationSettings: Sendable {
    /// How long one try waits for a lock on PostgreSQL. Behind a statement that waits for a table queue all that come later, so it is short.
    package var lockTimeout: Duration = .seconds(1)
    /// How often a migration is tried that others kept from its locks.
    package var tries = 12
    /// The longest pause between two tries; it begins at a tenth and doubles.
    package var longestPause: Duration = .seconds(5)
    /// How long an index that is built concurrently waits for transactions that were open before it.
    package var indexLockTimeout: Duration = .seconds(600)
    /// How long a node waits for another that migrates.
    package var nodeTimeout: Duration = .seconds(600)
    /// How often it looks whether the other is done.
    package var pollInterval: Duration = .milliseconds(250)

    package init() {}
}
