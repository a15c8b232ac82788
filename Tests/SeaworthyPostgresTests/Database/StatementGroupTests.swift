import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

/// Short statements that come together go to the server together.
@Suite struct StatementGroupTests {
    private static let one: @Sendable (inout PostgresSettings) -> Void = {
        $0.pool.size = 1
        $0.pool.pipelineDepth = 64
        // However slow the machine is.
        $0.slowTime = .seconds(3600)
        $0.shortTime = .seconds(3600)
        $0.companyTime = .seconds(3600)
    }

    /// The same statement with each number, all at once, until `check`, which has the answers of one turn, is content.
    private func many(
        _ database: PostgresDatabase, _ sql: SQLText, _ numbers: [Int64],
        _ check: ([(Int64, Result<[[Value]], any Error>)]) throws -> Bool
    ) async throws {
        // Known, prepared and short from here on.
        for _ in 0..<3 { _ = try await database.query(Statement(sql, [.integer(1)]), into: ValueRows()) }
        for _ in 0..<200 {
            let answers = await withTaskGroup(of: (Int64, Result<[[Value]], any Error>).self) { group in
                for number in numbers {
                    group.addTask {
                        do {
                            return (number, .success(try await database.query(Statement(sql, [.integer(number)]), into: ValueRows())))
                        } catch {
                            return (number, .failure(error))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            if try check(answers) { return }
        }
        Issue.record("no two ever went together")
    }

    @Test func `each has its own answer`() async throws {
        try await withPostgres(Self.one) { database, _, _ in
            // Those of one group see the same begin of a transaction.
            try await many(database, SQLText("SELECT $1::bigint, now()"), Array(1...32)) { answers in
                var times: Set<String> = []
                for (number, answer) in answers {
                    let row = try #require(try answer.get().first)
                    #expect(row[0] == .integer(number))
                    times.insert("\(row[1])")
                }
                // No more than sixteen in one.
                #expect(times.count >= 2)
                return times.count < answers.count
            }
        }
    }

    @Test(arguments: [[5, 0, 2, 1, 0, 10, 5, 2, 0, 1], [0, 0, 0, 0, 0, 0, 0, 1, 2], [1, 1, 1, 1, 0]])
    func `one that fails harms no other`(numbers: [Int64]) async throws {
        var turns = 0
        try await withPostgres(Self.one) { database, _, _ in
            try await many(database, SQLText("SELECT 10 / $1::bigint"), numbers) { answers in
                for (number, answer) in answers {
                    guard number != 0 else {
                        #expect(throws: StorageError.self) { try answer.get() }
                        continue
                    }
                    let row = try #require(try answer.get().first)
                    #expect(row[0] == .integer(10 / number))
                }
                turns += 1
                return turns == 20
            }
            // Told at the end of the thread's turn.
            while database.statistics.used > 0 { await Task.yield() }
            #expect(database.statistics.lost == 0)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `one that is cancelled ends alone`() async throws {
        let change: PostgresChange = {
            Self.one(&$0)
            // The server would end it by itself otherwise.
            $0.statementTimeout = .seconds(3600)
        }
        try await withPostgres(change) { database, server, address in
            let sql = SQLText("SELECT $1::bigint, pg_sleep($1::bigint)")
            for _ in 0..<3 { _ = try await database.query(Statement(sql, [.integer(0)]), into: ValueRows()) }
            for place in 0..<4 {
                let tasks = (0..<4).map { number in
                    Task { try await database.query(Statement(sql, [.integer(number == place ? 600 : 0)]), into: ValueRows()) }
                }
                let name = server.name(of: address)
                while try await server.shell(
                    "postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND wait_event = 'PgSleep'") == "0"
                {}
                tasks[place].cancel()
                for (number, task) in tasks.enumerated() {
                    if number == place {
                        await #expect(throws: CancellationError.self) { try await task.value }
                    } else {
                        #expect(try await task.value.first?.first == .integer(0))
                    }
                }
            }
        }
    }

    @Test func `one that has to wait does not keep those that it came with`() async throws {
        let change: PostgresChange = {
            Self.one(&$0)
            $0.pool.size = 2
            $0.companyTime = .milliseconds(50)
        }
        try await withPostgres(change) { database, _, address in
            let other = try await PostgresDatabase.open(PostgresSettings(address))
            try await other.closing(after: {
                _ = try await other.transaction(.write) { try await $0.run("CREATE TABLE held (n bigint)") }
                let (held, free) = (Statement(SQLText("SELECT count(*) FROM held")), Statement(SQLText("SELECT 7")))
                for _ in 0..<10 {
                    // Known and prepared on both connections.
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<64 {
                            group.addTask { _ = try await database.query(number.isMultiple(of: 2) ? held : free, into: ValueRows()) }
                        }
                        try await group.waitForAll()
                    }
                    let waiting = try await other.transaction(.writeAlone) { transaction in
                        try await transaction.run("LOCK TABLE held")
                        let waiting = Task { try await database.query(held, into: ValueRows()) }
                        let others = (0..<5).map { _ in Task { try await database.query(free, into: ValueRows()) } }
                        for task in others { #expect(try await task.value == [[.integer(7)]]) }
                        return waiting
                    }
                    // The lock was let go only when the others had their answers, long before the time in which a lock has to be had.
                    #expect(try await waiting.value == [[.integer(0)]])
                }
            })
        }
    }

    @Test func `what cannot be sent is refused, and what it came with goes on`() async throws {
        try await withPostgres(Self.one) { database, _, _ in
            let sql = SQLText("SELECT $1::bigint")
            for _ in 0..<3 { _ = try await database.query(Statement(sql, [.integer(0)]), into: ValueRows()) }
            for _ in 0..<50 {
                async let good = database.query(Statement(sql, [.integer(7)]), into: ValueRows())
                let refusal = await refused { _ = try await database.query(Statement(sql, [.integer(1), .integer(2)]), into: ValueRows()) }
                #expect(refusal?.code == .failed)
                #expect(refusal?.message.contains("takes 1 parameters; 2 were given") == true)
                #expect(try await good == [[.integer(7)]])
            }
        }
    }

    @Test func `all go again when the connection breaks under them`() async throws {
        try await withPostgres(Self.one) { database, server, address in
            let sql = SQLText("SELECT $1::bigint, (SELECT count(*) FROM generate_series(1, $1::bigint * 1000))")
            for _ in 0..<3 { _ = try await database.query(Statement(sql, [.integer(0)]), into: ValueRows()) }
            for _ in 0..<5 {
                let tasks = (0..<24).map { number in
                    Task { try await database.query(Statement(sql, [.integer(Int64(number))]), into: ValueRows()) }
                }
                _ = try await server.shell(
                    "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(server.name(of: address))'")
                for (number, task) in tasks.enumerated() {
                    #expect(try await task.value == [[.integer(Int64(number)), .integer(Int64(number * 1000))]])
                }
            }
        }
    }
}
