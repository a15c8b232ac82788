import Foundation
import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@Suite struct `What the driver tells of itself` {
    private final class Notes: Sendable {
        let notes = Mutex([SlowStatement]())

        func wait(for count: Int) async throws -> [SlowStatement] {
            while notes.withLock({ $0.count }) < count { try await Task.sleep(for: .milliseconds(1)) }
            return notes.withLock { $0 }
        }
    }

    @Test(arguments: [false, true])
    func `slow statements are told with their plan, and without values`(throughPgBouncer: Bool) async throws {
        let notes = Notes()
        let server = try await PostgresServer.running()
        let name = server.name(of: try await server.makeDatabase())
        let bouncer = throughPgBouncer ? try await PgBouncer.start(before: server) : nil
        defer { bouncer?.stop() }
        var settings = PostgresSettings(bouncer?.address(name) ?? server.address(name))
        settings.usesPreparedStatements = !throughPgBouncer
        settings.slowStatementTime = .milliseconds(150)
        settings.slowStatementObserver = { statement in notes.notes.withLock { $0.append(statement) } }
        let database = try await PostgresDatabase.open(settings)
        try await database.transaction(.write) { _ = try await $0.run("CREATE TABLE t (a bigint PRIMARY KEY, b text)") }
        let secret = "geheim"
        let slowQuery = "SELECT a, b FROM t, pg_sleep($1) WHERE b = $2::text OR a = 1"
        try await database.transaction(.write) { _ = try await $0.run("INSERT INTO t VALUES (1, 'x'), (2, 'y')") }
        #expect(try await database.rows(slowQuery, .double(0.2), .text(secret)).count == 1)
        var told = try await notes.wait(for: 1)
        #expect(told[0].sql == slowQuery)
        #expect(told[0].duration >= .milliseconds(200) && told[0].duration < .seconds(60))
        #expect(told[0].rows == 1)
        #expect(told[0].plan?.contains("Seq Scan on t") == true, "\(told[0])")
        #expect(told[0].plan?.contains("$2") == true)
        #expect("\(told[0])".contains(secret) == false)
        // In a transaction, and a write: explained, and not run by that.
        try await database.transaction(.write) { transaction in
            _ = try await transaction.run("UPDATE t SET b = $1 FROM pg_sleep(0.2) WHERE a >= 1", .text(secret))
        }
        told = try await notes.wait(for: 2)
        #expect(told[1].rows == 2)
        #expect(told[1].plan?.contains("Update on t") == true, "\(told[1])")
        // What has no plan is told without one, and the next that has one with it.
        try await database.transaction(.write) { _ = try await $0.run("DO $$ BEGIN PERFORM pg_sleep(0.2); END $$") }
        told = try await notes.wait(for: 3)
        #expect(told[2].plan == nil)
        _ = try await database.rows("SELECT 1 FROM pg_sleep(0.2)")
        told = try await notes.wait(for: 4)
        #expect(told[3].plan?.contains("pg_sleep") == true)
        await database.close()
    }

    @Test func `a statement that was ended for its time is told as well`() async throws {
        let notes = Notes()
        let change: PostgresChange = {
            $0.slowStatementTime = .milliseconds(150)
            $0.statementTimeout = .milliseconds(200)
            $0.slowStatementObserver = { statement in notes.notes.withLock { $0.append(statement) } }
        }
        try await withPostgres(change) { database, _, _ in
            _ = await refused { _ = try await database.rows("SELECT pg_sleep(60)") }
            let told = try await notes.wait(for: 1)
            #expect(told[0].error == .statementTimeout)
        }
    }

    @Test func `statistics tell connections in use, and made`() async throws {
        let change: PostgresChange = { $0.pool.size = 3 }
        try await withPostgres(change) { database, _, _ in
            try await database.transaction(.write) { first in
                _ = try await first.rows("SELECT 1")
                try await database.transaction(.write) { second in
                    _ = try await second.rows("SELECT 1")
                    let statistics = database.statistics
                    #expect(statistics.size == 3)
                    #expect(statistics.used == 2)
                    #expect(statistics.created >= 2)
                }
            }
        }
    }

    @Test func `an idle connection that does not answer any more is replaced before it is lent`() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        var settings = PostgresSettings(server.address("postgres"))
        settings.pool.size = 2
        settings.pool.checkInterval = .milliseconds(50)
        settings.checkTimeout = .milliseconds(300)
        let database = try await PostgresDatabase.open(settings)
        guard case .integer(let pid)? = try await database.rows("SELECT pg_backend_pid()").first?.first else {
            Issue.record("no pid")
            return
        }
        #expect(try await database.rows("SELECT pg_backend_pid()") == [[.integer(pid)]])
        try await Task.sleep(for: .milliseconds(100))
        // It answers, so it stays.
        #expect(try await database.rows("SELECT pg_backend_pid()") == [[.integer(pid)]])
        kill(pid_t(pid), SIGSTOP)
        defer { kill(pid_t(pid), SIGCONT) }
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await database.rows("SELECT pg_backend_pid()") != [[.integer(pid)]])
        #expect(database.statistics.lost == 1)
        await database.close()
    }
}
