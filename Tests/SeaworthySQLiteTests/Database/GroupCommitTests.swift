import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthySQLite

@Suite struct GroupCommitTests {
    private struct Refusal: Error, CustomStringConvertible {
        let description = "refusal"
    }

    /// Groups are bounded by what a test says, not by the speed of the machine.
    private func withGroups(
        _ change: (inout SQLiteSettings) -> Void = { _ in }, _ body: (SQLiteDatabase) async throws -> Void
    ) async throws {
        try await withDatabase {
            $0.groupTime = .seconds(600)
            $0.groupIdleTimeout = .seconds(600)
            $0.poolTimeout = .seconds(600)
            change(&$0)
        } _: { database async throws in
            try await database.write("CREATE TABLE t (a INTEGER UNIQUE)")
            try await body(database)
        }
    }

    /// The commits that `count` transactions which wait together take, without that of the one they wait for.
    private func commits(of count: Int64, _ change: @escaping (inout SQLiteSettings) -> Void) async throws -> UInt64 {
        let commits = Mutex<UInt64>(0)
        try await withGroups(change) { database async throws in
            let before = database.statistics.commits
            let tasks = try await database.startTogether((0..<count).map(SQLiteDatabase.inserting))
            #expect(await outcomes(tasks).allSatisfy { $0 == "done" })
            #expect(try await database.values() == Array(0..<count))
            commits.withLock { $0 = database.statistics.commits - before - 1 }
        }
        return commits.withLock(\.self)
    }

    @Test func `transactions that wait together share one commit, in their order`() async throws {
        #expect(try await commits(of: 20) { _ in } == 1)
    }

    @Test func `no more than the limit share a commit`() async throws {
        #expect(try await commits(of: 20) { $0.groupLimit = 8 } == 3)
        #expect(try await commits(of: 5) { $0.groupLimit = 1 } == 5)
    }

    @Test func `nobody joins a group after its time`() async throws {
        #expect(try await commits(of: 5) { $0.groupTime = .zero } == 5)
    }

    @Test func `transactions that come one after another have a commit each`() async throws {
        try await withGroups { database async throws in
            let before = database.statistics.commits
            for value in 0..<5 as Range<Int64> { try await database.transaction(.write, SQLiteDatabase.inserting(value)) }
            #expect(database.statistics.commits - before == 5)
        }
    }

    @Test func `one that is alone shares with nobody`() async throws {
        try await withGroups { database async throws in
            let before = database.statistics.commits
            let tasks = try await database.startTogether(
                (0..<6).map { (mode: $0 == 2 ? TransactionMode.writeAlone : .write, body: SQLiteDatabase.inserting($0)) })
            #expect(await outcomes(tasks) == Array(repeating: "done", count: 6))
            // 0 and 1; 2; 3, 4 and 5; and the one they waited for.
            #expect(database.statistics.commits - before == 4)
        }
    }

    @Test func `nobody is told before the commit, and nobody sees it`() async throws {
        try await withGroups { database async throws in
            let (hasBegun, mayEnd) = (Gate(), Gate())
            let isTold = Flag()
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    try await transaction.insert(2)
                    hasBegun.open()
                    await mayEnd.pass()
                },
            ])
            let first = Task {
                try await tasks[0].value
                isTold.set()
            }
            await hasBegun.pass()
            for _ in 0..<20 {
                try await Task.sleep(for: .milliseconds(3))
                #expect(!isTold.isSet)
            }
            #expect(try await database.values() == [])
            mayEnd.open()
            try await first.value
            #expect(await outcomes(tasks) == ["done", "done"])
            #expect(try await database.values() == [1, 2])
        }
    }

    @Test func `who is told finds its changes, whichever reader it asks`() async throws {
        try await withGroups { database async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for value in 0..<200 as Range<Int64> {
                    group.addTask {
                        try await database.transaction(.write, SQLiteDatabase.inserting(value))
                        #expect(try await database.rows("SELECT a FROM t WHERE a = ?1", [.integer(value)]).count == 1)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `one that fails takes back its own changes only`() async throws {
        try await withGroups { database async throws in
            let before = database.statistics.commits
            let tasks = try await database.startTogether([
                { transaction in
                    try await transaction.insert(1)
                    throw Refusal()
                },
                SQLiteDatabase.inserting(2),
                { transaction in
                    try await transaction.insert(3)
                    throw Refusal()
                },
                { transaction in
                    try await transaction.insert(4)
                    try await transaction.insert(2)
                },
                SQLiteDatabase.inserting(5),
                { transaction in
                    try await transaction.insert(6)
                    withUnsafeCurrentTask { $0?.cancel() }
                },
                SQLiteDatabase.inserting(1),
            ])
            #expect(await outcomes(tasks) == ["refusal", "done", "refusal", "storage.unique_violation", "done", "cancelled", "done"])
            #expect(try await database.values() == [2, 5, 1])
            #expect(database.statistics.commits - before == 2)
        }
    }

    @Test func `one that is cancelled after its end and before the commit is committed and told so`() async throws {
        try await withGroups { database async throws in
            let (hasBegun, mayEnd) = (Gate(), Gate())
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { _ in
                    hasBegun.open()
                    await mayEnd.pass()
                },
            ])
            await hasBegun.pass()
            tasks[0].cancel()
            mayEnd.open()
            #expect(await outcomes(tasks) == ["done", "done"])
            #expect(try await database.values() == [1])
        }
    }

    @Test func `a cancelled write ends without those who wait for the same commit`() async throws {
        try await withGroups { database async throws in
            let hasBegun = Gate()
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    hasBegun.open()
                    let counted = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000) SELECT count(*) FROM c"
                    try await transaction.execute(Statement("INSERT INTO t \(counted)"))
                },
                SQLiteDatabase.inserting(3),
            ])
            await hasBegun.pass()
            try await Task.sleep(for: .milliseconds(20))
            tasks[1].cancel()
            #expect(await outcomes(tasks) == ["done", "cancelled", "done"])
            #expect(try await database.values() == [1, 3])
        }
    }

    @Test func `a batch stops between two rows when it is cancelled, without the others`() async throws {
        try await withGroups { database async throws in
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    withUnsafeCurrentTask { $0?.cancel() }
                    _ = try await transaction.executeBatch(
                        SQLiteDatabase.insertValue, values: [.integer(2)], width: 1, continuesOnError: true)
                },
            ])
            #expect(await outcomes(tasks) == ["done", "cancelled"])
            #expect(try await database.values() == [1])
        }
    }

    @Test func `a write that times out fails all that wait for the same commit, and none before or after`() async throws {
        try await withGroups {
            $0.statementTimeout = .milliseconds(200)
        } _: { database async throws in
            try await database.transaction(.write, SQLiteDatabase.inserting(0))
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1), SQLiteDatabase.inserting(2),
                { transaction in
                    do {
                        try await transaction.execute(Statement("INSERT INTO t \(endlessSelect)"))
                    } catch {
                        // A body that does not give up must not write outside the transaction either.
                        try await transaction.insert(3)
                    }
                },
                SQLiteDatabase.inserting(4),
            ])
            let timeout = "storage.statement_timeout"
            #expect(await outcomes(tasks) == [timeout, timeout, timeout, "done"])
            #expect(try await database.values() == [0, 4])
        }
    }

    @Test func `one that waits for something else too long does not keep the others`() async throws {
        try await withGroups {
            $0.groupIdleTimeout = .milliseconds(50)
        } _: { database async throws in
            let never = Gate()
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    try await transaction.insert(2)
                    await never.pass()
                    try await transaction.insert(3)
                },
                SQLiteDatabase.inserting(4),
            ])
            #expect(await outcomes([tasks[0], tasks[2]]) == ["done", "done"])
            never.open()
            #expect(await outcomes(tasks) == ["done", "storage.transaction_timeout", "done"])
            #expect(try await database.values() == [1, 4])
        }
    }

    @Test(arguments: [TransactionMode.write, .writeAlone])
    func `one that keeps nobody may wait for something else`(mode: TransactionMode) async throws {
        try await withGroups {
            $0.groupIdleTimeout = .milliseconds(1)
        } _: { database async throws in
            let body: SQLiteDatabase.Body = { transaction in
                try await transaction.insert(2)
                try await Task.sleep(for: .milliseconds(60))
                try await transaction.insert(3)
            }
            // Alone there is somebody before it; as a member it is the first, and the others have still to begin.
            let tasks = try await database.startTogether(
                (mode == .writeAlone ? [(.write, SQLiteDatabase.inserting(1))] : []) + [
                    (mode, body), (.write, SQLiteDatabase.inserting(4)),
                ])
            #expect(await outcomes(tasks).allSatisfy { $0 == "done" })
            #expect(try await database.values().suffix(3) == [2, 3, 4])
        }
    }

    @Test func `references that one defers are checked at its end, and the others' at once`() async throws {
        try await withGroups { database async throws in
            try await database.write("CREATE TABLE p (a INTEGER PRIMARY KEY)", "CREATE TABLE c (a INTEGER REFERENCES p (a))")
            let child = { @Sendable (value: Int64) in Statement("INSERT INTO c VALUES (?1)", [.integer(value)]) }
            let atOnce: SQLiteDatabase.Body = { transaction in
                try await transaction.insert(1)
                let error = await storageError { try await transaction.execute(child(9)) }
                #expect(error?.code == .foreignKeyViolation)
            }
            let tasks = try await database.startTogether([
                { transaction in
                    try await transaction.deferReferences()
                    try await transaction.execute(child(2))
                    try await transaction.execute(Statement("INSERT INTO p VALUES (2)"))
                },
                atOnce,
                { transaction in
                    try await transaction.deferReferences()
                    try await transaction.execute(child(3))
                },
                { try await $0.execute(child(4)) },
                { transaction in
                    try await transaction.deferReferences()
                    try await transaction.execute(child(5))
                    throw Refusal()
                },
                { try await $0.execute(child(6)) },
                { try await $0.execute(child(2)) },
            ])
            let violation = "storage.foreign_key_violation"
            #expect(await outcomes(tasks) == ["done", "done", violation, violation, "refusal", violation, "done"])
            #expect(try await database.rows("SELECT a FROM c") == [[.integer(2)], [.integer(2)]])
            #expect(try await database.rows("PRAGMA foreign_key_check") == [])
        }
    }

    @Test func `tables can be changed within a group, and a change is taken back with its transaction`() async throws {
        try await withGroups { database async throws in
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    try await transaction.execute(Statement("CREATE TABLE u (a)"))
                    throw Refusal()
                },
                { transaction in
                    try await transaction.execute(Statement("CREATE TABLE u (a, b)"))
                    try await transaction.execute(Statement("ALTER TABLE t ADD COLUMN b DEFAULT 7"))
                },
                { try await $0.execute(Statement("INSERT INTO u SELECT a, b FROM t")) },
            ])
            #expect(await outcomes(tasks) == ["done", "refusal", "done", "done"])
            #expect(try await database.rows("SELECT a, b FROM u") == [[.integer(1), .integer(7)]])
        }
    }

    @Test(arguments: ["COMMIT", "END", "ROLLBACK", "BEGIN"])
    func `a body cannot end the transaction by a statement`(text: String) async throws {
        try await withGroups { database async throws in
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    try await transaction.insert(2)
                    try await transaction.execute(Statement(text))
                },
                SQLiteDatabase.inserting(3),
            ])
            #expect(await outcomes(tasks) == ["done", "storage.failed", "done"])
            #expect(try await database.values() == [1, 3])
        }
    }

    @Test func `closing commits what has ended and what runs, and refuses what waits`() async throws {
        try await withDatabasePath { path async throws in
            var settings = SQLiteSettings(.file(path))
            settings.groupTime = .seconds(600)
            settings.groupIdleTimeout = .seconds(600)
            let database = try await SQLiteDatabase.open(settings)
            try await database.write("CREATE TABLE t (a INTEGER)")
            let (hasBegun, mayEnd) = (Gate(), Gate())
            let tasks = try await database.startTogether([
                SQLiteDatabase.inserting(1),
                { transaction in
                    hasBegun.open()
                    await mayEnd.pass()
                    try await transaction.insert(2)
                },
                SQLiteDatabase.inserting(3),
            ])
            await hasBegun.pass()
            let closing = Task { await database.close() }
            #expect(await outcomes([tasks[2]]) == ["storage.closed"])
            mayEnd.open()
            await closing.value
            #expect(await outcomes(tasks) == ["done", "done", "storage.closed"])
            #expect(try await withDatabase(SQLiteSettings(.file(path))) { try await $0.values() } == [1, 2])
        }
    }
}
