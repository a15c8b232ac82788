import SeaworthySQL
import SeaworthyStorage

/// Runs a session's statements on the connection that is on loan to it.
struct PostgresSession: DatabaseSession {
    private let statements: PostgresTransaction

    init(lease: Lease, loop: PostgresLoop) {
        statements = PostgresTransaction(lease: lease, loop: loop)
    }

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        try await statements.query(statement, into: reader)
    }

    func execute(_ statement: Statement) async throws -> Int {
        try await statements.execute(statement)
    }

    func transaction<Result: Sendable>(_ body: @Sendable (any DatabaseTransaction) async throws -> Result) async throws -> Result {
        _ = try await statements.execute(Statement(Self.begin))
        do {
            let result = try await body(statements)
            try Task.checkCancellation()
            // After a refused statement whose error the body kept to itself, COMMIT would roll back and say nothing; this does not.
            _ = try await statements.query(Statement(Self.ping), into: ValueRows())
            _ = try await statements.execute(Statement(Self.commit))
            return result
        } catch {
            // Also when the task was cancelled, which would keep the statement from being sent.
            let statements = statements
            await Task { _ = try? await statements.execute(Statement(Self.rollback)) }.value
            throw error
        }
    }

    private static let begin = SQLText("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    private static let ping = SQLText("SELECT 1")
    private static let commit = SQLText("COMMIT")
    private static let rollback = SQLText("ROLLBACK")
}
