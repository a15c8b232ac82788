import CSQLite
import Foundation
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct FaultTests {
    private func withFaultyDisk(_ body: (SQLiteDatabase, _ path: String) async throws -> Void) async throws {
        FaultyDisk.register()
        try await withDatabasePath { path async throws in
            var settings = SQLiteSettings(.file(path))
            settings.vfs = FaultyDisk.name
            settings.groupTime = .seconds(600)
            settings.groupIdleTimeout = .seconds(600)
            settings.poolTimeout = .seconds(600)
            // A few pages: what is larger goes to the log before its commit.
            settings.pageCacheBytes = 16 * 1_024
            try await withDatabase(settings) { database async throws in
                try await database.write("CREATE TABLE t (a INTEGER UNIQUE, b BLOB)")
                try await database.transaction(.write, SQLiteDatabase.inserting(0))
                try await body(database, path)
            }
            FaultyDisk.set(nil, for: path)
        }
    }

    /// What was acknowledged before is there, nothing else is, and the database goes on once the fault is gone, now and after an opening.
    private func expectRecovery(_ database: SQLiteDatabase, _ path: String) async throws {
        #expect(try await database.values() == [0])
        #expect(try await database.rows("PRAGMA integrity_check") == [[.text("ok")]])
        FaultyDisk.set(nil, for: path)
        let tasks = try await database.startTogether((6..<9).map(SQLiteDatabase.inserting))
        #expect(await outcomes(tasks) == ["done", "done", "done"])
        #expect(try await database.rows("PRAGMA integrity_check") == [[.text("ok")]])
        await database.close()
        try await withDatabase(SQLiteSettings(.file(path))) { database async throws in
            #expect(try await database.values() == [0, 6, 7, 8])
            #expect(try await database.rows("PRAGMA integrity_check") == [[.text("ok")]])
        }
    }

    @Test(arguments: [0, 3_000, 6_000])
    func `a full disk fails all of the commit, and nothing before or after`(room: Int) async throws {
        try await withFaultyDisk { database, path async throws in
            FaultyDisk.set(.room(room), for: path)
            let tasks = try await database.startTogether((1..<6).map(SQLiteDatabase.inserting))
            #expect(await outcomes(tasks) == Array(repeating: "storage.disk_full", count: 5))
            try await expectRecovery(database, path)
        }
    }

    @Test func `a statement that fills the disk fails all that wait for its commit`() async throws {
        try await withFaultyDisk { database, path async throws in
            FaultyDisk.set(.room(100_000), for: path)
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    let rows =
                        "WITH RECURSIVE c(x) AS (SELECT 10 UNION ALL SELECT x + 1 FROM c WHERE x < 1000) SELECT x, zeroblob(1000) FROM c"
                    let error = await storageError { try await transaction.execute(Statement("INSERT INTO t \(rows)")) }
                    #expect(error?.code == .diskFull)
                    // A body that does not give up must not be told that it succeeded.
                    try await transaction.insert(2)
                },
            ])
            #expect(await outcomes(tasks) == ["storage.disk_full", "storage.disk_full"])
            try await expectRecovery(database, path)
        }
    }

    @Test func `a batch that goes on after errors stops at a full disk`() async throws {
        try await withFaultyDisk { database, path async throws in
            FaultyDisk.set(.room(100_000), for: path)
            let insert = SQLText("INSERT INTO t VALUES (?1, ?2)")
            let values = (10..<1_000).flatMap { [Value.integer($0), .bytes(Array(repeating: 0, count: 1_000))] }
            let error = await storageError {
                try await database.transaction(.writeAlone) {
                    _ = try await $0.executeBatch(insert, values: values, width: 2, continuesOnError: true)
                }
            }
            #expect(error?.code == .diskFull)
            try await expectRecovery(database, path)
        }
    }

    @Test func `a flush that fails fails all of its commit, and nothing before or after`() async throws {
        try await withFaultyDisk { database, path async throws in
            FaultyDisk.set(.failingFlush, for: path)
            let tasks = try await database.startTogether((1..<4).map(SQLiteDatabase.inserting))
            #expect(await outcomes(tasks) == Array(repeating: "storage.input_output", count: 3))
            try await expectRecovery(database, path)
        }
    }

    @Test func `writes that another process keeps out are told so, while reads go on`() async throws {
        try await withDatabasePath { path async throws in
            var settings = SQLiteSettings(.file(path))
            settings.busyTimeout = .milliseconds(30)
            settings.poolTimeout = .seconds(600)
            try await withDatabase(settings) { database async throws in
                try await database.write("CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (0)")
                var other: OpaquePointer?
                #expect(sqlite3_open(path, &other) == SQLITE_OK)
                defer { sqlite3_close(other) }
                #expect(sqlite3_exec(other, "BEGIN EXCLUSIVE; INSERT INTO t VALUES (-1)", nil, nil, nil) == SQLITE_OK)
                let tasks = (1..<4).map { value in Task { try await database.transaction(.write, SQLiteDatabase.inserting(value)) } }
                for _ in 0..<20 { #expect(try await database.values() == [0]) }
                #expect(await outcomes(tasks) == Array(repeating: "storage.busy", count: 3))
                #expect(database.statistics.writer.timedOut == 0)
                try await database.probe()
                #expect(sqlite3_exec(other, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
                try await database.transaction(.write, SQLiteDatabase.inserting(5))
                #expect(try await database.values() == [0, 5])
            }
        }
    }

    @Test func `a damaged page is corrupt for who meets it and for its commit, and for nobody else`() async throws {
        try await withDatabasePath { path async throws in
            let page = try await withDatabase(SQLiteSettings(.file(path))) { database async throws in
                let rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 500) SELECT x, zeroblob(100) FROM c"
                try await database.write(
                    "CREATE TABLE t (a INTEGER PRIMARY KEY, b)", "CREATE TABLE u (a INTEGER PRIMARY KEY, b)", "INSERT INTO t \(rows)",
                    "INSERT INTO u \(rows)")
                return try await database.rows("SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'u'")
            }
            guard case .integer(let root) = page[0][0], case .integer(let size) = page[0][1] else {
                Issue.record("no page")
                return
            }
            var content = try Data(contentsOf: URL(fileURLWithPath: path))
            content.replaceSubrange(Int((root - 1) * size)..<Int(root * size), with: Data(repeating: 0xFF, count: Int(size)))
            try content.write(to: URL(fileURLWithPath: path))

            var settings = SQLiteSettings(.file(path))
            settings.groupTime = .seconds(600)
            try await withDatabase(settings) { database async throws in
                for _ in 0..<3 {
                    #expect(await storageError { _ = try await database.rows("SELECT sum(length(b)) FROM u") }?.code == .corrupt)
                    #expect(try await database.rows("SELECT sum(length(b)) FROM t") == [[.integer(50_000)]])
                }
                let tasks = try await database.startTogether([
                    SQLiteDatabase.inserting(501),
                    { try await $0.execute(Statement("INSERT INTO u VALUES (501, NULL)")) },
                    SQLiteDatabase.inserting(502),
                ])
                #expect(await outcomes(tasks) == ["storage.corrupt", "storage.corrupt", "done"])
                #expect(try await database.rows("SELECT a FROM t WHERE a > 500") == [[.integer(502)]])
                let error = await storageError {
                    try await database.transaction(.write) { transaction in
                        _ = await storageError { try await transaction.execute(Statement("DELETE FROM u")) }
                        // A body that does not give up must not write into what cannot be committed.
                        try await transaction.insert(503)
                    }
                }
                #expect(error?.code == .corrupt)
                #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(501)]])
                try await database.probe()
            }
        }
    }
}
