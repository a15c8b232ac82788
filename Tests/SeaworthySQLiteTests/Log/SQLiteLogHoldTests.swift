import Foundation
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct `A write-ahead log that is left to somebody who stores it` {
    private func settings(_ path: String, keepsLog: Bool = true) -> SQLiteSettings {
        var settings = SQLiteSettings(.file(path))
        settings.keepsLog = keepsLog
        settings.checkpointPages = 5
        return settings
    }

    /// The frames that SQLite finds in the log, and how many of them are copied into the database.
    private func checkpoint(_ database: SQLiteDatabase) async throws -> [Value] {
        try await database.session { try await $0.query(Statement("PRAGMA wal_checkpoint(PASSIVE)"), into: ValueRows())[0] }
    }

    private func salts(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))[16..<24]
    }

    @Test func `is neither copied by commits nor by the end of the last connection`() async throws {
        try await withDatabasePath { path async throws in
            for keepsLog in [true, false] {
                try await withDatabase(settings(path, keepsLog: keepsLog)) { database async throws in
                    try await database.write("CREATE TABLE IF NOT EXISTS t (a blob)")
                    let before = try salts(path)
                    for _ in 0..<20 { try await database.write("INSERT INTO t VALUES (zeroblob(3000))") }
                    #expect(try (salts(path) == before) == keepsLog)
                }
                #expect(FileManager.default.fileExists(atPath: path + "-wal") == keepsLog)
            }
            try await withDatabase(settings(path)) { database async throws in
                #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(40)]])
            }
        }
    }

    @Test func `is not begun anew while it is held, and is when it is let go`() async throws {
        try await withDatabasePath { path async throws in
            try await withDatabase(settings(path)) { database async throws in
                try await database.write("CREATE TABLE t (a blob)")
                let hold = SQLiteLogHold(path)
                try hold.renew()
                let before = try salts(path)
                for round in 0..<4 {
                    try await database.write("INSERT INTO t VALUES (zeroblob(9000))")
                    // The one of before holds while this one begins.
                    if round.isMultiple(of: 2) { try hold.renew() }
                    try hold.backfill()
                    _ = try await checkpoint(database)
                    try await database.write("INSERT INTO t VALUES (x'01')")
                    #expect(try salts(path) == before)
                }
                hold.release()
                // Once more is nothing.
                hold.release()
                _ = try await checkpoint(database)
                try await database.write("INSERT INTO t VALUES (x'02')")
                #expect(try salts(path) != before)
                // And it holds again.
                try hold.renew()
                let after = try salts(path)
                _ = try await checkpoint(database)
                try await database.write("INSERT INTO t VALUES (x'03')")
                #expect(try salts(path) == after)
                hold.close()
                hold.close()
                _ = try await checkpoint(database)
                try await database.write("INSERT INTO t VALUES (x'04')")
                #expect(try salts(path) != after)
            }
        }
    }

    @Test func `is copied as far as the hold lets it be, without the writer`() async throws {
        try await withDatabasePath { path async throws in
            try await withDatabase(settings(path)) { database async throws in
                try await database.write("CREATE TABLE t (a blob)", "INSERT INTO t VALUES (zeroblob(90000))")
                let hold = SQLiteLogHold(path)
                try hold.renew()
                // The writer is busy all the time.
                let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
                try await database.transaction(.write) { transaction in
                    try await transaction.execute(Statement("INSERT INTO t VALUES (x'01')"))
                    try hold.backfill()
                }
                #expect(try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) > size + 80_000)
                hold.close()
            }
        }
    }

    @Test func `cannot be held where there is no database`() async throws {
        let hold = SQLiteLogHold("/nowhere/none.db")
        #expect(await storageError { try hold.renew() }?.code == .cannotOpen)
        #expect(await storageError { try hold.backfill() } != nil)
        try await withDatabasePath { path async throws in
            try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
            let hold = SQLiteLogHold(path)
            #expect(await storageError { try hold.renew() }?.message.contains("cannot be held") == true)
        }
    }
}
