import CSQLite
import SeaworthyStorage

extension SQLiteConnection {
    /// Pages copied between two looks at whether the copy is still wanted.
    private static let copiedPages: Int32 = 1_024

    /// Writes what this connection's transaction sees into a new file. <https://sqlite.org/c3ref/backup_finish.html>
    ///
    /// The snapshot of the open transaction holds from the first page to the last: others write meanwhile, and the copy does not begin anew.
    func copy(to path: String) throws {
        var destination: OpaquePointer?
        let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let opened = sqlite3_open_v2(path, &destination, flags, nil)
        defer { sqlite3_close_v2(destination) }
        func refusal(_ code: Int32) -> StorageError {
            let text = destination.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
            return StorageError(sqlite: code, message: "the copy \(path) cannot be written: \(text)", constraints: nil)
        }
        guard opened == SQLITE_OK else { throw refusal(opened) }
        // The caller brings the file to the disk; until then nobody relies on it.
        sqlite3_exec(destination, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", nil, nil, nil)
        guard let backup = sqlite3_backup_init(destination, "main", handle, "main") else {
            throw refusal(sqlite3_errcode(destination))
        }
        var code: Int32
        repeat {
            code = sqlite3_backup_step(backup, Self.copiedPages)
        } while code == SQLITE_OK && !interruption.shouldStopBetween()
        let finished = sqlite3_backup_finish(backup)
        guard code != SQLITE_OK else { throw failure(SQLITE_INTERRUPT) }
        guard code == SQLITE_DONE, finished == SQLITE_OK else { throw refusal(code == SQLITE_DONE ? finished : code) }
    }
}
