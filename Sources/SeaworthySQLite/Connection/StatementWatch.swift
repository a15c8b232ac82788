import SeaworthySQL
import SeaworthyStorage

/// Who is told of the statements of a connection.
struct StatementWatch: Sendable {
    let metrics: DatabaseMetrics
    let slowStatements: SlowStatementWatch?

    func ran(_ operation: DatabaseMetrics.Operation, _ sql: SQLText, _ nanoseconds: UInt64, rows: Int, error: (any Error)?) {
        metrics.ran(operation, nanoseconds)
        slowStatements?.ran(sql.text, nanoseconds: nanoseconds, rows: rows, error: error)
    }
}
