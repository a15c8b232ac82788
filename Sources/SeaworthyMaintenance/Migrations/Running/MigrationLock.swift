import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Lets one node at a time change the tables.
///
/// On PostgreSQL by an advisory lock of the session, asked for again and again outside of a transaction: who waited for it in a statement
/// would keep `CREATE INDEX CONCURRENTLY` waiting. It goes with the connection, so with the process too. On SQLite each transaction has the
/// file's write lock from its begin.
struct MigrationLock: Sendable {
    /// The same for every version: «seaworth» in ASCII.
    static let key: Int64 = 0x7365_6177_6F72_7468

    let database: any Database
    let dialect: any Dialect
    let settings: MigrationSettings

    /// Runs `body` in a session that holds the lock.
    func with<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
        try await database.session { session in
            if dialect is PostgresDialect { try await acquire(session) }
            return try await body(session)
        }
    }

    private func acquire(_ session: any DatabaseSession) async throws {
        let end = Deadline(after: settings.nodeTimeout)
        while true {
            let rows = try await session.query(Statement("SELECT pg_try_advisory_lock(\(Self.key))"), into: ValueRows())
            if rows.first?.first == .integer(1) { return }
            guard !end.isPast else {
                throw MaintenanceError(
                    code: .locked, details: ["another node has been at the tables for longer than \(settings.nodeTimeout)"],
                    fix: "wait until it is done, or end its session: SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
            }
            try await Task.sleep(for: settings.pollInterval)
        }
    }

    /// Runs `body` in a transaction of the session, again when others were in its way and nothing of it stays.
    ///
    /// - Throws: ``MaintenanceError`` `migration_locked` when they were each time.
    func transaction<Result: Sendable>(
        _ session: any DatabaseSession, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        try await tries(what: "a table or row") { try await session.transaction(body) }
    }

    /// - Parameter what: what others may hold, for the error.
    func tries<Result>(what: String, _ body: () async throws -> Result) async throws -> Result {
        let end = Deadline(after: settings.nodeTimeout)
        var pause = settings.longestPause / 10
        var attempt = 0
        while true {
            do {
                return try await body()
            } catch let error as StorageError where error.code == .busy || error.code == .serializationFailure {
                attempt += 1
                // On SQLite the lock is the file's, which another node that migrates may hold for long.
                let isOver = dialect is SQLiteDialect ? end.isPast : attempt >= settings.tries
                guard !isOver else {
                    throw MaintenanceError(
                        code: .locked, details: ["\(what) was held by others each time (\(attempt) tries): \(error.message)"],
                        fix: "nothing was changed; end what holds it, or apply when there is less traffic")
                }
                try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                pause = min(pause * 2, settings.longestPause)
            }
        }
    }
}
