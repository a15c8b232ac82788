package import SeaworthySQL
import SeaworthySchema
import Tracing

/// A database whose statements and transactions are spans, whatever its driver is. Put around it only where traces are made.
///
/// The text of a statement is told, its values never.
package struct TracedDatabase: Database {
    private let base: any Database
    /// `db.system.name`.
    private let system: String

    package init(_ base: any Database, system: String) {
        self.base = base
        self.system = system
    }

    package var replicas: [ReplicaCondition] { base.replicas }

    package func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        guard let span = StatementSpan(statement.sql, on: system) else { return try await base.query(statement, into: reader) }
        let wait = PoolWait()
        return try await span.ending(wait) {
            try await PoolWait.$current.withValue(wait) { try await base.query(statement, into: reader) }
        }
    }

    package func transaction<Result: Sendable>(
        _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        guard let span = Traced.start("transaction") else { return try await base.transaction(mode, body) }
        span.attributes = ["db.system.name": .string(system), "seaworthy.transaction.mode": .string("\(mode)")]
        let wait = PoolWait()
        return try await Traced.within(span, isFault: Self.isFault) {
            try await base.transaction(mode) { transaction in
                wait.end()
                if let milliseconds = wait.milliseconds { span.updateAttributes { $0[StatementSpan.waitAttribute] = milliseconds } }
                return try await body(TracedTransaction(base: transaction, system: system))
            }
        }
    }

    /// What the body of a transaction refuses, such as an unknown record, is no failure of the database.
    private static func isFault(_ error: any Error) -> Bool { error is StorageError }

    package func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
        try await base.session(body)
    }

    package func probe() async throws {
        try await base.probe()
    }

    package func close() async {
        await base.close()
    }
}

/// The statements of a traced transaction.
private struct TracedTransaction: DatabaseTransaction {
    let base: any DatabaseTransaction
    let system: String

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        guard let span = StatementSpan(statement.sql, on: system) else { return try await base.query(statement, into: reader) }
        return try await span.ending { try await base.query(statement, into: reader) }
    }

    func execute(_ statement: Statement) async throws -> Int {
        guard let span = StatementSpan(statement.sql, on: system) else { return try await base.execute(statement) }
        return try await span.ending { try await base.execute(statement) }
    }

    func executeBatch(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) async throws -> [StorageError] {
        guard let span = StatementSpan(sql, on: system, rows: values.count / max(width, 1)) else {
            return try await base.executeBatch(sql, values: values, width: width, continuesOnError: continuesOnError)
        }
        return try await span.ending {
            try await base.executeBatch(sql, values: values, width: width, continuesOnError: continuesOnError)
        }
    }

    func deferReferences() async throws {
        try await base.deferReferences()
    }

    func checkReferences() async throws {
        try await base.checkReferences()
    }
}
