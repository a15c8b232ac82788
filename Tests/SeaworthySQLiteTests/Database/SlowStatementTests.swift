import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@Suite struct `Slow statements on SQLite` {
    private final class Notes: Sendable {
        let notes = Mutex([SlowStatement]())

        func wait(for count: Int) async throws -> [SlowStatement] {
            while notes.withLock({ $0.count }) < count { try await Task.sleep(for: .milliseconds(1)) }
            return notes.withLock { $0 }
        }
    }

    private static let slow =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT count(*) FROM n, t WHERE b <> ?"

    @Test func `are told with their plan, and without values`() async throws {
        let notes = Notes()
        var settings = SQLiteSettings(.memory)
        settings.slowStatementTime = .milliseconds(100)
        settings.slowStatementObserver = { statement in notes.notes.withLock { $0.append(statement) } }
        let database = try await SQLiteDatabase.open(settings)
        try await database.transaction(.write) { transaction in
            _ = try await transaction.execute(Statement("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)"))
            _ = try await transaction.execute(Statement("INSERT INTO t VALUES (1, 'x')"))
        }
        let rows = try await database.query(Statement(Self.slow, [.text("geheim")]), into: ValueRows())
        #expect(rows == [[.integer(2_000_000)]])
        var told = try await notes.wait(for: 1)
        #expect(told[0].sql == Self.slow)
        #expect(told[0].rows == 1)
        #expect(told[0].duration >= .milliseconds(100))
        #expect(told[0].plan?.contains("SCAN t") == true, "\(told[0])")
        #expect("\(told[0])".contains("geheim") == false)
        // The writer's statements too, each plan by a reader, and nothing is run by that.
        let insert = "INSERT INTO t (b) " + Self.slow.replacing("count(*)", with: "CAST(count(*) AS TEXT)")
        let inserted = try await database.transaction(.write) { try await $0.execute(Statement(insert, [.text("geheim")])) }
        #expect(inserted == 1)
        told = try await notes.wait(for: 2)
        #expect(told[1].rows == 1)
        #expect(told[1].plan?.contains("SCAN t") == true, "\(told[1])")
        #expect(try await database.query(Statement("SELECT count(*) FROM t"), into: ValueRows()) == [[.integer(2)]])
        await database.close()
    }

    @Test func `one that was ended for its time is told as well`() async throws {
        let notes = Notes()
        var settings = SQLiteSettings(.memory)
        settings.statementTimeout = .milliseconds(200)
        settings.slowStatementTime = .milliseconds(100)
        settings.slowStatementObserver = { statement in notes.notes.withLock { $0.append(statement) } }
        let database = try await SQLiteDatabase.open(settings)
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        await #expect(throws: StorageError.self) { try await database.query(Statement(endless), into: ValueRows()) }
        let told = try await notes.wait(for: 1)
        #expect(told[0].error == .statementTimeout)
        #expect(told[0].rows == 0)
        await database.close()
    }
}
