/// A statement that took long. The values of its parameters are left out: they may be anybody's data.
package struct SlowStatement: Sendable {
    package let sql: String
    package let duration: Duration
    /// Rows that it gave or changed; 0 when it failed.
    package let rows: Int
    /// What it failed with, such as `statementTimeout`.
    package let error: StorageError.Code?
    /// How the database would run it whatever its values are, as the database says it; nil when it was told lately, when another one was
    /// being asked for, or when the database says nothing of such a statement.
    package internal(set) var plan: String?

    package init(sql: String, duration: Duration, rows: Int, error: StorageError.Code?, plan: String? = nil) {
        self.sql = sql
        self.duration = duration
        self.rows = rows
        self.error = error
        self.plan = plan
    }
}
