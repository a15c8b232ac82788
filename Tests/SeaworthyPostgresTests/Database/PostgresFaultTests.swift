import Foundation
import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct `When PostgreSQL fails` {
    private static func cutAll(_ server: PostgresServer) async throws {
        try await server.shell(
            "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut' AND pid <> pg_backend_pid()")
    }

    @Test func `connections that were cut while idle are found out, and nobody is told`() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        var settings = PostgresSettings(server.address("postgres"))
        settings.applicationName = "cut"
        let database = try await PostgresDatabase.open(settings)
        for _ in 0..<3 {
            try await Self.cutAll(server)
            #expect(try await database.rows("SELECT 1") == [[.integer(1)]])
            try await Self.cutAll(server)
            #expect(try await database.transaction(.write) { try await $0.rows("SELECT 2") } == [[.integer(2)]])
        }
        await database.close()
    }

    @Test func `a statement that only reads is sent again, a transaction in its middle fails whole`() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        var settings = PostgresSettings(server.address("postgres"))
        settings.applicationName = "cut"
        let database = try await PostgresDatabase.open(settings)
        try await database.transaction(.write) { _ = try await $0.run("CREATE TABLE t (a bigint)") }
        let reading = Task { try await database.rows("SELECT 1::bigint FROM pg_sleep(1)") }
        try await Task.sleep(for: .milliseconds(200))
        try await Self.cutAll(server)
        #expect(try await reading.value == [[.integer(1)]])
        let error = await refused {
            try await database.transaction(.write) { transaction in
                try await transaction.run("INSERT INTO t VALUES (1)")
                try await Self.cutAll(server)
                try await transaction.run("INSERT INTO t VALUES (2)")
            }
        }
        #expect(error?.code == .disconnected, "\(String(describing: error))")
        #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(0)]])
        await database.close()
    }

    @Test func `a server that does not answer is given up`() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        var settings = PostgresSettings(server.address("postgres"))
        settings.statementTimeout = .seconds(2)
        settings.pool.size = 1
        settings.pool.waitTimeout = .seconds(60)
        let database = try await PostgresDatabase.open(settings)
        guard case .integer(let pid)? = try await database.rows("SELECT pg_backend_pid()").first?.first else {
            Issue.record("no pid")
            return
        }
        kill(pid_t(pid), SIGSTOP)
        defer { kill(pid_t(pid), SIGCONT) }
        // The pool opens another connection, so the statement is answered after all.
        #expect(try await database.rows("SELECT 1") == [[.integer(1)]])
        await database.close()
    }

    @Test func `a server that hangs is found out before the limit of a statement`() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        var settings = PostgresSettings(server.address("postgres"))
        settings.statementTimeout = .seconds(600)
        settings.silenceTime = .milliseconds(100)
        settings.connectTimeout = .seconds(2)
        settings.pool.waitTimeout = .seconds(1)
        let database = try await PostgresDatabase.open(settings)
        // One that only takes long is left alone.
        #expect(try await database.rows("SELECT 1::bigint FROM pg_sleep(1)") == [[.integer(1)]])
        #expect(database.statistics.lost == 0)
        guard let line = try String(contentsOfFile: "\(server.folder)/data/postmaster.pid", encoding: .utf8).split(separator: "\n").first,
            let main = pid_t(line), case .integer(let pid)? = try await database.rows("SELECT pg_backend_pid()").first?.first
        else {
            Issue.record("no pid")
            return
        }
        let stopped = [main, pid_t(pid)]
        for process in stopped { kill(process, SIGSTOP) }
        defer { for process in stopped { kill(process, SIGCONT) } }
        async let reading = refused { _ = try await database.rows("SELECT 1") }
        async let writing = refused { try await database.transaction(.write) { _ = try await $0.run("SELECT 1") } }
        for error in await [reading, writing] {
            // Whether another connection has failed already when the wait for one is over, or not yet.
            #expect(error?.code == .disconnected || error?.code == .poolTimeout, "\(String(describing: error))")
        }
        for process in stopped { kill(process, SIGCONT) }
        var answered = false
        for _ in 0..<20 where !answered { answered = (try? await database.rows("SELECT 1")) != nil }
        #expect(answered)
        await database.close()
    }

    @Test func `a server that is gone is said to be`() async throws {
        let server = try await PostgresServer.start()
        let database = try await PostgresDatabase.open(PostgresSettings(server.address("postgres")))
        server.stop()
        async let reading = refused { _ = try await database.rows("SELECT 1") }
        async let writing = refused { try await database.transaction(.write) { _ = try await $0.run("SELECT 1") } }
        for error in await [reading, writing] { #expect(error?.code == .disconnected, "\(String(describing: error))") }
        await database.close()
    }

    @Test func `what cannot be opened says why, and no password`() async throws {
        let server = try await PostgresServer.running()
        let word = "geheim"
        for (address, told) in [
            ("postgres:///nothing?host=\(server.folder)&port=\(server.port)&user=postgres", "database \"nothing\" does not exist"),
            ("postgres://postgres:\(word)@127.0.0.1:\(server.port)/postgres", "password authentication failed"),
            ("postgres://127.0.0.1:1/postgres?user=a&password=\(word)", "Connection refused"),
        ] {
            let error = await refused { await (try PostgresDatabase.open(PostgresSettings(address))).close() }
            #expect(error?.code == .disconnected, "\(address)")
            #expect(error?.message.contains(told) == true, "\(String(describing: error))")
            #expect(error?.message.contains(word) == false)
        }
    }

    @Test func `a lock that is held for long is waited for, then said to be`() async throws {
        let change: PostgresChange = { $0.lockTimeout = .milliseconds(200) }
        try await withPostgres(change) { database, _, _ in
            try await database.transaction(.write) { transaction in
                try await transaction.run("CREATE TABLE t (a bigint PRIMARY KEY, n bigint)")
                try await transaction.run("INSERT INTO t VALUES (1, 0)")
            }
            try await database.transaction(.write) { transaction in
                try await transaction.run("UPDATE t SET n = n + 1 WHERE a = 1")
                let error = await refused {
                    try await database.transaction(.write) { _ = try await $0.run("UPDATE t SET n = n + 1 WHERE a = 1") }
                }
                #expect(error?.code == .busy, "\(String(describing: error))")
            }
            #expect(try await database.rows("SELECT n FROM t") == [[.integer(1)]])
        }
    }

    @Test func `transactions that lock each other out are run again`() async throws {
        // The server looks for a deadlock after a second, and each may meet several.
        let change: PostgresChange = { $0.retryTime = .seconds(120) }
        try await withPostgres(change) { database, _, _ in
            try await database.transaction(.write) { transaction in
                try await transaction.run("CREATE TABLE t (a bigint PRIMARY KEY, n bigint)")
                try await transaction.run("INSERT INTO t VALUES (1, 0), (2, 0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        let order: [Int64] = number.isMultiple(of: 2) ? [1, 2] : [2, 1]
                        try await database.transaction(.write) { transaction in
                            for key in order {
                                try await transaction.run("UPDATE t SET n = n + 1 WHERE a = $1", .integer(key))
                                try await Task.sleep(for: .milliseconds(2))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.rows("SELECT n FROM t ORDER BY a") == [[.integer(6)], [.integer(6)]])
        }
    }

    @Test func `what one decides on stays true until it commits`() async throws {
        try await withPostgres { database, _, _ in
            try await database.transaction(.write) { transaction in
                try await transaction.run("CREATE TABLE t (a bigint)")
                try await transaction.run("INSERT INTO t VALUES (1), (2)")
            }
            // Each takes one away when both are there: only a serial order keeps one.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in 1...2 {
                    group.addTask {
                        try await database.transaction(.write) { transaction in
                            guard try await transaction.rows("SELECT a FROM t").count == 2 else { return }
                            try await Task.sleep(for: .milliseconds(50))
                            try await transaction.run("DELETE FROM t WHERE a = $1", .integer(Int64(key)))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(1)]])
        }
    }

    @Test func `a transaction that stands still is rolled back`() async throws {
        let change: PostgresChange = { $0.transactionIdleTimeout = .milliseconds(100) }
        try await withPostgres(change) { database, server, address in
            try await server.shell(server.name(of: address), "CREATE TABLE t (a bigint)")
            let error = await refused {
                try await database.transaction(.write) { transaction in
                    try await transaction.run("INSERT INTO t VALUES (1)")
                    try await Task.sleep(for: .milliseconds(600))
                    try await transaction.run("INSERT INTO t VALUES (2)")
                }
            }
            #expect(error?.code == .transactionTimeout, "\(String(describing: error))")
            #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(0)]])
        }
    }

    @Test func `a batch that is cancelled leaves nothing`() async throws {
        try await withPostgres { database, _, _ in
            try await database.transaction(.write) { _ = try await $0.run("CREATE TABLE t (a bigint)") }
            let task = Task {
                try await database.transaction(.write) { transaction in
                    let slow = SQLText("INSERT INTO t SELECT $1::bigint FROM pg_sleep(0.01)")
                    _ = try await transaction.executeBatch(
                        slow, values: (0..<10_000).map { .integer($0) }, width: 1, continuesOnError: true)
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(0)]])
        }
    }
}
