import CSQLite
import SeaworthySchema
import SeaworthyStorage

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension SQLiteConnection {
    /// Once for the process, before SQLite's first use: threads that allocate would otherwise meet at one mutex.
    private static let isMemoryStatisticsOff = seaworthy_sqlite_disable_memory_statistics() == SQLITE_OK

    static func open(path: String, role: Role, vfs: String?) throws(StorageError) -> OpaquePointer {
        _ = isMemoryStatisticsOff
        // No mutex: the connection is confined to its thread.
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        switch role {
        case .writer: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .reader: flags |= SQLITE_OPEN_READONLY
        }
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, flags, vfs)
        guard let handle else {
            throw StorageError(.cannotOpen, message: "\(path): no memory for a connection")
        }
        guard code == SQLITE_OK else {
            let systemError = sqlite3_system_errno(handle)
            let message = String(cString: sqlite3_errmsg(handle))
            sqlite3_close_v2(handle)
            throw openingError(code, path: path, message: message, systemError: systemError)
        }
        return handle
    }

    /// Says what is wrong with the path, which SQLite's own «unable to open database file» does not.
    private static func openingError(_ code: Int32, path: String, message: String, systemError: Int32) -> StorageError {
        var status = stat()
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let problem: String? =
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                "it is a folder, not a file"
            } else if !folder.isEmpty, stat(folder, &status) != 0 {
                "the folder \(folder) cannot be reached: \(String(cString: strerror(errno)))"
            } else if systemError != 0 {
                String(cString: strerror(systemError))
            } else {
                nil
            }
        var error = StorageError(sqlite: code, message: message, constraints: nil)
        error.message = "the database \(path) cannot be opened: \(problem ?? message)"
        return error
    }

    /// Sets everything that holds for a connection's life. <https://sqlite.org/pragma.html>, <https://sqlite.org/security.html>
    func configure(role: Role, path: String, settings: SQLiteSettings) throws {
        let pointer = Unmanaged.passUnretained(interruption).toOpaque()
        sqlite3_busy_handler(
            handle,
            { pointer, attempt in
                guard let pointer else { return 0 }
                return Unmanaged<Interruption>.fromOpaque(pointer).takeUnretainedValue().waitsForLock(attempt: attempt) ? 1 : 0
            }, pointer)
        sqlite3_progress_handler(
            handle, Interruption.instructions,
            { pointer in
                guard let pointer else { return 0 }
                return Unmanaged<Interruption>.fromOpaque(pointer).takeUnretainedValue().shouldStop() ? 1 : 0
            }, pointer)
        let switches = [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_ENABLE_FKEY, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
            (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_DQS_DML, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ]
        for (option, value) in switches {
            var current: Int32 = -1
            let code = seaworthy_sqlite_db_config(handle, Int32(option), Int32(value), &current)
            guard code == SQLITE_OK, current == value else {
                throw StorageError(.cannotOpen, message: "this SQLite (\(String(cString: sqlite3_libversion()))) has no option \(option)")
            }
        }
        if settings.keepsLog { try Self.keepLog(handle) }
        try registerFoldingFunctions()
        if role == .writer { reserveControl() }
        do {
            if role == .writer { try becomeWriter(path: path, settings: settings) }
            try run("PRAGMA temp_store = MEMORY")
            try run("PRAGMA cache_size = -\(max(settings.pageCacheBytes / 1_024, 16))")
            try run("PRAGMA mmap_size = \(max(settings.memoryMapBytes, 0))")
            // The first real read: finds what is no database, and opens the write-ahead log.
            try patiently(settings) { try run("SELECT count(*) FROM sqlite_schema") }
        } catch var error as StorageError {
            error.message = "the database \(path) cannot be opened: \(error.message)"
            throw error
        }
    }

    /// The end of the last connection neither copies the log into the database nor takes it away.
    static func keepLog(_ handle: OpaquePointer) throws(StorageError) {
        var current: Int32 = -1
        guard seaworthy_sqlite_db_config(handle, Int32(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE), 1, &current) == SQLITE_OK, current == 1 else {
            throw StorageError(
                .cannotOpen, message: "this SQLite (\(String(cString: sqlite3_libversion()))) cannot leave its log at the end")
        }
    }

    /// Refuses BEGIN, COMMIT and ROLLBACK from anybody but the driver. <https://sqlite.org/c3ref/set_authorizer.html>
    private func reserveControl() {
        sqlite3_set_authorizer(
            handle,
            { pointer, action, _, _, _, _ in
                guard action == SQLITE_TRANSACTION, let pointer else { return SQLITE_OK }
                let connection = Unmanaged<SQLiteConnection>.fromOpaque(pointer).takeUnretainedValue()
                return connection.allowsControl ? SQLITE_OK : SQLITE_DENY
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Waits for others that open the file at the same time: SQLite itself does not while it changes over to the write-ahead log or
    /// recovers one, since two that waited for each other would wait for ever.
    private func patiently<Result>(_ settings: SQLiteSettings, _ body: () throws -> Result) throws -> Result {
        let end = Deadline(after: settings.busyTimeout)
        while true {
            do {
                return try body()
            } catch let error as StorageError where error.code == .busy && !end.isPast {
                usleep(UInt32.random(in: 5_000...20_000))
            }
        }
    }

    private func becomeWriter(path: String, settings: SQLiteSettings) throws {
        // SQLite opens a file that may not be written for reading, and says nothing.
        if sqlite3_db_readonly(handle, "main") != 0 {
            throw StorageError(.readOnly, message: "the file may not be written")
        }
        let mode = try patiently(settings) { try rows("PRAGMA journal_mode = WAL") }
        guard case .text("wal") = mode.first?.first else {
            throw StorageError(.cannotOpen, message: "its file system cannot hold a write-ahead log")
        }
        try run("PRAGMA synchronous = \(settings.synchronous.rawValue)")
        // On macOS fsync leaves data in the drive's cache; elsewhere this has no effect.
        try run("PRAGMA fullfsync = \(settings.synchronous == .full ? "ON" : "OFF")")
        try run("PRAGMA journal_size_limit = \(settings.journalSizeLimitBytes)")
        try run("PRAGMA wal_autocheckpoint = \(settings.keepsLog ? 0 : settings.checkpointPages)")
    }
}
