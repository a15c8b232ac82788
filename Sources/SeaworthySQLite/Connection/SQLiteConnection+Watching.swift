import CSQLite
import SeaworthySQL
import SeaworthyStorage

extension SQLiteConnection {
    /// Runs a statement and tells how long it took.
    ///
    /// - Parameter body: runs it, and counts the rows that it gives or changes.
    func watched<Result>(
        _ operation: DatabaseMetrics.Operation, _ sql: SQLText, _ body: (inout Int) throws -> Result
    ) throws -> Result {
        var count = 0
        guard let watch else { return try body(&count) }
        let start = Deadline.now.nanoseconds
        do {
            let result = try body(&count)
            watch.ran(operation, sql, Deadline.now.nanoseconds - start, rows: count, error: nil)
            return result
        } catch {
            watch.ran(operation, sql, Deadline.now.nanoseconds - start, rows: count, error: error)
            throw error
        }
    }

    /// How SQLite would run a statement whatever its parameters are; nil for one that it says nothing of. Does not run it.
    /// <https://sqlite.org/eqp.html>
    func plan(of sql: String) throws -> String? {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v2(self.handle, "EXPLAIN QUERY PLAN " + sql, -1, &handle, nil)
        guard code == SQLITE_OK, let handle else { throw failure(code) }
        defer { sqlite3_finalize(handle) }
        var depths: [Int32: Int] = [0: -1]
        var lines: [String] = []
        while sqlite3_step(handle) == SQLITE_ROW {
            let depth = (depths[sqlite3_column_int(handle, 1)] ?? -1) + 1
            depths[sqlite3_column_int(handle, 0)] = depth
            let text = sqlite3_column_text(handle, 3).map { String(cString: $0) } ?? ""
            lines.append(String(repeating: "  ", count: depth) + text)
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}
