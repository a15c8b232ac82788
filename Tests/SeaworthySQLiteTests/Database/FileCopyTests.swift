import Foundation
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct `A copy of a file` {
    @Test func `is the database as the transaction sees it, while others write`() async throws {
        try await withDatabasePath { path in
            try await withDatabase(SQLiteSettings(.file(path))) { database in
                try await database.write("CREATE TABLE t (a integer)", "INSERT INTO t VALUES (1)")
                try await database.transaction(.read) { transaction in
                    try await database.write("INSERT INTO t VALUES (2)")
                    let copying = try #require(transaction as? any FileCopying)
                    try await copying.copy(to: path + ".copy")
                    let refused = await storageError { try await copying.copy(to: path + ".none/copy") }
                    #expect(refused != nil)
                }
                #expect(try await database.rows("SELECT a FROM t ORDER BY a").count == 2)
            }
            try await withDatabase(SQLiteSettings(.file(path + ".copy"))) { copy in
                let (rows, check) = (try await copy.rows("SELECT a FROM t"), try await copy.rows("PRAGMA integrity_check"))
                #expect(rows == [[.integer(1)]] && check == [[.text("ok")]])
            }
        }
    }

    @Test func `stops when its task is cancelled`() async throws {
        try await withDatabasePath { path in
            try await withDatabase(SQLiteSettings(.file(path))) { database in
                try await database.write("CREATE TABLE t (a blob)", "INSERT INTO t VALUES (zeroblob(30000000))")
                let task = Task {
                    try await database.transaction(.read) { transaction in
                        withUnsafeCurrentTask { $0?.cancel() }
                        try await (transaction as? any FileCopying)?.copy(to: path + ".copy")
                    }
                }
                await #expect(throws: CancellationError.self) { try await task.value }
                let rows = try await database.rows("SELECT count(*) FROM t")
                #expect(rows == [[.integer(1)]])
            }
        }
    }

    @Test func `a lock on the files is not had while a connection is open, and keeps others out`() async throws {
        try await withDatabasePath { path in
            #expect(SQLiteFileLock(path) != nil)
            try await withDatabase(SQLiteSettings(.file(path))) { database in
                try await database.write("CREATE TABLE t (a integer)")
                #expect(SQLiteFileLock(path) == nil)
            }
            let lock = SQLiteFileLock(path)
            #expect(lock != nil)
            var settings = SQLiteSettings(.file(path))
            settings.busyTimeout = .milliseconds(50)
            let refused = await storageError { try await withDatabase(settings) { _ in } }
            #expect(refused?.code == .busy)
            withExtendedLifetime(lock) {}
        }
    }
}
