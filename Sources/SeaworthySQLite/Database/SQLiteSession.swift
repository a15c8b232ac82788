import SeaworthySQL
import SeaworthyStorage

/// Runs a session's statements on the writer's connection, which is on loan to it.
struct SQLiteSession: DatabaseSession {
    let lease: Lease

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        try await lease.run { try $0.query(statement, into: reader) }
    }

    func execute(_ statement: Statement) async throws -> Int {
        try await lease.run { try $0.execute(statement) }
    }

    func transaction<Result: Sendable>(_ body: @Sendable (any DatabaseTransaction) async throws -> Result) async throws -> Result {
        try await lease.run { try $0.beginInSession() }
        do {
            let result = try await body(SQLiteTransaction(lease: lease))
            try Task.checkCancellation()
            try await lease.run { try $0.commitInSession() }
            return result
        } catch {
            lease.rollbackInSession()
            throw error
        }
    }
}
