/// A part of a migration: statements that belong together, and what is to be known of them.
struct MigrationStep: Sendable, Equatable {
    /// Which of a plan's files the step goes into, in the order in which they are applied. Only PostgreSQL has others than the first.
    enum Phase: Int, Sendable, CaseIterable {
        /// In one transaction.
        case change
        /// In a transaction of its own, which locks rows and no table.
        case fill
        /// One statement outside of any transaction, in a file of its own.
        case concurrently
        /// In a transaction of its own, and short.
        case declare
        /// In a transaction of its own, whose locks let the traffic through.
        case validate
        /// In a transaction of its own, and short.
        case finish
    }

    var phase = Phase.change
    var summary: String
    var statements: [String]
    /// What undoes it, for another phase than the first, which is undone as a whole.
    var undo: [String] = []
    var risks: [MigrationRisk] = []
}

/// Why a step is to be looked at before it is applied where there is traffic.
package struct MigrationRisk: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Every row is written anew.
        case rewrite
        /// Others wait for the table longer than for a moment.
        case longLock = "long_lock"
        /// The column takes fewer values than before.
        case narrowing
        /// What is stored goes away.
        case dataLoss = "data_loss"
        /// Rows get a value that they did not have.
        case backfill
        /// Every row is read, while others go on.
        case scan
    }

    package var kind: Kind
    /// `sqlite` or `postgres`; nil for both.
    package var dialect: String?
    package var why: String

    package var text: String {
        "\(kind.rawValue)\(dialect.map { " on \($0)" } ?? ""): \(why)"
    }
}
