import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct TransactionThreadTests {
    private actor Counter {
        private var count = 0

        func next() async -> Int {
            count += 1
            await Task.yield()
            return count
        }
    }

    /// The thread that reads the rows: the connection's.
    private struct ThreadReader: RowReader {
        private var thread: UInt = 0

        mutating func read(_ row: any Row) {
            thread = ThreadIdentity.current
        }

        consuming func finish() -> UInt {
            thread
        }
    }

    @Test(arguments: [TransactionMode.read, .write, .writeAlone])
    func `a body runs on its connection's thread, and who called it goes on elsewhere`(mode: TransactionMode) async throws {
        try await withDatabase { database async throws in
            let connection = try await database.transaction(mode) { transaction in
                var threads: Set<UInt> = [ThreadIdentity.current]
                threads.insert(try await transaction.query(Statement("SELECT 1"), into: ThreadReader()))
                threads.insert(ThreadIdentity.current)
                await Task.yield()
                threads.insert(ThreadIdentity.current)
                try await Task.sleep(for: .milliseconds(1))
                threads.insert(ThreadIdentity.current)
                #expect(threads.count == 1)
                return threads.first
            }
            #expect(ThreadIdentity.current != connection)
        }
    }

    @Test func `a body may wait for anything between its statements`() async throws {
        try await withDatabase { database async throws in
            try await database.write("CREATE TABLE t (a)")
            let counter = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await database.transaction(.write) { transaction in
                            let first = await counter.next()
                            try await transaction.execute(Statement("INSERT INTO t VALUES (?1)", [.integer(Int64(first))]))
                            let second = try await Task.detached {
                                try await Task.sleep(for: .milliseconds(1))
                                return await counter.next()
                            }.value
                            try await transaction.execute(Statement("INSERT INTO t VALUES (?1)", [.integer(Int64(second))]))
                            // A reader, whose answer comes from another thread.
                            _ = try await database.rows("SELECT count(*) FROM t")
                        }
                    }
                    group.addTask { _ = await counter.next() }
                }
                try await group.waitForAll()
            }
            let found = try await database.rows("SELECT count(DISTINCT a), max(a) FROM t")
            #expect(found.first?.first == .integer(40))
            #expect(await counter.next() == 61)
        }
    }

    @Test func `statements of a transaction may come from any task of its body`() async throws {
        try await withDatabase { database async throws in
            try await database.write("CREATE TABLE t (a)")
            try await database.transaction(.write) { transaction in
                try await transaction.insert(1)
                try await Task { try await transaction.insert(2) }.value
                try await Task.detached { try await transaction.insert(3) }.value
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for value in 4..<20 as Range<Int64> { group.addTask { try await transaction.insert(value) } }
                    try await group.waitForAll()
                }
                async let last: Void = transaction.insert(20)
                try await last
            }
            #expect(try await database.values().sorted() == Array(1...20))
        }
    }

    @Test func `one statement's cancellation ends neither the others nor the transaction`() async throws {
        try await withDatabase { database async throws in
            try await database.write("CREATE TABLE t (a)")
            try await database.transaction(.write) { transaction in
                try await transaction.insert(1)
                let outcome = await withTaskGroup(of: String.self) { group in
                    group.addTask {
                        withUnsafeCurrentTask { $0?.cancel() }
                        do {
                            try await transaction.insert(2)
                            return "done"
                        } catch {
                            return "\(type(of: error))"
                        }
                    }
                    return await group.next()
                }
                #expect(outcome == "CancellationError")
                try await transaction.insert(3)
            }
            #expect(try await database.values() == [1, 3])
        }
    }

    @Test func `a body that never stops asking whether it may go on is idle all the same`() async throws {
        try await withDatabase {
            $0.transactionIdleTimeout = .milliseconds(100)
        } _: { database async throws in
            try await database.write("CREATE TABLE t (a)")
            let isFree = Flag()
            let error = await storageError {
                try await database.transaction(.write) { transaction in
                    try await transaction.insert(1)
                    let other = Task {
                        try await database.transaction(.write) { try await $0.insert(2) }
                        isFree.set()
                    }
                    while !isFree.isSet { await Task.yield() }
                    try await other.value
                    try await transaction.insert(3)
                }
            }
            #expect(error?.code == .transactionTimeout)
            #expect(try await database.values() == [2])
        }
    }

    @Test func `a body that kept its thread for too long is rolled back`() async throws {
        try await withDatabase {
            $0.transactionIdleTimeout = .milliseconds(50)
        } _: { database async throws in
            try await database.write("CREATE TABLE t (a)")
            for endsWithStatement in [true, false] {
                let error = await storageError {
                    try await database.transaction(.write) { transaction in
                        try await transaction.insert(1)
                        let end = Deadline(after: .milliseconds(80))
                        while !end.isPast {}
                        if endsWithStatement { try await transaction.insert(2) }
                    }
                }
                #expect(error?.code == .transactionTimeout)
            }
            #expect(try await database.values() == [])
            try await database.transaction(.write) { try await $0.insert(3) }
            #expect(try await database.values() == [3])
        }
    }

    @Test func `a transaction within another one's body waits for its own connection`() async throws {
        try await withDatabase { database async throws in
            try await database.write("CREATE TABLE t (a)")
            try await database.transaction(.read) { reading in
                _ = try await reading.query(Statement("SELECT a FROM t"), into: ValueRows())
                let outer = ThreadIdentity.current
                try await database.transaction(.write) { writing in
                    try await writing.insert(1)
                    // The statement is the reader's, although the writer's body sends it.
                    #expect(try await reading.query(Statement("SELECT a FROM t"), into: ValueRows()) == [])
                    #expect(ThreadIdentity.current != outer)
                }
                #expect(ThreadIdentity.current == outer)
            }
            #expect(try await database.values() == [1])
        }
    }
}
