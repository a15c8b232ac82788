import Foundation
import PostgresServing
import SeaworthySchema
import Testing

@Suite struct `seaworthy schema pull` {
    private static let sql = """
        CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER REFERENCES customers, wrong DATE);
        CREATE TABLE other (a TEXT);
        INSERT INTO orders VALUES (1, NULL, 'soon');
        """

    private func folder() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try await SQLiteShell.rows(Self.sql, in: folder.url.appendingPathComponent("shop.db"))
        return folder
    }

    private let database = ["DATABASE_URL": "sqlite:shop.db"]

    @Test func `writes the schema to standard output, and what it left out to standard error`() async throws {
        let folder = try await folder()
        let outcome = try await SeaworthyProcess.run(["schema", "pull"], in: folder.url, environment: database)
        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                # Made from a database by `seaworthy schema pull`; yours to edit.
                # Nobody may read or write anything yet: give each entity its `access:`, for example the line that stands there as a comment.
                name: shop

                entities:
                  Customer:
                    fields:
                      id:   { type: integer, generated: true }
                      name: { type: text, required: true }
                    # access: { anyone: { read: true } }

                  Order:
                    fields:
                      id:          { type: integer, generated: true }
                      customer_id: { references: Customer, inverse: orders }
                      # left out: column wrong: it is declared as DATE, and has texts that are no dates
                    # access: { anyone: { read: true } }

                # skipped: other: it has no primary key, nor required columns that are unique together

                """)
        #expect(
            outcome.errors == """
                note: orders.wrong: left out: it is declared as DATE, and has texts that are no dates
                note: skipped: other: it has no primary key, nor required columns that are unique together
                2 entities, 2 note(s)

                """)
        // It looks, and leaves nothing behind.
        #expect(!folder.exists(".seaworthy") && !folder.exists("seaworthy.db"))
    }

    @Test func `takes the tables that are asked for, with the rights that are asked for, under the name that is asked for`() async throws {
        let folder = try await folder()
        let outcome = try await SeaworthyProcess.run(
            [
                "schema", "pull", "--table", "o*", "--table", "c?stomers", "--exclude", "other", "--grant", "write", "--name", "my shop",
                "--database", "sqlite:shop.db",
            ],
            in: folder.url)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let schema = try SchemaParser.parse(yaml: outcome.output, file: "pulled.yaml").schema
        #expect(schema.name == "my shop" && schema.entities.map(\.name) == ["Customer", "Order"])
        #expect(
            schema.entities.allSatisfy {
                $0.access.roles == [RoleAccess(role: "anyone", read: .always, create: .always, update: .always, delete: .always)]
            })
        let one = try await SeaworthyProcess.run(
            ["schema", "pull", "--table", "orders", "--grant", "read"], in: folder.url, environment: database)
        #expect(one.output.contains("# reference (customer_id) to customers is left out: that table is not in this file"))
        #expect(one.output.contains("access:\n      anyone: { read: true }\n"))
        #expect(one.errors.hasSuffix("1 entity, 2 note(s)\n"))
    }

    @Test func `never overwrites a file without --force, and never leaves half of one`() async throws {
        let folder = try await folder()
        try folder.write("mine", to: "seaworthy.yaml")
        let refused = try await SeaworthyProcess.run(
            ["schema", "pull", "--output", "seaworthy.yaml"], in: folder.url, environment: database)
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(
            refused.errors
                == "error: the file «seaworthy.yaml» is there already. Fix: name another with --output, or replace it with --force\n")
        #expect(try folder.text("seaworthy.yaml") == "mine")
        let forced = try await SeaworthyProcess.run(
            ["schema", "pull", "--output", "seaworthy.yaml", "--force"], in: folder.url, environment: database)
        #expect(forced.status == 0 && forced.output.isEmpty && forced.errors.hasSuffix("2 entities written to seaworthy.yaml, 2 note(s)\n"))
        #expect(try folder.text("seaworthy.yaml").contains("  Customer:\n"))
        #expect(!folder.exists("seaworthy.yaml.part"))
        let nowhere = try await SeaworthyProcess.run(
            ["schema", "pull", "--output", "no/where.yaml"], in: folder.url, environment: database)
        #expect(nowhere.status == 1 && nowhere.errors.contains("cannot be written"))
    }

    @Test func `says what is wrong with the question`() async throws {
        let folder = try await folder()
        let cases: [([String], Int32, String)] = [
            (["--database", "sqlite:none.db"], 1, "there is no database at"), (["--database", "sqlite::memory:"], 1, "always empty"),
            (["--database", "mysql://x"], 1, "--database must begin with sqlite: or postgres://"),
            (["--database", "postgres://me:secret@127.0.0.1:1/x"], 1, "--database holds a password"),
            (["--database", "postgres://127.0.0.1:1/x?password=secret"], 1, "--database holds a password"),
            (["--database", "postgres://me@127.0.0.1:1/x"], 1, "the database cannot be opened"),
            (["--database", "sqlite:shop.db", "--schema-name", "public"], 1, "SQLite has no schemas"),
            (["--database", "sqlite:shop.db", "--table", "x*"], 1, "there is no table that matches"),
            (["--database", "sqlite:shop.db", "--table", "other"], 1, "other: it has no primary key"),
            (["--grant", "all"], 64, "--grant is one of none, read, write"), (["--name", ""], 64, "--name is empty"),
            (["--nope"], 64, "nope"), (["x"], 64, "x"),
        ]
        for (arguments, status, text) in cases {
            let outcome = try await SeaworthyProcess.run(["schema", "pull"] + arguments, in: folder.url)
            #expect(outcome.status == status && outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
            #expect(
                outcome.output.isEmpty && !outcome.errors.contains("secret@") && !outcome.errors.contains("=secret"),
                "\(arguments): \(outcome.errors)")
        }
        #expect(!folder.exists("none.db"))
    }

    @Test func `names the application after the database of PostgreSQL, and finds its schemas`() async throws {
        let (address, name) = try await WildDatabase.makePostgres()
        let folder = try TemporaryFolder()
        let all = try await SeaworthyProcess.run(
            ["schema", "pull", "--schema-name", "public", "--schema-name", "sales", "--exclude", "sales.o*"], in: folder.url,
            environment: ["DATABASE_URL": address])
        let schema = try SchemaParser.parse(yaml: all.output, file: "pulled.yaml").schema
        #expect(schema.name == name)
        #expect(schema.entities.filter { $0.dbSchema != nil }.map { [$0.name, $0.dbSchema] } == [["Invoice", "sales"]])
        let none = try await SeaworthyProcess.run(
            ["schema", "pull", "--schema-name", "none"], in: folder.url, environment: ["DATABASE_URL": address])
        #expect(none.status == 1 && none.errors.contains("there is no table in none that matches"), "\(none.errors)")
    }
}
