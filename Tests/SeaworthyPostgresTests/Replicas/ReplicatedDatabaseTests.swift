import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import StorageContract
import Testing

@Suite(.serialized) struct `A database with replicas` {
    /// A primary with a standby that streams from it, each of them for this test alone.
    private static func withReplica(
        _ settings: PostgresChange = { _ in },
        _ body: (ReplicatedDatabase, _ primary: PostgresServer, _ standby: PostgresServer) async throws -> Void
    ) async throws {
        let primary = try await PostgresServer.start()
        defer { primary.stop() }
        let standby = try await PostgresServer.start(["--standby-of", primary.folder, String(primary.port)])
        defer { standby.stop() }
        var postgres = PostgresSettings(primary.address("postgres"))
        settings(&postgres)
        // By its port, so that another server may take its place.
        try await primary.shell("postgres", "ALTER ROLE postgres PASSWORD 'replicas'")
        let address = "postgres://postgres:replicas@127.0.0.1:\(standby.port)/postgres"  // not-a-secret
        let database = try await ReplicatedDatabase.open(postgres, replicas: [address])
        do {
            try await database.transaction(.write) { _ = try await $0.run("CREATE TABLE t (a bigint)") }
            try await body(database, primary, standby)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private static func reading<Result>(
        _ tokens: [String] = [], _ body: () async throws -> Result
    ) async throws -> Result {
        try await ReadConsistency.$current.withValue(ReadConsistency(isReading: true, tokens: tokens.map { Substring($0) })) {
            try await body()
        }
    }

    private static func writing(_ body: () async throws -> Void) async throws -> String? {
        let consistency = ReadConsistency(isReading: false)
        try await ReadConsistency.$current.withValue(consistency) { try await body() }
        return consistency.token
    }

    private static let port = "SELECT current_setting('port')"

    /// Which of the two answers reads, once it is the one that is meant; fails after a while.
    private static func awaitReads(of database: ReplicatedDatabase, from server: PostgresServer, _ tokens: [String] = []) async throws {
        var found: [[Value]] = []
        for _ in 0..<400 {
            found = (try? await reading(tokens) { try await database.rows(port) }) ?? []
            if found == [[.text(String(server.port))]] { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(found) answers, not \(server.port)")
    }

    @Test func `reads of requests go to the replica, all else to the primary`() async throws {
        try await Self.withReplica { database, primary, standby in
            try await Self.awaitReads(of: database, from: standby)
            #expect(try await database.rows(Self.port) == [[.text(String(primary.port))]])
            let snapshot = try await Self.reading { try await database.transaction(.read) { try await $0.rows(Self.port) } }
            #expect(snapshot == [[.text(String(standby.port))]])
            // A read that goes on to write.
            let token = try await Self.writing {
                #expect(try await database.rows(Self.port) == [[.text(String(primary.port))]])
                try await database.transaction(.write) { transaction in
                    #expect(try await transaction.rows(Self.port) == [[.text(String(primary.port))]])
                    _ = try await transaction.run("INSERT INTO t VALUES (1)")
                }
            }
            #expect(token != nil)
            try await database.probe()
            #expect(database.statistics.count == 2)
        }
    }

    @Test func `a client sees what it wrote, also while the replica stands still`() async throws {
        try await Self.withReplica { database, primary, standby in
            try await Self.awaitReads(of: database, from: standby)
            try await standby.shell("postgres", "SELECT pg_wal_replay_pause()")
            while try await standby.shell("postgres", "SELECT pg_get_wal_replay_pause_state()") != "paused" {}
            let token = try await Self.writing {
                try await database.transaction(.write) { _ = try await $0.run("INSERT INTO t VALUES (7)") }
            }
            let known = try #require(token)
            let count = "SELECT count(*), current_setting('port') FROM t"
            // With the token the write is there; without, the replica answers from before it, as it may for a while.
            #expect(try await Self.reading([known]) { try await database.rows(count) } == [[.integer(1), .text(String(primary.port))]])
            #expect(try await Self.reading { try await database.rows(count) } == [[.integer(0), .text(String(standby.port))]])
            // A second write, so that the primary moves on and the replica is behind by time.
            for _ in 0..<3 {
                _ = try await Self.writing { try await database.transaction(.write) { _ = try await $0.run("INSERT INTO t VALUES (8)") } }
                try await Task.sleep(for: .milliseconds(200))
            }
            try await Self.awaitReads(of: database, from: primary)
            try await standby.shell("postgres", "SELECT pg_wal_replay_resume()")
            try await Self.awaitReads(of: database, from: standby, [known])
            #expect(try await Self.reading([known]) { try await database.rows("SELECT count(*) FROM t") } == [[.integer(4)]])
        }
    }

    @Test func `a replica that dies is left out, and comes back`() async throws {
        try await Self.withReplica { database, primary, standby in
            try await Self.awaitReads(of: database, from: standby)
            standby.stop()
            // No read fails: the primary takes over.
            for _ in 0..<20 { #expect(try await Self.reading { try await database.rows(Self.port) } == [[.text(String(primary.port))]]) }
            // Another one at its place, which has the same address.
            let again = try await PostgresServer.start([
                "--standby-of", primary.folder, String(primary.port), "port=\(standby.port)",
            ])
            defer { again.stop() }
            try await Self.awaitReads(of: database, from: standby)
        }
    }

    @Test func `a replica that was promoted is no replica any more`() async throws {
        try await Self.withReplica { database, primary, standby in
            try await Self.awaitReads(of: database, from: standby)
            try await standby.shell("postgres", "SELECT pg_promote()")
            try await standby.shell("postgres", "CREATE TABLE strange (a int)")
            try await Self.awaitReads(of: database, from: primary)
            for _ in 0..<20 {
                #expect(try await Self.reading { try await database.rows(Self.port) } == [[.text(String(primary.port))]])
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test func `a server in recovery reads, and says of a write that it only reads`() async throws {
        try await Self.withReplica { _, _, standby in
            let database = try await PostgresDatabase.open(PostgresSettings(standby.address("postgres")))
            #expect(try await database.transaction(.read) { try await $0.rows("SELECT 1") } == [[.integer(1)]])
            let error = await refused { try await database.transaction(.write) { _ = try await $0.run("INSERT INTO t VALUES (1)") } }
            #expect(error?.code == .readOnly, "\(String(describing: error))")
            #expect(try await database.rows("SELECT 1") == [[.integer(1)]])
            #expect(await refused { try await database.probe() }?.code == .readOnly)
            await database.close()
        }
    }

    @Test func `whether it takes writes is asked of the primary`() async throws {
        try await Self.withReplica { database, _, _ in
            for _ in 0..<4 { try await Self.reading { try await database.probe() } }
        }
    }

    @Test func `without any replica there the primary answers`() async throws {
        let server = try await PostgresServer.running()
        let database = try await ReplicatedDatabase.open(
            PostgresSettings(try await server.makeDatabase()), replicas: ["postgres://127.0.0.1:1/none"])
        #expect(try await Self.reading { try await database.rows(Self.port) } == [[.text(String(server.port))]])
        await database.close()
    }

    @Test func `a commit whose place is not told is a commit all the same`() async throws {
        try await Self.withReplica { database, primary, _ in
            // Nobody may ask where the log ends: the token is missing, and nothing fails.
            try await primary.shell(
                "postgres",
                "CREATE ROLE poor LOGIN; GRANT ALL ON t TO poor; REVOKE EXECUTE ON FUNCTION pg_current_wal_insert_lsn() FROM PUBLIC")
            let address = primary.address("postgres").replacing("user=postgres", with: "user=poor")
            let poor = try await ReplicatedDatabase.open(PostgresSettings(address), replicas: [])
            let token = try await Self.writing {
                try await poor.transaction(.write) { _ = try await $0.run("INSERT INTO t VALUES (1)") }
            }
            #expect(token == nil)
            #expect(try await poor.rows("SELECT count(*) FROM t") == [[.integer(1)]])
            await poor.close()
        }
    }
}

@Suite struct `With replicas` {
    @Test(arguments: StorageContract.checks)
    func `the contract is kept`(check: StorageContract.Check) async throws {
        let server = try await PostgresServer.running()
        let subject = ContractSubject(dialect: .postgres) { statementTimeout in
            var settings = PostgresSettings(try await server.makeDatabase())
            settings.statementTimeout = statementTimeout
            settings.pool.waitTimeout = .seconds(60)
            settings.retryTime = .seconds(60)
            // One that is none: what is read there is the same, and it is never chosen.
            return try await ReplicatedDatabase.open(settings, replicas: [settings.connection])
        }
        try await check.run(subject)
    }
}
