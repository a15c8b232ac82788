import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct `A database with everything` {
    /// Pulls, and holds the file to what it has to be: sound, the same each time, and wanting nothing changed.
    ///
    /// - Returns: what the server says of it at its start.
    private func pull(
        _ database: any Database, _ dialect: any Dialect, schemas: [String] = [], yaml expected: String
    ) async throws -> (result: SchemaPull.Result, leftovers: [String]) {
        let pull = SchemaPull(database, dialect: dialect, SchemaPull.Request(name: "everything", schemas: schemas))
        let result = try await pull.run()
        #expect(result.yaml == expected)
        #expect(try await pull.run().yaml == result.yaml)
        let read = try SchemaParser.parse(yaml: result.yaml, file: "pulled.yaml").schema
        let store = SchemaStore(database, dialect: dialect)
        let outcome = try await store.apply(read, now: 1)
        #expect(outcome.changes == [])
        try await store.verify(read)
        // What is known of its types now changes nothing.
        #expect(try await pull.run().schema.entities.map(\.fields) == result.schema.entities.map(\.fields))
        return (result, outcome.leftovers)
    }

    @Test func `becomes a whole file on PostgreSQL, and each note stands in it`() async throws {
        try await MadeDatabase.postgres(EverythingInPostgres.sql) { database in
            let (result, leftovers) = try await pull(database, PostgresDialect(), yaml: EverythingInPostgres.yaml)
            #expect(leftovers == [])
            #expect(result.report.count == 18)
            for note in result.report {
                let text = note.split(separator: ": ").last.map(String.init) ?? note
                #expect(result.yaml.contains(text), "\(note)")
            }
        }
    }

    @Test func `becomes a whole file on SQLite, and each note stands in it`() async throws {
        try await MadeDatabase.sqlite(EverythingInSQLite.sql) { database in
            let (result, leftovers) = try await pull(database, SQLiteDialect(), yaml: EverythingInSQLite.yaml)
            #expect(
                leftovers == ["Product: the unique index «ProductName» of «Products» is not in the schema, stays, and refuses duplicates"])
            #expect(result.report.count == 18)
            for note in result.report {
                let text = note.split(separator: ": ").last.map(String.init) ?? note
                #expect(result.yaml.contains(text), "\(note)")
            }
        }
    }

    @Test func `tells what the columns are to the server that opens it`() async throws {
        let adopted = try await MadeDatabase.postgres(EverythingInPostgres.sql) { database in
            let schema = try SchemaParser.parse(yaml: EverythingInPostgres.yaml, file: "pulled.yaml").schema
            return try await SchemaStore(database, dialect: PostgresDialect()).adopted(schema)
        }
        let fields = adopted.entities.flatMap { entity in entity.fields.map { (entity.name + "." + $0.name, $0) } }
        func described(_ form: ColumnForm) -> String { "\(form.read.around("c")) <- \(form.write.around("p")) \(form.itself)" }
        let forms = fields.compactMap { name, field in field.form.map { "\(name): \(described($0))" } }
        #expect(
            forms == [
                #"Code.code: c::text COLLATE "C" <- p::bpchar inEquality"#,
                "Match.goals: to_json(c) <- (SELECT v FROM json_to_record(json_build_object('v', p)) AS r (v integer[])) never",
                #"Note.code: c::text COLLATE "C" <- p::bpchar inEquality"#, #"Player.mood: c::text COLLATE "C" <- p::mood inEquality"#,
                "Shipment.sent: (c AT TIME ZONE 'UTC') <- (p AT TIME ZONE 'UTC') inOrder",
            ])
        let bounds = fields.filter { $0.1.minimum != nil || $0.1.maxLength != nil }.map { name, field in
            "\(name) \(field.minimum.map { "\($0)" } ?? "") \(field.maximum.map { "\($0)" } ?? "") \(field.maxLength.map(String.init) ?? "")"
        }
        #expect(bounds.contains("OrderDetail._9lives integer(-32768) integer(32767) "))
        #expect(bounds.contains("Player.shirt integer(1) integer(2147483647) "))
        #expect(bounds.contains("Player.email   80"))
        #expect(!bounds.contains { $0.hasPrefix("Squad.players") })
    }

    @Test func `leaves out tables that no entity can be`() async throws {
        let sql = """
            CREATE TABLE "Users" (id integer PRIMARY KEY); CREATE TABLE users (id integer PRIMARY KEY);
            CREATE TABLE sqlite_x (id integer PRIMARY KEY); CREATE TABLE wrong (id boolean PRIMARY KEY);
            CREATE TABLE late (id integer, other integer, PRIMARY KEY (id, other));
            ALTER TABLE late ADD FOREIGN KEY (id, other) REFERENCES late;
            CREATE TABLE twice (id integer PRIMARY KEY, a integer REFERENCES users, b integer REFERENCES "Users", c integer);
            ALTER TABLE twice ADD FOREIGN KEY (b) REFERENCES users
            """
        let result = try await MadeDatabase.postgres(sql) { database in
            try await SchemaPull(database, dialect: PostgresDialect(), SchemaPull.Request(name: "n")).run()
        }
        #expect(result.schema.entities.map(\.table) == ["Users", "late", "twice"])
        #expect(result.schema.entities[2].references.map(\.fields) == [[2]])
        #expect(
            result.report == [
                "late: reference (id, other) to late is left out: required references would form a circle, and no first record could be made",
                "twice: reference (a) to users is left out: that table is not in this file",
                "twice: reference (b) to users is left out: that table is not in this file",
                "skipped: sqlite_x: «sqlite_x» begins with «sqlite_», which is kept for tables of the server.",
                "skipped: users: its name differs from that of «Users» only in case",
                "skipped: wrong: its key (id) has a column that is left out or has a type that no key has",
            ])
        _ = try SchemaParser.parse(yaml: result.yaml, file: "pulled.yaml")
        let words = try await MadeDatabase.sqlite(
            "CREATE TABLE t (id INTEGER PRIMARY KEY);\nCREATE VIRTUAL TABLE words USING fts5(body);\n"
        ) { database in
            try await SchemaPull(database, dialect: SQLiteDialect(), SchemaPull.Request(name: "n")).run()
        }
        #expect(words.report == ["skipped: words: it is a virtual table"] && words.schema.entities.map(\.table) == ["t"])
    }

    @Test func `is refused when there is nothing in it`() async throws {
        try await MadeDatabase.sqlite("CREATE TABLE t (a TEXT);\n") { database in
            for (tables, detail) in [
                ([], "t: it has no primary key, nor required columns that are unique together"), (["x"], "there is no table that matches"),
            ] {
                do {
                    _ = try await SchemaPull(database, dialect: SQLiteDialect(), SchemaPull.Request(name: "n", tables: tables)).run()
                    Issue.record("not refused")
                } catch let error as MaintenanceError {
                    #expect(error.code == .nothingToPull && error.details == [detail])
                    #expect(error.description.hasPrefix("There is nothing to make a schema from:\n"))
                }
            }
        }
    }
}
