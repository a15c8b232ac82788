import CSQLite
import SeaworthyStorage

/// Keeps the write-ahead log of a database from being begun anew, by a read transaction that is always open.
///
/// Whoever would begin the log anew waits for every reader whose snapshot is not copied into the database as a whole. The new transaction begins
/// before the old one ends, so that there is no moment without. <https://sqlite.org/walformat.html#wal_read_locks>
// @unchecked Sendable: both connections are used under `monitor` only.
package final class SQLiteLogHold: @unchecked Sendable {
    private static let busyMilliseconds: Int32 = 5_000

    private let monitor = Monitor()
    private let path: String
    /// Has the read transaction, when there is one.
    private var holding: OpaquePointer?
    private var spare: OpaquePointer?

    /// - Parameter path: the database's file. It is opened when it is held.
    package init(_ path: String) {
        self.path = path
    }

    deinit {
        close()
    }

    /// Begins a read transaction at the newest commit, then ends the one before.
    ///
    /// It holds only when there are frames that are not yet copied into the database. While the one before holds, those are the ones that came behind it.
    package func renew() throws {
        try monitor.withLock {
            let next = try spare ?? open()
            spare = next
            try run("BEGIN", next)
            do {
                // Takes the snapshot.
                try run("SELECT 1 FROM sqlite_schema LIMIT 1", next)
            } catch {
                sqlite3_exec(next, "ROLLBACK", nil, nil, nil)
                throw error
            }
            if let holding { sqlite3_exec(holding, "COMMIT", nil, nil, nil) }
            (holding, spare) = (next, holding)
        }
    }

    /// Ends the read transaction: from now on the log may be begun anew.
    package func release() {
        monitor.withLock { end() }
    }

    private func end() {
        guard let held = holding else { return }
        sqlite3_exec(held, "COMMIT", nil, nil, nil)
        holding = nil
        // The other one is kept only while both are needed.
        if spare == nil { spare = held } else { sqlite3_close_v2(held) }
    }

    /// Copies into the database what nobody needs in the log, up to the snapshot that is held. Waits for nobody, and holds nobody up.
    package func backfill() throws {
        try monitor.withLock {
            let connection = try spare ?? open()
            spare = connection
            try run("PRAGMA wal_checkpoint(PASSIVE)", connection)
        }
    }

    package func close() {
        monitor.withLock {
            end()
            if let spare { sqlite3_close_v2(spare) }
            spare = nil
        }
    }

    private func open() throws -> OpaquePointer {
        let connection = try SQLiteConnection.open(path: path, role: .writer, vfs: nil)
        sqlite3_busy_timeout(connection, Self.busyMilliseconds)
        do {
            try SQLiteConnection.keepLog(connection)
            try run("PRAGMA wal_autocheckpoint = 0", connection)
        } catch {
            sqlite3_close_v2(connection)
            throw error
        }
        return connection
    }

    private func run(_ text: String, _ connection: OpaquePointer) throws {
        let code = sqlite3_exec(connection, text, nil, nil, nil)
        guard code == SQLITE_OK else {
            let message = String(cString: sqlite3_errmsg(connection))
            throw StorageError(sqlite: code, message: "the log of \(path) cannot be held: \(message)", constraints: nil)
        }
    }
}
