import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import StorageContract
import Testing

/// PgBouncer in transaction mode: sessions belong to nobody, and there are fewer of them than clients.
@Suite(.serialized) struct `Through PgBouncer` {
    private static let shared = Task { try await PgBouncer.start(before: try await PostgresServer.running(), ["default_pool_size=3"]) }

    private static func settings(_ database: String) async throws -> PostgresSettings {
        var settings = PostgresSettings(try await shared.value.address(database))
        settings.usesPreparedStatements = false
        settings.pool.waitTimeout = .seconds(60)
        settings.retryTime = .seconds(60)
        return settings
    }

    private static func withDatabase<Result>(
        _ change: PostgresChange = { _ in }, _ body: (PostgresDatabase, PostgresServer, String) async throws -> Result
    ) async throws -> Result {
        let server = try await PostgresServer.running()
        let name = server.name(of: try await server.makeDatabase())
        var settings = try await settings(name)
        change(&settings)
        let database = try await PostgresDatabase.open(settings)
        return try await database.closing { try await body(database, server, name) }
    }

    @Test(arguments: StorageContract.checks.filter { check in !StorageContract.sessions.contains { $0.name == check.name } })
    func `keeps the contract`(check: StorageContract.Check) async throws {
        let server = try await PostgresServer.running()
        let subject = ContractSubject(dialect: .postgres) { statementTimeout in
            var settings = try await Self.settings(server.name(of: try await server.makeDatabase()))
            settings.statementTimeout = statementTimeout
            return try await PostgresDatabase.open(settings)
        }
        try await check.run(subject)
    }

    @Test func `leaves nothing behind in the sessions, and finds what it needs in each`() async throws {
        let change: PostgresChange = {
            $0.statementTimeout = .milliseconds(1_234_567)
            $0.lockTimeout = .milliseconds(2_345)
            $0.pool.size = 8
        }
        try await Self.withDatabase(change) { database, server, name in
            try await database.transaction(.write) { _ = try await $0.run("CREATE TABLE t (a bigint)") }
            let asked = """
                SELECT current_setting('transaction_read_only'), current_setting('statement_timeout'), current_setting('lock_timeout'),
                    (SELECT count(*) FROM pg_prepared_statements WHERE name <> '')
                """
            let limits: [Value] = [.text("1234567ms"), .text("2345ms"), .integer(0)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        switch number % 3 {
                        case 0: #expect(try await database.rows(asked) == [[.text("on")] + limits])
                        case 1:
                            let found = try await database.transaction(.write) { transaction in
                                try await transaction.run("INSERT INTO t VALUES ($1)", .integer(Int64(number)))
                                return try await transaction.rows(asked)
                            }
                            #expect(found == [[.text("off")] + limits])
                        default:
                            let found = try await database.transaction(.read) { try await $0.rows(asked) }
                            #expect(found == [[.text("on")] + limits])
                        }
                    }
                }
                try await group.waitForAll()
            }
            // What another client of the pooler finds.
            let other = try await server.shell(
                at: Self.shared.value.address(name),
                "SELECT current_setting('transaction_read_only') || current_setting('statement_timeout') || current_setting('lock_timeout')"
            )
            #expect(other == "off00")
            #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(20)]])
        }
    }

    @Test func `there is no session`() async throws {
        try await Self.withDatabase { database, _, _ in
            let error = await refused { try await database.session { _ = try await $0.execute(Statement("SELECT 1")) } }
            #expect(error?.message.contains("DATABASE_DIRECT_URL") == true, "\(String(describing: error))")
        }
    }

    @Test func `only a write transaction writes`() async throws {
        try await Self.withDatabase { database, _, _ in
            try await database.transaction(.write) { _ = try await $0.run("CREATE TABLE t (a bigint)") }
            let error = await refused { _ = try await database.rows("INSERT INTO t VALUES ($1) RETURNING a", .integer(1)) }
            #expect(error?.code == .readOnly, "\(String(describing: error))")
            let inTransaction = await refused {
                try await database.transaction(.read) { _ = try await $0.run("INSERT INTO t VALUES ($1)", .integer(1)) }
            }
            #expect(inTransaction?.code == .readOnly)
            #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(0)]])
        }
    }

    @Test func `more clients than sessions wait for one another, and each write is done once`() async throws {
        let change: PostgresChange = { $0.pool.size = 30 }
        try await Self.withDatabase(change) { database, server, name in
            try await database.transaction(.write) { _ = try await $0.run("CREATE TABLE t (a bigint)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        try await database.transaction(.write) {
                            _ = try await $0.run("INSERT INTO t VALUES ($1)", .integer(Int64(number)))
                        }
                        #expect(
                            try await database.rows("SELECT a FROM t WHERE a = $1", .integer(Int64(number))) == [[.integer(Int64(number))]])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.rows("SELECT count(*), count(DISTINCT a) FROM t") == [[.integer(300), .integer(300)]])
            let sessions = try await server.shell("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)'")
            #expect(Int(sessions).map { (1...3).contains($0) } == true, "\(sessions)")
        }
    }

    @Test func `a statement over its limit ends, and one that nobody waits for`() async throws {
        let change: PostgresChange = { $0.statementTimeout = .milliseconds(300) }
        try await Self.withDatabase(change) { database, _, _ in
            let error = await refused { _ = try await database.rows("SELECT pg_sleep(60)") }
            #expect(error?.code == .statementTimeout, "\(String(describing: error))")
        }
        try await Self.withDatabase { database, server, name in
            let task = Task { try await database.rows("SELECT pg_sleep(600)") }
            let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND wait_event = 'PgSleep'"
            while try await server.shell("postgres", sleeping) == "0" {}
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            while try await server.shell("postgres", sleeping) != "0" {}
        }
    }

    @Test func `a pooler that restarts is connected to again`() async throws {
        let server = try await PostgresServer.running()
        let name = server.name(of: try await server.makeDatabase())
        let bouncer = try await PgBouncer.start(before: server)
        var settings = PostgresSettings(bouncer.address(name))
        settings.usesPreparedStatements = false
        let database = try await PostgresDatabase.open(settings)
        try await server.shell("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
        #expect(try await database.rows("SELECT 1") == [[.integer(1)]])
        bouncer.stop()
        let error = await refused { _ = try await database.rows("SELECT 1") }
        #expect(error?.code == .disconnected, "\(String(describing: error))")
        let again = try await PgBouncer.start(before: server, ["listen_port=\(bouncer.port)"])
        defer { again.stop() }
        // An attempt that began before the pooler was there may be told of only now.
        var rows: [[Value]]?
        for _ in 0..<200 where rows == nil {
            rows = try? await database.rows("SELECT 1")
            if rows == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(rows == [[.integer(1)]])
        await database.close()
    }
}
