import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct `What SQLite tells of a table` {
    private static let sql = """
        CREATE TABLE targets (a TEXT, b INTEGER, PRIMARY KEY (b, a));
        CREATE TABLE [Mixed Case] (
            id INTEGER PRIMARY KEY AUTOINCREMENT, -- given once
            -- what it costs
            -- in all
            `price` DECIMAL(10, 2) NOT NULL DEFAULT (1.5), "select" VARCHAR(20) DEFAULT 'a,b', /* between */ bare,
            twice INT GENERATED ALWAYS AS (id * 2) VIRTUAL, thrice INT AS (id * 3) STORED, a TEXT, b INTEGER,
            me INTEGER REFERENCES [Mixed Case] ON DELETE CASCADE,
            UNIQUE (a, b), CONSTRAINT positive CHECK (price > 0 AND "select" <> ')'), CHECK(length(a) <= 3),
            FOREIGN KEY (a, b) REFERENCES targets (a, b) ON DELETE SET NULL, FOREIGN KEY (b, a) REFERENCES targets
        );
        CREATE INDEX part ON [Mixed Case] (a) WHERE b > 0;
        CREATE UNIQUE INDEX expr ON [Mixed Case] (lower(a), b);
        CREATE UNIQUE INDEX folded ON [Mixed Case] (a COLLATE NOCASE);
        CREATE INDEX plain ON [Mixed Case] (b DESC, a);
        CREATE TABLE without (code TEXT PRIMARY KEY, n INT) WITHOUT ROWID;
        CREATE TABLE intkey (code INT PRIMARY KEY);
        CREATE TABLE reused (id INTEGER PRIMARY KEY);
        CREATE VIEW seen AS SELECT a FROM targets;
        CREATE VIRTUAL TABLE words USING fts5(body);
        CREATE TABLE seaworthy_own (id INTEGER PRIMARY KEY);
        """

    private func table(_ name: String) async throws -> CatalogTable {
        try #require(try await MadeDatabase.sqlite(Self.sql) { try await MadeDatabase.table(name, $0, isPostgres: false) })
    }

    @Test func `columns with their types, defaults, sources and comments`() async throws {
        let table = try await table("mixed case")
        #expect(table.name == CatalogName(schema: nil, table: "Mixed Case"))
        let columns = table.columns.map { column in
            [
                column.name, column.type, column.declaredType, column.isRequired ? "required" : "", column.defaultExpression ?? "-",
                column.source.map { "\($0)" } ?? "-", "\(column.keyPosition)", column.comment ?? "",
            ].joined(separator: "|")
        }
        #expect(
            columns == [
                "id|INTEGER|INTEGER||-|sequence|1|given once", "price|NUMERIC|DECIMAL(10, 2)|required|1.5|-|0|what it costs in all",
                "select|TEXT|VARCHAR(20)||'a,b'|-|0|between", "bare|BLOB|||-|-|0|", "twice|INTEGER|INT||-|expression|0|",
                "thrice|INTEGER|INT||-|expression|0|", "a|TEXT|TEXT||-|-|0|", "b|INTEGER|INTEGER||-|-|0|", "me|INTEGER|INTEGER||-|-|0|",
            ])
        #expect(try await self.table("reused").columns[0].source == .rowNumber)
        #expect(try await self.table("intkey").columns[0].source == nil)
        #expect(try await self.table("without").columns[0].source == nil)
    }

    @Test func `foreign keys, indexes and checks`() async throws {
        let table = try await table("Mixed Case")
        #expect(
            table.foreignKeys == [
                CatalogForeignKey(name: "", target: "Mixed Case", columns: ["me"], targetColumns: ["id"], onDelete: .cascade),
                CatalogForeignKey(name: "", target: "targets", columns: ["a", "b"], targetColumns: ["a", "b"], onDelete: .setNull),
                CatalogForeignKey(name: "", target: "targets", columns: ["b", "a"], targetColumns: ["b", "a"], onDelete: .restrict),
            ])
        let indexes = table.allIndexes.map { index in
            let columns = index.columns.map { $0 ?? "*" }.joined(separator: ",")
            return
                "\(index.name)|\(columns)|\(index.isUnique)|\(index.isOfConstraint)|\(index.condition ?? "-")|\(index.plainColumns != nil)"
        }
        #expect(
            indexes == [
                "expr|*,b|true|false|-|false", "folded|a|true|false|-|false", "part|a|false|false|b > 0|false",
                "plain|b,a|false|false|-|true",
                "sqlite_autoindex_Mixed Case_1|a,b|true|true|-|true",
            ])
        #expect(
            table.checks == [
                CatalogCheck(name: "positive", expression: "price > 0 AND \"select\" <> ')'"), CatalogCheck(expression: "length(a) <= 3"),
            ])
    }

    @Test func `every table and view of the application, and no other`() async throws {
        let names = try await MadeDatabase.sqlite(Self.sql) { database in
            try await database.transaction(.read) { try await SQLiteCatalog($0).tableNames(in: []) }
        }
        #expect(names.map(\.table) == ["Mixed Case", "intkey", "reused", "seen", "targets", "without", "words"])
        #expect(try await table("seen").kind == .view)
        #expect(try await table("words").kind == .virtualTable)
        let missing = try await MadeDatabase.sqlite(Self.sql) { database in
            try await database.transaction(.read) { transaction in
                [
                    try await SQLiteCatalog(transaction).table(named: "none"),
                    try await SQLiteCatalog(transaction).table(named: "targets", in: "x"),
                ]
            }
        }
        #expect(missing == [nil, nil])
    }

    @Test func `what is in the columns, whatever their types say`() async throws {
        let sql = """
            CREATE TABLE t (i INTEGER, d DATE, m NUMERIC, f BOOLEAN, z);
            INSERT INTO t VALUES (1, '2020-01-31', 1, 0, NULL), (9007199254740992, '2020-02-31 x', 1.5, 1, NULL), (NULL, NULL, 'text', 1, NULL);
            """
        let contents = try await MadeDatabase.sqlite(sql) { database in
            try await database.transaction(.read) { transaction in
                let catalog = SQLiteCatalog(transaction)
                guard let table = try await catalog.table(named: "t") else { return [String: CatalogContent]() }
                return try await catalog.contents(of: table)
            }
        }
        #expect(contents["i"] == CatalogContent(count: 2, integers: 2, isFlag: false, isSafe: false))
        #expect(contents["d"] == CatalogContent(count: 2, texts: 2, isDate: false, longest: 12))
        #expect(contents["m"] == CatalogContent(count: 3, integers: 1, reals: 1, texts: 1, isDate: false, isTime: false, longest: 4))
        #expect(contents["f"] == CatalogContent(count: 3, integers: 3))
        #expect(contents["z"] == CatalogContent())
    }
}
