import SeaworthySQL
import Testing

@testable import SeaworthyMaintenance

@Suite struct MigrationFileTests {
    private func read(_ text: String, _ dialect: any Dialect = SQLiteDialect()) throws -> Migration {
        try MigrationText.read(text, name: "n", file: "n.sqlite.sql", dialect: dialect)
    }

    @Test func `reads the headings and both directions`() throws {
        let migration = try read(
            """
            -- A remark of several words: it may say to: and from.
            -- from: abc
            -- to: def
            -- destructive: drops «x»
            -- references-off
            -- baseline: ["a",["b","c"]]
            -- irreversible

            -- up
            -- a remark
            CREATE TABLE a (b);
            -- rebuild: {"table":"a b","without":["c"]}
            DROP TABLE x;
            -- rebuilt: "a b"
            -- down
            DROP TABLE a; DROP TABLE b;
            """)
        #expect(migration.from == "abc")
        #expect(migration.to == "def")
        #expect(migration.losses == ["drops «x»"])
        #expect(migration.switchesReferencesOff)
        #expect(migration.usesTransaction)
        #expect(migration.isIrreversible)
        #expect(migration.baseline == [CatalogName(schema: nil, table: "a"), CatalogName(schema: "b", table: "c")])
        #expect(
            migration.up == [
                .statement("CREATE TABLE a (b)", line: 11), .rebuild(table: "a b", without: ["c"], line: 12),
                .statement("DROP TABLE x", line: 13), .rebuilt(table: "a b", line: 14),
            ])
        #expect(migration.down.compactMap(\.statement) == ["DROP TABLE a", "DROP TABLE b"])
    }

    @Test func `the checksum is of the text, however its lines end, and of nothing less`() throws {
        let text = "-- up\nSELECT 1;\n-- down\nSELECT 2;\n"
        let checksum = try read(text).checksum
        #expect(checksum.count == 64)
        #expect(try read(text.replacing("\n", with: "\r\n")).checksum == checksum)
        #expect(try read(text + " ").checksum != checksum)
    }

    @Test(arguments: [
        ("-- up\nSELECT 1;\n", "needs «-- up» and «-- down»"), ("SELECT 1;\n-- up\n-- down\n", "1: a statement before «-- up»"),
        ("-- down\n-- up\n", "1: expected one «-- up»"), ("-- up\nSELECT 1;\n-- up\n-- down\n", "3: expected one «-- up»"),
        ("-- up\nSELECT 1;\n-- down\nSELECT 1;\n-- down\n", "5: expected one «-- up»"),
        ("-- no-transacton\n-- up\nSELECT 1;\n-- down\nSELECT 1;\n", "1: «no-transacton» is no heading; did you mean «-- no-transaction»?"),
        ("-- destrutive: x\n-- up\nSELECT 1;\n-- down\nSELECT 1;\n", "did you mean «-- destructive»?"),
        ("-- baseline: a\n-- up\nSELECT 1;\n-- down\nSELECT 1;\n", "needs a JSON array"),
        ("-- no-transaction\n-- up\nSELECT 1;SELECT 2;\n-- down\nSELECT 1;\n", "takes one statement"),
        ("-- up\nSELECT 1;\n-- down\n", "«-- down» is empty"), ("-- up\n-- down\n", "«-- up» is empty"),
        ("-- up\nBEGIN;\n-- down\nSELECT 1;\n", "2: «BEGIN» does not belong"),
        ("-- up\nSELECT 1;\n-- down\ncommit ;\n", "4: «COMMIT» does not"),
        ("-- up\nSELECT 1;\n-- down\nSELECT 2\n", "4: the statement has no «;»"),
        (
            "-- up\n-- rebuild: {\"table\":\"a\",\"without\":[]}\n-- rebuilt: \"a\"\n-- down\n-- nothing to undo\n",
            "needs the heading «-- references-off»"
        ),
        ("-- references-off\n-- up\n-- rebuild: {\"table\":\"a\",\"without\":[]}\n-- down\n-- nothing to undo\n", "without its «rebuilt:»"),
        ("-- references-off\n-- up\n-- rebuilt: \"a\"\n-- down\n-- nothing to undo\n", "without its «rebuild:»"),
        ("-- up\n-- rebuild: a\n-- down\n", "needs a JSON object"), ("-- up\n-- rebuilt: a\n-- down\n", "as a JSON string"),
    ])
    func `refuses a file that it does not understand, with the line`(_ text: String, _ reason: String) {
        let error = #expect(throws: MaintenanceError.self) { try read(text) }
        #expect(error?.code == .invalidMigration)
        #expect(error?.details.first?.hasPrefix("n.sqlite.sql:") == true)
        #expect(error?.details.first?.contains(reason) == true, "\(error?.details ?? [])")
    }

    @Test func `nothing to do and nothing to undo can be said`() throws {
        #expect(try read("-- up\n-- nothing to do\n-- down\n").up == [])
        #expect(try read("-- up\nSELECT 1;\n-- down\n-- nothing to undo\n").down == [])
        #expect(try read("-- irreversible\n-- up\nSELECT 1;\n-- down\n").down == [])
    }

    private static let text = "-- up\nSELECT 1;\n-- down\nSELECT 1;\n"

    @Test func `a folder gives its migrations in the order of their times`() throws {
        let names = [
            "20260102000000_b.sqlite.sql", "20260101000000_Z-1.postgres.sql", "20260101000000_Z-1.sqlite.sql",
            "20260102000000_b.postgres.sql",
        ]
        let folder = try MigrationFolder(names.map { .init(name: $0, text: Self.text) }, dialect: PostgresDialect())
        #expect(folder.migrations.map(\.name) == ["20260101000000_Z-1", "20260102000000_b"])
        #expect(folder.lastName == "20260102000000_b")
        #expect(MigrationFolder.isMigration("x.sql"))
        #expect(!MigrationFolder.isMigration("schema.json"))
    }

    @Test(arguments: [
        (["20260101_a.sqlite.sql"], "is not named"), (["20260101000000_a.sql"], "is not named"),
        (["20260101000000_.sqlite.sql"], "is not named"),
        (["20260101000000_a b.sqlite.sql"], "is not named"), (["20260101000000_a.postgres.sql"], "there is no 20260101000000_a.sqlite.sql"),
        (["20260101000000_a.sqlite.sql", "20260101000000_b.sqlite.sql"], "the same time"),
    ])
    func `a folder with another file, without one of a pair or with two of a time is refused`(_ names: [String], _ reason: String) {
        let error = #expect(throws: MaintenanceError.self) {
            try MigrationFolder(names.map { .init(name: $0, text: Self.text) }, dialect: SQLiteDialect())
        }
        #expect(error?.code == .invalidMigration)
        #expect(error?.details.first?.contains(reason) == true)
    }

    @Test(arguments: [
        ("CREATE INDEX CONCURRENTLY a_b ON c (d)", "a_b"), ("create unique index concurrently \"a \"\"b\" on c (d)", "\"a \"\"b\""),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS x.y ON c (d)", "x.y"), ("CREATE INDEX CONCURRENTLY if_a ON c (d)", "if_a"),
        ("CREATE INDEX CONCURRENTLY ON c (d)", nil), ("CREATE INDEX a ON c (d)", nil), ("VACUUM", nil),
    ])
    func `knows which index a statement builds concurrently`(_ statement: String, _ name: String?) {
        #expect(ConcurrentIndex(statement)?.sqlName == name)
    }

    @Test func `an index's name is told without its quotation marks`() {
        #expect(ConcurrentIndex("CREATE INDEX CONCURRENTLY \"a \"\"b\" ON c (d)")?.name == "a \"b")
    }
}
