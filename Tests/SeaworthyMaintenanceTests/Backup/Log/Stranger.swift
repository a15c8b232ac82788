import CSQLite
import SeaworthyStorage

/// Another program that opens the database, with the library's own defaults.
enum Stranger {
    /// Opens the file, runs the text, and closes the file.
    static func run(_ text: String, on path: String) throws {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let handle else {
            throw StorageError(.cannotOpen, message: path)
        }
        sqlite3_busy_timeout(handle, 20)
        guard sqlite3_exec(handle, text, nil, nil, nil) == SQLITE_OK else {
            throw StorageError(.failed, message: "\(text): \(String(cString: sqlite3_errmsg(handle)))")
        }
    }
}
