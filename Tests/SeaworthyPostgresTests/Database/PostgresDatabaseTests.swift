import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

/// The ``StorageError`` that the body throws; nil when it throws none.
func refused(_ body: () async throws -> Void) async -> StorageError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? StorageError
    }
}

extension Database {
    func rows(_ sql: String, _ parameters: Value...) async throws -> [[Value]] {
        try await query(Statement(sql, parameters), into: ValueRows())
    }
}

extension DatabaseTransaction {
    func rows(_ sql: String, _ parameters: Value...) async throws -> [[Value]] {
        try await query(Statement(sql, parameters), into: ValueRows())
    }

    @discardableResult
    func run(_ sql: String, _ parameters: Value...) async throws -> Int {
        try await execute(Statement(sql, parameters))
    }
}

@Suite struct `PostgreSQL's driver` {
    @Test func `reads and writes the server's own types in the forms of the storage`() async throws {
        try await withPostgres { database, server, address in
            try await database.transaction(.write) { transaction in
                try await transaction.run(
                    """
                    CREATE TABLE t (n integer, s smallint, r real, b boolean, m numeric(18, 4), at timestamptz, d date, u uuid, j json, k jsonb,
                        v varchar(9), plain timestamp)
                    """)
                try await transaction.run(
                    """
                    INSERT INTO t VALUES ($1, $2, $3, $4, $5::bigint * 0.0001, $6, $7, $8, $9, $10, $11, $12)
                    """, .integer(-7), .integer(3), .double(1.5), .integer(1), .integer(-123_456_789_012_345_678),
                    .integer(1_720_096_200_123_456), .text("0001-12-31"), .text("0190a6c3-0000-7000-8000-00000000abcd"),
                    .text(#"{"b":1,"a":[1.0,2]}"#), .text(#"{"b": 1}"#), .text("ß"), .integer(-1))
                try await transaction.run("INSERT INTO t (m, at, d) VALUES (0, '9999-12-31T23:59:59.999999Z', '9999-12-31')")
                try await transaction.run("INSERT INTO t (m, at) VALUES (10000, '0001-01-01T00:00:00Z')")
            }
            #expect(
                try await database.rows("SELECT * FROM t") == [
                    [
                        .integer(-7), .integer(3), .double(1.5), .integer(1), .integer(-123_456_789_012_345_678),
                        .integer(1_720_096_200_123_456), .text("0001-12-31"), .text("0190a6c3-0000-7000-8000-00000000abcd"),
                        .text(#"{"b":1,"a":[1.0,2]}"#), .text(#"{"b": 1}"#), .text("ß"), .integer(-1),
                    ],
                    [
                        .null, .null, .null, .null, .integer(0), .integer(253_402_300_799_999_999), .text("9999-12-31"), .null, .null,
                        .null,
                        .null, .null,
                    ],
                    [
                        .null, .null, .null, .null, .integer(100_000_000), .integer(-62_135_596_800_000_000), .null, .null, .null, .null,
                        .null, .null,
                    ],
                ])
            #expect(
                try await server.shell(server.name(of: address), "SET timezone = 'UTC'; SELECT m, at, d, u FROM t WHERE n = -7")
                    == "-12345678901234.5678|2024-07-04 12:30:00.123456+00|0001-12-31|0190a6c3-0000-7000-8000-00000000abcd")
            #expect(
                try await database.rows("SELECT 0.1::numeric, 12345678.90::numeric, -1e20::numeric, 'NaN'::numeric, 100::numeric") == [
                    [.integer(1), .integer(1_234_567_890), .integer(.min), .integer(0), .integer(100)]
                ])
        }
    }

    @Test func `refuses values that a type does not have, and the transaction goes on`() async throws {
        try await withPostgres { database, _, _ in
            try await database.transaction(.write) { transaction in
                try await transaction.run("CREATE TABLE t (n smallint, d date, b boolean, u uuid, v varchar(2))")
                for (column, value, code) in [
                    ("n", .integer(70_000), .numericOverflow), ("d", .text("2024-02-30"), .typeMismatch), ("b", .integer(2), .typeMismatch),
                    ("u", .text("x"), .typeMismatch), ("v", .text("abc"), .typeMismatch), ("n", .text("x"), .typeMismatch),
                ] as [(String, Value, StorageError.Code)] {
                    let error = await refused { try await transaction.run("INSERT INTO t (\(column)) VALUES ($1)", value) }
                    #expect(error?.code == code, "\(column) \(value): \(String(describing: error))")
                }
                #expect(try await transaction.run("INSERT INTO t (n) VALUES ($1)", .integer(7)) == 1)
            }
            #expect(try await database.rows("SELECT count(*) FROM t") == [[.integer(1)]])
        }
    }

    @Test(
        arguments: [
            ("08P01", .disconnected), ("08006", .disconnected), ("53300", .disconnected), ("40001", .serializationFailure),
            ("40P01", .serializationFailure), ("55P03", .busy), ("25006", .readOnly), ("53100", .diskFull), ("XX001", .corrupt),
            ("58030", .inputOutput), ("22003", .numericOverflow), ("P0001", .failed),
        ] as [(String, StorageError.Code)])
    func `tells what the server refuses in the storage's terms`(state: String, code: StorageError.Code) async throws {
        let change: PostgresChange = { $0.retryTime = .zero }
        try await withPostgres(change) { database, _, _ in
            let error = await refused {
                try await database.transaction(.write) { transaction in
                    _ = try await transaction.run("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '\(state)'; END $$")
                }
            }
            #expect(error?.code == code, "\(String(describing: error))")
        }
    }

    @Test func `keeps as many prepared statements as it may, on each connection`() async throws {
        let change: PostgresChange = {
            $0.preparedStatementLimit = 2
            $0.pool.size = 1
        }
        try await withPostgres(change) { database, _, _ in
            let texts = (0..<5).map { SQLText("SELECT \($0)::bigint + $1::bigint") }
            for round in 0..<3 {
                for (index, text) in texts.enumerated() {
                    let sum = try await database.query(Statement(text, [.integer(Int64(round))]), into: ValueRows())
                    #expect(sum == [[.integer(Int64(index + round))]])
                }
            }
            #expect(try await database.rows("SELECT count(*) FROM pg_prepared_statements") == [[.integer(2)]])
        }
    }

    @Test func `prepares again what no longer fits its tables`() async throws {
        let change: PostgresChange = { $0.pool.size = 1 }
        try await withPostgres(change) { database, server, address in
            let name = server.name(of: address)
            try await server.shell(name, "CREATE TABLE t (a bigint); INSERT INTO t VALUES (1)")
            let all = Statement(SQLText("SELECT * FROM t"), [])
            #expect(try await database.query(all, into: ValueRows()) == [[.integer(1)]])
            try await server.shell(name, "ALTER TABLE t ADD COLUMN b text DEFAULT 'x'")
            #expect(try await database.query(all, into: ValueRows()) == [[.integer(1), .text("x")]])
        }
    }

    @Test(.timeLimit(.minutes(5))) func `has no connection any more once it is closed`() async throws {
        let server = try await PostgresServer.running()
        let address = try await server.makeDatabase()
        let database = try await PostgresDatabase.open(PostgresSettings(address))
        _ = try await database.rows("SELECT 1")
        await database.close()
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(server.name(of: address))'"
        // The server notices on its own time.
        while try await server.shell("postgres", count) != "0" {}
        withExtendedLifetime(database) {}
    }

    @Test func `lets quick statements past slow ones`() async throws {
        let change: PostgresChange = { $0.pool.size = 2 }
        try await withPostgres(change) { database, server, address in
            // Both connections are open.
            async let first = database.rows("SELECT pg_sleep(0.05)")
            async let second = database.rows("SELECT pg_sleep(0.05)")
            _ = try await (first, second)
            let slow = Task { try await database.rows("SELECT pg_sleep(600)") }
            while try await server.shell("postgres", Self.sleeping(server.name(of: address))) == "0" {}
            try await Task.sleep(for: .milliseconds(50))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await database.rows("SELECT 1") } }
                try await group.waitForAll()
            }
            slow.cancel()
            await #expect(throws: CancellationError.self) { try await slow.value }
        }
    }

    private static func sleeping(_ database: String) -> String {
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database)' AND wait_event = 'PgSleep'"
    }

    @Test func `ends one statement of many on a connection, and answers the others`() async throws {
        let change: PostgresChange = {
            $0.pool.size = 1
            $0.slowTime = .seconds(60)
        }
        try await withPostgres(change) { database, _, _ in
            for _ in 0..<10 {
                let ended = Task { try await database.rows("SELECT count(*) FROM generate_series(1, 100000000000)") }
                let others = (0..<8).map { number in Task { try await database.rows("SELECT \(number)::bigint") } }
                try await Task.sleep(for: .milliseconds(5))
                ended.cancel()
                await #expect(throws: CancellationError.self) { try await ended.value }
                for (number, other) in others.enumerated() { #expect(try await other.value == [[.integer(Int64(number))]]) }
            }
        }
    }
}
