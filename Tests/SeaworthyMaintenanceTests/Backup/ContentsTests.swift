import Crypto
import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct `The contents of a database` {
    private enum Kind: CaseIterable {
        case sqlite
        case postgres
    }

    private func with<Result: Sendable>(_ kind: Kind, _ body: (any Database) async throws -> Result) async throws -> Result {
        let database: any Database =
            switch kind {
            case .sqlite: try await SQLiteDatabase.open(SQLiteSettings(.memory))
            case .postgres: try await PostgresDatabase.open(PostgresSettings(try await PostgresServer.running().makeDatabase()))
            }
        return try await database.closing { try await body(database) }
    }

    private func contents(_ kind: Kind, _ statements: [String]) async throws -> DatabaseContents {
        try await with(kind) { database in
            try await database.transaction(.write) { transaction in
                for statement in statements { try await transaction.execute(Statement(statement)) }
            }
            return try await database.transaction(.read) { transaction in
                switch kind {
                case .sqlite: try await SQLiteContents.read(in: transaction)
                case .postgres: try await PostgresContents.read(in: transaction)
                }
            }
        }
    }

    private static let table = "CREATE TABLE t (a integer, b text)"

    private func hash(_ kind: Kind, _ rows: String...) async throws -> String {
        let found = try await contents(kind, [Self.table] + rows.map { "INSERT INTO t VALUES \($0)" })
        return try #require(found.tables.first { $0.name == "t" }).hash
    }

    @Test(arguments: Kind.allCases)
    private func `are the same whatever the order of the rows`(kind: Kind) async throws {
        let one = try await contents(kind, [Self.table, "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL)"])
        let two = try await contents(kind, [Self.table, "INSERT INTO t VALUES (3, NULL), (1, 'x')", "INSERT INTO t VALUES (2, 'y')"])
        #expect(one == two)
        #expect(one.tables.map(\.rows) == [3] && one.rows == 3)
        #expect(one.differences(from: two, comparesStructure: true) == [])
    }

    @Test(arguments: Kind.allCases)
    private func `tell a changed, a missing, a doubled and a swapped value`(kind: Kind) async throws {
        let original = try await hash(kind, "(1, 'x'), (2, 'y')")
        let others: [[String]] = [
            ["(1, 'x'), (2, 'z')"], ["(1, 'x')"], ["(1, 'x'), (2, 'y'), (2, 'y')"], ["(1, 'y'), (2, 'x')"], ["(1, 'x'), (2, NULL)"],
            ["(1, 'x'), (2, '')"], ["(1, 'x'), (2, 'y '), (NULL, NULL)"],
            // Where hashes were combined by XOR, these would be the same as without the pair.
            ["(1, 'x'), (2, 'y'), (9, 'q'), (9, 'q')"],
        ]
        var seen = [original]
        for rows in others {
            let changed = try await hash(kind, rows.joined())
            #expect(!seen.contains(changed), "\(rows)")
            seen.append(changed)
        }
        #expect(try await hash(kind, "(1, 'x'), (2, 'y')") == original)
    }

    @Test func `tell the storage class of a value on SQLite`() async throws {
        func hash(_ value: String) async throws -> String {
            try await contents(.sqlite, ["CREATE TABLE t (a)", "INSERT INTO t VALUES (\(value))"]).tables[0].hash
        }
        let hashes = [
            try await hash("1"), try await hash("1.0"), try await hash("'1'"), try await hash("x'31'"), try await hash("NULL"),
            try await hash("''"), try await hash("x''"), try await hash("0"),
        ]
        #expect(Set(hashes).count == hashes.count)
    }

    @Test(arguments: Kind.allCases)
    private func `tell another definition`(kind: Kind) async throws {
        let plain = try await contents(kind, [Self.table])
        for more in ["CREATE INDEX i ON t (a)", "CREATE VIEW v AS SELECT a FROM t", "CREATE UNIQUE INDEX i ON t (a)"] {
            let changed = try await contents(kind, [Self.table, more])
            #expect(changed.structure != plain.structure, "\(more)")
            #expect(changed.tables == plain.tables)
            #expect(changed.differences(from: plain, comparesStructure: true).count == 1)
            #expect(changed.differences(from: plain, comparesStructure: false) == [])
        }
        let renamed = try await contents(kind, ["CREATE TABLE t (a integer, c text)"])
        #expect(renamed.tables[0].hash != plain.tables[0].hash)
    }

    @Test func `of PostgreSQL hold everything that a schema has beside tables`() async throws {
        let base = ["CREATE TABLE t (a integer PRIMARY KEY, b text)"]
        let plain = try await contents(.postgres, base)
        let changes = [
            "CREATE SEQUENCE s", "COMMENT ON COLUMN t.a IS 'x'", "ALTER TABLE t ALTER b SET DEFAULT 'x'", "ALTER TABLE t ADD CHECK (a > 0)",
            "ALTER TABLE t ALTER b SET NOT NULL", "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "CREATE TYPE e AS ENUM ('x', 'y')", "CREATE POLICY p ON t USING (a > 1)",
            "CREATE SCHEMA other CREATE VIEW v AS SELECT 1 AS one",
            "CREATE MATERIALIZED VIEW m AS SELECT 1 AS one", "ALTER TABLE t ALTER a TYPE bigint",
        ]
        var seen = [plain.structure]
        for change in changes {
            let structure = try await contents(.postgres, base + [change]).structure
            #expect(!seen.contains(structure), "\(change)")
            seen.append(structure)
        }
    }

    @Test func `of PostgreSQL are the same under other settings of the database`() async throws {
        let statements = [
            "CREATE TABLE t (a timestamptz, b double precision, c interval, d bytea, e date, f money)",
            "INSERT INTO t VALUES ('2026-01-02 03:04:05.678901+00', 0.1, '1 month 2 days', '\\x00ff', '2026-01-02', '1.50')",
        ]
        let plain = try await contents(.postgres, statements)
        let other = try await contents(
            .postgres,
            statements + [
                """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone TO ''Asia/Tokyo''', current_database());
                EXECUTE format('ALTER DATABASE %I SET DateStyle TO ''German''', current_database());
                EXECUTE format('ALTER DATABASE %I SET IntervalStyle TO ''iso_8601''', current_database());
                EXECUTE format('ALTER DATABASE %I SET bytea_output TO ''escape''', current_database());
                EXECUTE format('ALTER DATABASE %I SET extra_float_digits TO ''-3''', current_database()); END $$
                """
            ])
        #expect(plain == other)
    }

    @Test func `of PostgreSQL have schemas, partitions, large objects and columns with the name of the alias`() async throws {
        let found = try await contents(
            .postgres,
            [
                "CREATE SCHEMA \"My \"\"s\"", "CREATE TABLE \"My \"\"s\".\"T'x\" (\"row of a table\" integer)",
                "INSERT INTO \"My \"\"s\".\"T'x\" VALUES (1)", "CREATE TABLE p (a integer) PARTITION BY RANGE (a)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)", "INSERT INTO p VALUES (1), (2)", "CREATE TABLE none ()",
                "DO $$ BEGIN PERFORM lo_from_bytea(0, 'content'); END $$", "CREATE TEMPORARY TABLE gone (a integer)",
            ])
        #expect(
            found.tables.map { "\($0.name) \($0.rows)" } == ["My \"s.T'x 1", "large objects 1", "none 0", "p1 2"])
    }

    @Test func `differ in words`() {
        func contents(_ tables: [(String, Int, String)]) -> DatabaseContents {
            DatabaseContents(tables: tables.map { .init(name: $0.0, rows: $0.1, hash: $0.2) }, structure: "s")
        }
        let original = contents([("a", 1, "x"), ("b", 2, "y"), ("c", 3, "z")])
        let restored = contents([("a", 1, "other"), ("b", 3, "y"), ("d", 1, "w")])
        #expect(
            restored.differences(from: original, comparesStructure: true) == [
                "the table «a» has other content than the backup, in as many rows (1)", "the table «b» has 3 rows, the backup 2",
                "the table «c» is missing", "the table «d» is not in the backup",
            ])
        let key = SymmetricKey(size: .bits256)
        #expect(original.keyed(key).tables.map(\.hash) != original.tables.map(\.hash))
        #expect(original.keyed(key) == original.keyed(key) && original.keyed(nil) == original)
    }

    @Test func `sums of rows carry from word to word`() {
        var sum = RowSum()
        let ones = [UInt8](repeating: 0xFF, count: 32)
        ones.withUnsafeBytes { sum.add($0) }
        #expect(sum.hexadecimal == String(repeating: "f", count: 64))
        var one = [UInt8](repeating: 0, count: 32)
        one[31] = 2
        one.withUnsafeBytes { sum.add($0) }
        #expect(sum.hexadecimal == String(repeating: "0", count: 63) + "1")
        #expect(sum.rows == 2)
    }
}
