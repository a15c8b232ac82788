import CPostgreSQL
import SeaworthyStorage

/// How the server would run a statement whatever its parameters are.
enum StatementPlan {
    /// What asking for a plan may take at the server.
    private static let timeLimit: Duration = .seconds(5)

    /// Asks on a connection of its own, which goes with the answer.
    static func explain(_ sql: String, _ settings: PostgresSettings) async -> String? {
        await withCheckedContinuation { continuation in
            do throws(StorageError) {
                try startThread {
                    _ = seaworthy_postgres_name_thread("postgres-plan")
                    continuation.resume(returning: ask(sql, settings))
                }
            } catch {
                continuation.resume(returning: nil)
            }
        }
    }

    /// Blocks the thread.
    ///
    /// The statement is prepared, so that its values stay unknown, and never run: EXPLAIN without ANALYZE only plans. All is in one
    /// transaction, so that behind a pooler it is one session, which keeps nothing.
    private static func ask(_ sql: String, _ settings: PostgresSettings) -> String? {
        guard let connection = try? OpenedConnection(settings, purpose: .statements) else { return nil }
        defer { connection.close() }
        let milliseconds = timeLimit.nanoseconds / 1_000_000
        for text in [
            "BEGIN READ ONLY", "SET LOCAL statement_timeout = \(milliseconds)", "SET LOCAL plan_cache_mode = force_generic_plan",
            "SAVEPOINT plan",
        ] {
            guard connection.run(text) != nil else { return nil }
        }
        defer { connection.run("ROLLBACK") }
        guard let count = connection.prepare(sql, name: "seaworthy_plan") else { return nil }
        let values = count == 0 ? "" : "(\(Array(repeating: "NULL", count: count).joined(separator: ", ")))"
        let rows = connection.run("EXPLAIN EXECUTE seaworthy_plan\(values)")
        if rows == nil { connection.run("ROLLBACK TO SAVEPOINT plan") }
        connection.run("DEALLOCATE seaworthy_plan")
        // What the server says, in no other language, of statements such as DO.
        guard rows?.first != ["Utility statements have no plan structure"] else { return nil }
        return rows?.map { $0.joined(separator: " ") }.joined(separator: "\n")
    }
}
