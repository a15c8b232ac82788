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
