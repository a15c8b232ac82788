import CSQLite
import Foundation
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct OpeningTests {
    @Test func `makes the file and reads it again`() async throws {
        try await withDatabasePath { path async throws in
            try await withDatabase(SQLiteSettings(.file(path))) { try await $0.write("CREATE TABLE t (a) ", "INSERT INTO t VALUES (5)") }
            // The last connection copied the log into the file and took it away.
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
            #expect(!FileManager.default.fileExists(atPath: path + "-shm"))
            let found = try await withDatabase(SQLiteSettings(.file(path))) { try await $0.rows("SELECT a FROM t") }
            #expect(found == [[.integer(5)]])
        }
    }

    @Test func `a database that nobody holds any more closes by itself`() async throws {
        try await withDatabasePath { path async throws in
            try await SQLiteDatabase.open(SQLiteSettings(.file(path))).write("CREATE TABLE t (a)")
            try await eventually { !FileManager.default.fileExists(atPath: path + "-wal") }
            try await eventually { !FileManager.default.fileExists(atPath: path + "-shm") }
        }
    }

    @Test func `a path is of the working directory at the opening`() async throws {
        let name = "seaworthy-\(UUID().uuidString).db"
        defer { try? FileManager.default.removeItem(atPath: name) }
        let path = try await withDatabase(SQLiteSettings(.file(name))) { database async throws in
            try await database.probe()
            return try await database.rows("SELECT file FROM pragma_database_list")
        }
        #expect(path == [[.text(FileManager.default.currentDirectoryPath + "/" + name)]])
    }

    @Test func `a missing folder is named`() async throws {
        try await withDatabasePath { path async throws in
            let error = await storageError { _ = try await SQLiteDatabase.open(SQLiteSettings(.file("\(path)-no/x.db"))) }
            #expect(error?.code == .cannotOpen)
            #expect(
                error?.message
                    == "the database \(path)-no/x.db cannot be opened: the folder \(path)-no cannot be reached: No such file or directory")
        }
    }

    @Test func `a folder is no database`() async throws {
        try await withDatabasePath { path async throws in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            let error = await storageError { _ = try await SQLiteDatabase.open(SQLiteSettings(.file(path))) }
            #expect(error?.code == .cannotOpen)
            #expect(error?.message == "the database \(path) cannot be opened: it is a folder, not a file")
        }
    }

    @Test func `another kind of file is no database, and stays as it is`() async throws {
        try await withDatabasePath { path async throws in
            let content = Data(repeating: 0x41, count: 8_192)
            try content.write(to: URL(fileURLWithPath: path))
            let error = await storageError { _ = try await SQLiteDatabase.open(SQLiteSettings(.file(path))) }
            #expect(error?.code == .notADatabase)
            #expect(error?.message.hasPrefix("the database \(path) cannot be opened: file is not a database") == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everything"))
    func `a file that may not be written is refused as read-only`() async throws {
        try await withDatabasePath { path async throws in
            try await withDatabase(SQLiteSettings(.file(path))) { try await $0.write("CREATE TABLE t (a)") }
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
            let error = await storageError { _ = try await SQLiteDatabase.open(SQLiteSettings(.file(path))) }
            #expect(error?.code == .readOnly)
        }
    }

    @Test(arguments: ["", "a\0b"])
    func `a path that cannot be one is refused`(path: String) async {
        let error = await storageError { _ = try await SQLiteDatabase.open(SQLiteSettings(.file(path))) }
        #expect(error?.code == .cannotOpen)
    }

    @Test func `a damaged database is corrupt`() async throws {
        try await withDatabasePath { path async throws in
            try await withDatabase(SQLiteSettings(.file(path))) { try await $0.write("CREATE TABLE t (a)") }
            var content = try Data(contentsOf: URL(fileURLWithPath: path))
            // The first page's header as a b-tree page, after the file's own header.
            content.replaceSubrange(100..<108, with: Data(repeating: 0xFF, count: 8))
            try content.write(to: URL(fileURLWithPath: path))
            let error = await storageError { _ = try await SQLiteDatabase.open(SQLiteSettings(.file(path))) }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func `every connection is set for safety`() async throws {
        try await withDatabase { database async throws in
            for (pragma, value) in [
                ("journal_mode", Value.text("wal")), ("foreign_keys", .integer(1)), ("trusted_schema", .integer(0)),
                ("temp_store", .integer(2)), ("cache_size", .integer(-4_096)),
            ] {
                #expect(try await database.rows("PRAGMA \(pragma)") == [[value]])
                #expect(try await database.writerRows("PRAGMA \(pragma)") == [[value]])
            }
            for (pragma, value) in [
                ("synchronous", 2), ("fullfsync", 1), ("journal_size_limit", 64 * 1_024 * 1_024), ("wal_autocheckpoint", 1_000),
            ] as [(String, Int64)] {
                #expect(try await database.writerRows("PRAGMA \(pragma)") == [[.integer(value)]])
            }
        }
    }

    @Test func `settings reach the connections`() async throws {
        try await withDatabase {
            $0.synchronous = .normal
            $0.pageCacheBytes = 1_024 * 1_024
            $0.journalSizeLimitBytes = 4_096
            $0.checkpointPages = 10
            $0.memoryMapBytes = 65_536
        } _: { database async throws in
            for (pragma, value) in [
                ("synchronous", 1), ("fullfsync", 0), ("cache_size", -1_024), ("journal_size_limit", 4_096), ("wal_autocheckpoint", 10),
                ("mmap_size", 65_536),
            ] as [(String, Int64)] {
                #expect(try await database.writerRows("PRAGMA \(pragma)") == [[.integer(value)]])
            }
        }
    }

    @Test func `the schema cannot be written by hand and double quotes are names only`() async throws {
        try await withDatabase { database async throws in
            try await database.write("CREATE TABLE t (a)")
            #expect(await storageError { try await database.write("PRAGMA writable_schema = ON", "DELETE FROM sqlite_schema") } != nil)
            #expect(await storageError { _ = try await database.rows("SELECT \"a text\"") }?.code == .failed)
            #expect(await storageError { try await database.write("CREATE INDEX i ON t (\"a text\")") }?.code == .failed)
        }
    }

    @Test func `a database in memory leaves no file and is nobody else's`() async throws {
        let names = { Set((try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? []) }
        try await withDatabase { database async throws in
            try await database.write("CREATE TABLE t (a)")
            let path = try await database.rows("SELECT file FROM pragma_database_list").first?.first
            guard case .text(let path) = path else {
                Issue.record("the database has no path")
                return
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(!names().contains { path.hasSuffix($0) })
            let other = try await withDatabase { try await $0.rows("SELECT count(*) FROM sqlite_schema") }
            #expect(other == [[.integer(0)]])
            try await database.probe()
        }
    }

    @Test func `another process's lock is waited for, then reported`() async throws {
        try await withDatabasePath { path async throws in
            var settings = SQLiteSettings(.file(path))
            settings.busyTimeout = .milliseconds(40)
            try await withDatabase(settings) { database async throws in
                try await database.write("CREATE TABLE t (a)")
                var other: OpaquePointer?
                #expect(sqlite3_open(path, &other) == SQLITE_OK)
                defer { sqlite3_close(other) }
                #expect(sqlite3_exec(other, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
                #expect(await storageError { try await database.write("INSERT INTO t VALUES (1)") }?.code == .busy)
                #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(0)]])

                let waiting = Task { try await database.write("INSERT INTO t VALUES (2)") }
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
                #expect(sqlite3_exec(other, "COMMIT", nil, nil, nil) == SQLITE_OK)
                try await database.write("INSERT INTO t VALUES (3)")
                #expect(try await database.rows("SELECT a FROM t") == [[.integer(3)]])
            }
        }
    }
}
