import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct PoolLimitTests {
    @Test func `the queue takes as many as it may hold and refuses the next`() async throws {
        try await withDatabase {
            $0.readerCount = 1
            $0.queueLimit = 2
        } _: { database async throws in
            let running = Task { try await database.rows(endlessSelect) }
            try await eventually { database.statistics.readers.running == 1 }
            let waiting = (0..<2).map { _ in Task { try await database.rows("SELECT 1") } }
            try await eventually { database.statistics.readers.waiting == 2 }
            #expect(await storageError { _ = try await database.rows("SELECT 1") }?.code == .queueFull)
            #expect(database.statistics.readers.refused == 1)
            running.cancel()
            for task in waiting { #expect(try await task.value == [[.integer(1)]]) }
            // The reader counts a statement when it comes for the next.
            try await eventually { database.statistics.readers.served == 3 }
            #expect(database.statistics.readers.waiting == 0)
            #expect(database.statistics.readers.running == 0)
        }
    }

    @Test func `a statement that waits too long is refused, on the reader's and on the writer's queue`() async throws {
        try await withDatabase {
            $0.readerCount = 1
            $0.poolTimeout = .milliseconds(60)
        } _: { database async throws in
            let running = Task { try await database.rows(endlessSelect) }
            try await eventually { database.statistics.readers.running == 1 }
            let start = ContinuousClock.now
            #expect(await storageError { _ = try await database.rows("SELECT 1") }?.code == .poolTimeout)
            #expect(ContinuousClock.now - start >= .milliseconds(60))
            #expect(database.statistics.readers.timedOut == 1)
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }

            try await database.transaction(.write) { _ in
                #expect(await storageError { try await database.transaction(.write) { _ in } }?.code == .poolTimeout)
                #expect(database.statistics.writer.running == 1)
            }
            #expect(database.statistics.writer.timedOut == 1)
            // The watchdog sleeps and wakes again.
            try await database.write("CREATE TABLE t (a)")
        }
    }

    @Test func `a transaction that does nothing for too long is rolled back and says so`() async throws {
        try await withDatabase {
            // Long enough for a slow machine to run the statements that must not come too late.
            $0.transactionIdleTimeout = .seconds(1)
        } _: { database async throws in
            try await database.write("CREATE TABLE t (a)")
            let error = await storageError {
                try await database.transaction(.write) { transaction in
                    try await transaction.execute(Statement("INSERT INTO t VALUES (1)"))
                    // The writer is free again, although the body still runs.
                    try await eventually { (try? await database.write("INSERT INTO t VALUES (2)")) != nil }
                    try await transaction.execute(Statement("INSERT INTO t VALUES (3)"))
                }
            }
            #expect(error?.code == .transactionTimeout)
            #expect(try await database.rows("SELECT a FROM t") == [[.integer(2)]])

            let atCommit = await storageError {
                try await database.transaction(.write) { _ in
                    try await eventually { (try? await database.write("INSERT INTO t VALUES (4)")) != nil }
                }
            }
            #expect(atCommit?.code == .transactionTimeout)
        }
    }

    @Test func `a long statement is no idle time`() async throws {
        try await withDatabase {
            $0.transactionIdleTimeout = .seconds(1)
            $0.statementTimeout = .milliseconds(2_500)
        } _: { database async throws in
            let error = await storageError {
                try await database.transaction(.read) { _ = try await $0.query(Statement(endlessSelect), into: ValueRows()) }
            }
            #expect(error?.code == .statementTimeout)
        }
    }

    @Test func `waiting statements are refused when the database closes, and running ones end`() async throws {
        let database = try await SQLiteDatabase.open(
            {
                var settings = SQLiteSettings(.memory)
                settings.readerCount = 1
                return settings
            }())
        let running = Task { try await database.rows(endlessSelect) }
        try await eventually { database.statistics.readers.running == 1 }
        let waiting = Task { try await database.rows("SELECT 1") }
        try await eventually { database.statistics.readers.waiting == 1 }
        let closing = Task { await database.close() }
        #expect(await storageError { _ = try await waiting.value }?.code == .closed)
        running.cancel()
        await closing.value
    }

    @Test func `fewer than one reader is one`() async throws {
        try await withDatabase {
            $0.readerCount = 0
        } _: { database async throws in
            #expect(try await database.rows("SELECT 1") == [[.integer(1)]])
        }
    }

    @Test func `a statement of a transaction that began one by hand leaves none behind`() async throws {
        try await withDatabase {
            $0.readerCount = 1
        } _: { database async throws in
            _ = try await database.rows("BEGIN")
            // Otherwise: «cannot start a transaction within a transaction».
            _ = try await database.rows("BEGIN")
            #expect(try await database.rows("SELECT 1") == [[.integer(1)]])
        }
    }
}
