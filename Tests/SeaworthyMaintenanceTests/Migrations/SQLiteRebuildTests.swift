import SeaworthySchema
import Testing

@testable import SeaworthyMaintenance

/// What belongs to a SQLite table and is not the schema's, while the table is made anew.
@Suite struct SQLiteRebuildTests {
    private static let old =
        "A:\n  key: id\n  fields:\n    id: { type: integer }\n    x: { type: string, index: true }\n    z: { type: string }"
    private static let new =
        "A:\n  key: id\n  fields:\n    id: { type: integer }\n    y: { type: string, index: true, renamedFrom: x, required: true, default: d }\n    z: { type: string }"

    private func with(_ extra: [String], new: String = new, _ body: (MigrationBench, Schema, Schema) async throws -> Void) async throws {
        let (old, new) = (try MigrationBench.schema(Self.old), try MigrationBench.schema(new))
        try await MigrationBench.with(.sqlite) { bench in
            try await bench.make(old)
            for statement in extra { try await bench.run(statement) }
            try bench.plan(from: old, to: new, allowsDestructive: true)
            try await body(bench, old, new)
        }
    }

    @Test func `indexes and triggers that the schema does not know stay, with renamed columns`() async throws {
        try await with([
            "CREATE TABLE log (t TEXT)", "CREATE INDEX mine ON \"as\" (z, x) WHERE x <> ''",
            "CREATE TRIGGER told AFTER UPDATE OF x ON \"as\" BEGIN INSERT INTO log VALUES (new.x || CASE WHEN 1 THEN '!' END); END",
            "CREATE VIEW seen AS SELECT x AS label FROM \"as\"", "INSERT INTO \"as\" VALUES (1, 'a', 'b')",
        ]) { bench, _, new in
            try await bench.apply(new)
            let objects = try await bench.rows(
                "SELECT name FROM sqlite_schema WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL AND name NOT LIKE 'seaworthy%' ORDER BY name"
            )
            #expect(objects.map { $0[0].plain } == ["as_y_idx", "mine", "seen", "told"])
            try await bench.run("UPDATE \"as\" SET \"y\" = 'c'")
            #expect(try await bench.rows("SELECT t FROM log") == [[.text("c!")]])
            #expect(try await bench.rows("SELECT label FROM seen") == [[.text("c")]])
            try await bench.rollback(1)
            try await bench.run("UPDATE \"as\" SET x = 'd'")
            #expect(try await bench.rows("SELECT t FROM log ORDER BY rowid DESC LIMIT 1") == [[.text("d!")]])
            #expect(try await bench.rows("SELECT label FROM seen") == [[.text("d")]])
        }
    }

    @Test func `a column that the schema does not know is not lost: the migration is refused`() async throws {
        try await with(["ALTER TABLE \"as\" ADD COLUMN theirs TEXT", "INSERT INTO \"as\" VALUES (1, 'a', 'b', 'c')"]) { bench, _, new in
            let before = try await bench.structure()
            let error = await refusal { try await bench.apply(new) }
            #expect(error?.code == .failed)
            #expect(error?.details == ["«as» has the column «theirs», which the schema does not know and which would be lost"])
            #expect(try await bench.structure() == before)
            #expect(try await bench.rows("SELECT theirs FROM \"as\"") == [[.text("c")]])
            try await bench.run("ALTER TABLE \"as\" DROP COLUMN theirs")
            try await bench.apply(new)
            #expect(try await bench.rows("SELECT \"y\" FROM \"as\"") == [[.text("a")]])
        }
    }

    @Test(arguments: [
        ("CREATE TRIGGER told AFTER DELETE ON \"as\" BEGIN UPDATE \"as\" SET z = old.z WHERE id = old.id; END", "no such column: old.z"),
        ("CREATE VIEW seen AS SELECT z FROM \"as\"", "no such column: z"), ("CREATE INDEX mine ON \"as\" (z)", "no such column: z"),
    ])
    func `a trigger, view or index of what is dropped makes the migration fail, and stays`(_ statement: String, _ reason: String)
        async throws
    {
        let new = Self.new.replacing("\n    z: { type: string }", with: "")
        try await with([statement], new: new) { bench, _, new in
            let before = try await bench.structure()
            let error = await refusal { try await bench.apply(new, allowsDestructive: true) }
            #expect(error?.code == .failed)
            #expect(
                error?.details.first?.contains(reason) == true || error?.details.first?.contains("«mine»") == true,
                "\(error?.details ?? [])")
            #expect(try await bench.structure() == before)
        }
    }

    @Test func `a table that another program made is not copied, since its values may be in another form`() async throws {
        let old = try MigrationBench.schema(
            "A:\n  key: id\n  fields:\n    id: { type: integer }\n    n: { type: decimal, precision: 8, scale: 2 }")
        let new = try MigrationBench.schema(
            "A:\n  key: id\n  fields:\n    id: { type: integer }\n    n: { type: decimal, precision: 8, scale: 2, required: true, default: \"0\" }"
        )
        try await MigrationBench.with(.sqlite) { bench in
            try await bench.run("CREATE TABLE \"as\" (id INTEGER PRIMARY KEY, n NUMERIC)", "INSERT INTO \"as\" VALUES (1, 5)")
            try bench.plan(from: old, to: new)
            let error = await refusal { try await bench.apply(new) }
            #expect(error?.details == ["«as» is not there, or another program made it: it is not STRICT"])
            #expect(try await bench.rows("SELECT n FROM \"as\"") == [[.integer(5)]])
        }
    }

    @Test func `rows that point at nothing keep the migration from its commit`() async throws {
        let old =
            "A:\n  key: id\n  fields:\n    id: { type: integer }\nB:\n  key: id\n  fields:\n    id: { type: integer }\n    a: { type: integer }"
        let new = old.replacing("a: { type: integer }", with: "a: { references: A, as: one }")
        let (before, after) = (try MigrationBench.schema(old), try MigrationBench.schema(new))
        try await MigrationBench.with(.sqlite) { bench in
            try await bench.make(before)
            try await bench.run("INSERT INTO bs VALUES (1, 7)")
            let structure = try await bench.structure()
            try bench.plan(from: before, to: after)
            let error = await refusal { try await bench.apply(after) }
            #expect(error?.details == ["rows of «bs» point at rows of «as» that are not there"])
            #expect(try await bench.structure() == structure)
            // And references are looked at again.
            try await bench.run("INSERT INTO \"as\" VALUES (7)")
            try await bench.apply(after)
            await #expect(throws: (any Error).self) { try await bench.run("DELETE FROM \"as\"") }
        }
    }
}
