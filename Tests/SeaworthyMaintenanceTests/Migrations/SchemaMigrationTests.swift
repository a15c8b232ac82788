import SeaworthySQL
import SeaworthySchema
import Testing

@testable import SeaworthyMaintenance

/// Two schemas of several tables, with rows that live through the change.
struct SchemaCase: Sendable, CustomTestStringConvertible {
    var name: String
    var old: String
    var new: String
    /// Statements that make rows, the same on both databases.
    var rows: [String] = []
    /// What is there afterwards: a table with a condition, and how many of its rows meet it.
    var after: [(table: String, condition: String, count: Int)] = []
    /// What the plan calls a loss, in part.
    var loss: String?
    /// What it says it does, in part.
    var changes: [String] = []
    /// What is there after the way back.
    var back: [(table: String, condition: String, count: Int)] = []

    var testDescription: String { name }

    private static let customers = "Customer:\n  key: Code\n  fields:\n    Code: { type: string }\n    Name: { type: string, index: true }"
    private static let orders =
        "Order:\n  key: id\n  fields:\n    id: { type: integer, generated: true }\n    Buyer: { references: Customer, as: buyer, index: true }\n    Note: { type: string }"
    private static let shopRows = [
        "INSERT INTO customers VALUES ('A', 'Anna')", "INSERT INTO customers VALUES ('B', 'Bert')",
        "INSERT INTO orders (id, \"Buyer\", \"Note\") VALUES (1, 'A', 'x')",
        "INSERT INTO orders (id, \"Buyer\", \"Note\") VALUES (2, 'B', 'y')",
        "INSERT INTO orders (id, \"Buyer\", \"Note\") VALUES (3, NULL, NULL)",
    ]

    static let all: [SchemaCase] = [
        SchemaCase(
            name: "everything in an empty database", old: "X:\n  readOnly: true\n  key: id\n  fields: { id: { type: integer } }",
            new: "\(customers)\n\(orders)", changes: ["create table «customers»", "create table «orders»"]),
        SchemaCase(
            name: "a new table that points at an old one, and an old one that points at it", old: customers,
            new: customers + "\n    Last: { references: Order, as: last, index: true }\n" + orders, rows: Array(shopRows.prefix(2)),
            after: [("customers", "\"Last\" IS NULL", 2)], changes: ["create table «orders»", "add column «Last» to «customers»"]),
        SchemaCase(
            name: "a renamed table with its references, its own too", old: "\(customers)\n\(orders)",
            new: customers.replacing("Customer:", with: "Client:\n  renamedFrom: Customer\n  table: clients").replacing(
                "index: true", with: "index: true, column: label")
                + "\n" + orders.replacing("Customer", with: "Client"),
            rows: shopRows, after: [("clients", "label = 'Anna'", 1), ("orders", "\"Buyer\" = 'A'", 1)],
            changes: ["rename table «customers» to «clients»", "rename column «Name» of «clients» to «label»"],
            back: [("customers", "\"Name\" = 'Anna'", 1)]),
        SchemaCase(
            name: "renamed fields that take each other's columns",
            old: "A:\n  fields:\n    X: { type: string, index: true }\n    Y: { type: string }",
            new: "A:\n  fields:\n    X: { type: string, column: \"Y\", index: true }\n    Y: { type: string, column: \"X\" }",
            rows: ["INSERT INTO \"as\" VALUES ('018f0000-0000-7000-8000-00000000000a', 'x', 'y')"],
            after: [("as", "\"Y\" = 'x' AND \"X\" = 'y'", 1)], back: [("as", "\"X\" = 'x' AND \"Y\" = 'y'", 1)]),
        SchemaCase(
            name: "a renamed key that others point at", old: "\(customers)\n\(orders)",
            new: customers.replacing("key: Code", with: "key: Sign").replacing("Code: {", with: "Sign: { renamedFrom: Code,") + "\n"
                + orders,
            rows: shopRows, after: [("customers", "\"Sign\" = 'B'", 1), ("orders", "\"Buyer\" = 'B'", 1)]),
        SchemaCase(
            name: "a renamed field that also changes, beside a dropped one of its name",
            old: "A:\n  key: id\n  fields:\n    id: { type: integer }\n    X: { type: integer }\n    Y: { type: date }",
            new:
                "A:\n  key: id\n  fields:\n    id: { type: integer }\n    Z: { type: string, renamedFrom: X, column: \"Y\", required: true, default: \"0\" }",
            rows: ["INSERT INTO \"as\" VALUES (1, 7, '2024-01-01')", "INSERT INTO \"as\" VALUES (2, NULL, NULL)"],
            after: [("as", "\"Y\" = '7'", 1), ("as", "\"Y\" = '0'", 1)], loss: "drops the column «Y»", back: []),
        SchemaCase(
            name: "a key of another type, with what points at it",
            old: "\(orders.replacing("references: Customer, as: buyer", with: "references: Order, as: buyer"))",
            new: orders.replacing("id: { type: integer, generated: true }", with: "id: { type: string }").replacing(
                "references: Customer, as: buyer", with: "references: Order, as: buyer"),
            rows: ["INSERT INTO orders (id, \"Buyer\") VALUES (1, NULL)", "INSERT INTO orders (id, \"Buyer\") VALUES (2, 1)"],
            after: [("orders", "id = '2' AND \"Buyer\" = '1'", 1)], changes: ["change «id» of «orders» from integer to string"],
            back: [("orders", "id = 2 AND \"Buyer\" = 1", 1)]),
        SchemaCase(
            name: "another key, with what pointed at the old one", old: "\(customers)\n\(orders)",
            new:
                "Customer:\n  key: [Name, Code]\n  fields:\n    Code: { type: string }\n    Name: { type: string }\nOrder:\n  key: id\n  fields:\n    id: { type: integer, generated: true }\n    Buyer: { type: string }\n    Note: { type: string }",
            rows: shopRows, after: [("customers", "\"Name\" = 'Anna'", 1), ("orders", "\"Buyer\" = 'A'", 1)],
            loss: "may be null, and there is no default",
            changes: ["change the key of «customers» to (Name, Code)", "drop a reference of «orders»"],
            back: [("orders", "\"Buyer\" = 'A'", 1)]),
        SchemaCase(
            name: "a reference that is added to a field that is there",
            old: "\(customers)\n\(orders.replacing("references: Customer, as: buyer", with: "type: string"))",
            new: "\(customers)\n\(orders)", rows: shopRows, after: [("orders", "\"Buyer\" = 'B'", 1)],
            changes: ["add the reference of «orders» to «customers»"], back: [("orders", "\"Buyer\" = 'B'", 1)]),
        SchemaCase(
            name: "a reference of two fields to a key of two",
            old:
                "A:\n  key: [p, q]\n  fields:\n    p: { type: integer }\n    q: { type: string }\nB:\n  key: id\n  fields:\n    id: { type: integer }\n    q: { type: string }",
            new:
                "A:\n  key: [p, q]\n  fields:\n    p: { type: integer }\n    q: { type: string }\nB:\n  key: id\n  fields:\n    id: { type: integer }\n    q: { type: string }\n    p: { references: { entity: A, fields: [p, q] }, as: a }\n  indexes: [[p, q]]",
            rows: ["INSERT INTO \"as\" VALUES (1, 'x')", "INSERT INTO bs VALUES (1, 'x')"], after: [("bs", "q = 'x' AND p IS NULL", 1)]),
        SchemaCase(
            name: "dropped tables that point at each other",
            old:
                "\(customers)\n    Last: { references: Order, as: last }\n\(orders)\nKept:\n  key: id\n  fields:\n    id: { type: integer }\n    Order: { references: Order, as: order }",
            new: "Kept:\n  key: id\n  fields:\n    id: { type: integer }\n    Order: { type: integer }",
            rows: [
                "INSERT INTO customers VALUES ('A', 'Anna', NULL)", "INSERT INTO orders (id, \"Buyer\") VALUES (1, 'A')",
                "UPDATE customers SET \"Last\" = 1", "INSERT INTO kepts VALUES (5, NULL)",
            ], after: [("kepts", "id = 5", 1)], loss: "drops the table «customers»"),
        SchemaCase(
            name: "soft deletion, whose unique index is of what lives", old: customers.replacing("index: true", with: "unique: true"),
            new: customers.replacing("index: true", with: "unique: true").replacing(
                "key: Code", with: "key: Code\n  softDelete: true\n  timestamps: true"),
            rows: Array(shopRows.prefix(2)), after: [("customers", "\"deletedAt\" IS NULL AND \"createdAt\" IS NULL", 2)],
            back: [("customers", "1 = 1", 2)]),
        SchemaCase(
            name: "no soft deletion any more", old: customers.replacing("key: Code", with: "key: Code\n  softDelete: true"), new: customers,
            rows: ["INSERT INTO customers (\"Code\") VALUES ('A')"], after: [("customers", "1 = 1", 1)],
            loss: "so that they are there again"),
        SchemaCase(
            name: "new required fields with defaults of every kind", old: customers,
            new: customers
                + "\n    a: { type: integer, required: true, default: -3 }\n    b: { type: decimal, precision: 6, scale: 2, required: true, default: \"1.5\" }\n    c: { type: boolean, required: true, default: true }\n    d: { type: string, required: true, default: \"it's\" }\n    e: { type: double, required: true, default: 0.1 }\n    f: { type: timestamp, required: true, default: now }\n    g: { type: date, required: true, default: now }\n    h: { type: json, required: true, default: { a: [1] } }\n    i: { type: bytes, required: true, default: AQI= }\n    j: { type: uuid, required: true, default: 018f0000-0000-7000-8000-00000000000a }\n    k: { type: date, required: true, default: \"2024-02-29\" }\n    l: { type: array, items: string, required: true, default: [x] }\n    m: { type: timestamp, required: true, default: \"2024-01-01T00:00:00.000001Z\" }\n    n: { type: enum, values: [x, y], required: true, default: y, index: true }\n    o: { type: bigint, required: true, default: \"-9223372036854775808\" }",
            rows: Array(shopRows.prefix(2)),
            after: [
                ("customers", "a = -3 AND d = 'it''s' AND e = 0.1 AND n = 'y' AND o < -9223372036854775807", 2),
                ("customers", "f IS NOT NULL AND g > '2026-01-01' AND k = '2024-02-29' AND j = '018f0000-0000-7000-8000-00000000000a'", 2),
            ], changes: ["add column «a» to «customers»", "create index on «customers» (n)"], back: [("customers", "1 = 1", 2)]),
        SchemaCase(
            name: "a key that the database counts from behind the largest",
            old: orders.replacing(", generated: true", with: "").replacing("references: Customer, as: buyer", with: "type: string"),
            new: orders.replacing("references: Customer, as: buyer", with: "type: string"), rows: ["INSERT INTO orders (id) VALUES (41)"],
            after: [("orders", "id = 41", 1)], changes: ["let the database count the key of «orders»"], back: [("orders", "id = 41", 1)]),
        SchemaCase(
            name: "a key that the database no longer counts",
            old: orders.replacing("references: Customer, as: buyer", with: "type: string"),
            new: orders.replacing(", generated: true", with: "").replacing("references: Customer, as: buyer", with: "type: string"),
            rows: ["INSERT INTO orders (id) VALUES (41)"], after: [("orders", "id = 41", 1)], back: [("orders", "id = 41", 1)]),
        SchemaCase(
            name: "indexes that come and go, on columns with awkward names",
            old:
                "A:\n  table: \"The \\\"As\\\"\"\n  key: id\n  fields:\n    id: { type: integer }\n    x: { type: string, column: \"a'b\\\"c\", unique: true }\n    y: { type: string, index: true }",
            new:
                "A:\n  table: \"The \\\"As\\\"\"\n  key: id\n  fields:\n    id: { type: integer }\n    x: { type: string, column: \"a'b\\\"c\", required: true, default: \"-- up\" }\n    y: { type: string, unique: true }\n  indexes: [[y, x]]",
            rows: ["INSERT INTO \"The \"\"As\"\"\" VALUES (1, NULL, 'y')"], after: [("The \"\"As\"\"", "y = 'y'", 1)]),
    ]
}

@Suite struct SchemaMigrationTests {
    @Test(arguments: SchemaCase.all, MigratedDatabase.allCases)
    func `leads to what a new database has, keeps the rows, and leads back`(_ schemaCase: SchemaCase, _ kind: MigratedDatabase) async throws
    {
        let (old, new) = (try MigrationBench.schema(schemaCase.old), try MigrationBench.schema(schemaCase.new))
        let tables = Schema(name: "t", entities: new.entities.filter { !$0.isReadOnly })
        let oldTables = Schema(name: "t", entities: old.entities.filter { !$0.isReadOnly })
        let expected = try await MigrationBench.with(kind) { fresh in
            try await fresh.make(tables)
            return try await fresh.structure()
        }
        try await MigrationBench.with(kind) { bench in
            try await bench.make(oldTables)
            let before = try await bench.structure()
            for statement in schemaCase.rows { try await bench.run(statement) }
            if let loss = schemaCase.loss {
                let error = await refusal { try bench.plan(from: oldTables, to: tables) }
                #expect(error?.code == .destructive)
                #expect(error?.details.contains { $0.contains(loss) } == true, "\(error?.details ?? [])")
            }
            let plan = try bench.plan(from: oldTables, to: tables, allowsDestructive: schemaCase.loss != nil)
            for change in schemaCase.changes { #expect(plan.changes.contains(change), "\(plan.changes)") }
            if schemaCase.loss != nil {
                let error = await refusal { try await bench.apply(tables) }
                #expect(error?.code == .destructive)
                #expect(try await bench.structure() == before)
            }
            let outcome = try await bench.apply(tables, allowsDestructive: schemaCase.loss != nil)
            #expect(outcome.steps.map(\.name) == plan.files.map(\.name))
            #expect(try await bench.structure() == expected)
            for (table, condition, count) in schemaCase.after {
                #expect(try await bench.count(table, where: condition) == count, "\(table): \(condition)")
            }
            #expect(try await bench.runner().drift(from: tables) == [])
            try await bench.rollback(1)
            #expect(try await bench.structure() == before)
            for (table, condition, count) in schemaCase.back {
                #expect(try await bench.count(table, where: condition) == count, "back: \(table): \(condition)")
            }
            #expect(try await bench.runner().isAt(oldTables))
            #expect(try await bench.runner().status(try bench.folder()).pending.count == plan.files.count)
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `the database goes on counting where it was, also when the last was deleted`(_ kind: MigratedDatabase) async throws {
        let old = try MigrationBench.schema(
            "A:\n  key: id\n  fields:\n    id: { type: integer, generated: true }\n    x: { type: integer }")
        let new = try MigrationBench.schema(
            "A:\n  key: id\n  fields:\n    id: { type: integer, generated: true }\n    x: { type: string, required: true, default: none }")
        try await MigrationBench.with(kind) { bench in
            try await bench.make(old)
            try await bench.run("INSERT INTO \"as\" (x) VALUES (1)", "INSERT INTO \"as\" (x) VALUES (2)", "DELETE FROM \"as\" WHERE id = 2")
            try bench.plan(from: old, to: new)
            try await bench.apply(new)
            try await bench.run("INSERT INTO \"as\" (x) VALUES ('c')")
            #expect(try await bench.rows("SELECT id FROM \"as\" WHERE x = 'c'") == [[.integer(3)]])
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `a required field without a default is added to an empty table, and refused where there are rows`(_ kind: MigratedDatabase)
        async throws
    {
        let old = try MigrationBench.schema("A:\n  key: id\n  fields:\n    id: { type: integer }")
        let new = try MigrationBench.schema("A:\n  key: id\n  fields:\n    id: { type: integer }\n    x: { type: string, required: true }")
        try await MigrationBench.with(kind) { bench in
            try await bench.make(old)
            let plan = try bench.plan(from: old, to: new)
            #expect(plan.emptyTables.map(\.table.table) == ["as"])
            #expect(plan.emptyTables.map(\.field) == ["A.x"])
            try await bench.run("INSERT INTO \"as\" VALUES (1)")
            let error = await refusal { try await bench.apply(new) }
            #expect(error?.code == .failed)
            #expect(error?.details.first?.contains("A.x is required and has no default, and there are rows: give it a default") == true)
            try await bench.run("DELETE FROM \"as\"")
            try await bench.apply(new)
            #expect(try await bench.runner().drift(from: new) == [])
        }
    }

    @Test func `what only the server keeps needs no migration`() throws {
        let old = try MigrationBench.schema("A:\n  fields:\n    x: { type: string, max: 5 }")
        let new = try MigrationBench.schema(
            "A:\n  description: d\n  audit: true\n  fields:\n    x: { type: string, max: 9, search: 3, pattern: 'a' }\n  access: { anyone: { read: true } }"
        )
        let plan = try MigrationPlanner.plan(from: old, to: new, name: nil, time: 0, after: nil, allowsDestructive: false)
        #expect(plan.files.isEmpty)
        #expect(SchemaStructure(old) == SchemaStructure(new))
    }

    @Test(arguments: [
        (
            "A:\n  fields:\n    x: { type: string }", "A:\n  readOnly: true\n  key: x\n  fields:\n    x: { type: string }",
            "A: a table does not become a view"
        ),
        (
            "A:\n  readOnly: true\n  key: x\n  fields:\n    x: { type: string }", "A:\n  fields:\n    x: { type: string }",
            "A: «as» is a view"
        ),
    ])
    func `a table does not become a view, nor a view a table`(_ old: String, _ new: String, _ reason: String) throws {
        let error = #expect(throws: MaintenanceError.self) {
            try MigrationPlanner.plan(
                from: MigrationBench.schema(old), to: MigrationBench.schema(new), name: nil, time: 0, after: nil, allowsDestructive: true)
        }
        #expect(error?.code == .planRefused)
        #expect(error?.details.first?.hasPrefix(reason) == true)
    }

    @Test func `names follow from the change, times from the clock and from the last`() throws {
        let empty = Schema(name: "t", entities: [])
        let one = try MigrationBench.schema("A:\n  fields:\n    x: { type: string }")
        let two = try MigrationBench.schema("A:\n  fields:\n    x: { type: string }\n    \"y\": { type: string }")
        let three = try MigrationBench.schema(
            "A:\n  fields:\n    x: { type: string, index: true }\n    \"y\": { type: string }\n    z: { type: date }")
        func names(_ old: Schema, _ new: Schema, _ name: String? = nil, after: String? = nil) throws -> [String] {
            try MigrationPlanner.plan(from: old, to: new, name: name, time: 1_700_000_000_000_000, after: after, allowsDestructive: false)
                .files
                .map(\.name)
        }
        #expect(try names(empty, one) == ["20231114221320_init"])
        #expect(try names(one, two) == ["20231114221320_add_y_to_as"])
        #expect(try names(one, two, "mine", after: "20240229235959_x") == ["20240301000000_mine"])
        #expect(try names(two, three) == ["20231114221320_changes", "20231114221321_changes_index"])
        #expect(try names(one, two, after: "99999999999999_x") == ["20231114221320_add_y_to_as"])
    }

    @Test func `risky steps are named with the reason`() throws {
        let old = try MigrationBench.schema(
            "A:\n  fields:\n    n: { type: integer }\n    r: { type: string }\n    b: { type: string }\n    gone: { type: string }\nB:\n  key: k\n  fields:\n    k: { type: string }\n    l: { type: string, required: true }\n    a: { type: uuid }"
        )
        let new = try MigrationBench.schema(
            "A:\n  fields:\n    n: { type: string }\n    r: { type: string, required: true, default: x, pattern: 'x' }\n    b: { type: email, max: 4, index: true }\nB:\n  key: l\n  fields:\n    k: { type: string }\n    l: { type: string, required: true }\n    a: { references: A, as: other }"
        )
        let plan = try MigrationPlanner.plan(from: old, to: new, name: nil, time: 0, after: nil, allowsDestructive: true)
        let risks = Set(plan.risks.map { "\($0.kind.rawValue) \($0.dialect ?? "both")" })
        #expect(
            risks == [
                "data_loss both", "narrowing both", "backfill both", "rewrite sqlite", "rewrite postgres", "long_lock postgres",
                "scan postgres",
            ])
        #expect(plan.risks.allSatisfy { !$0.why.isEmpty })
        #expect(plan.risks.contains { $0.text.hasPrefix("rewrite on postgres: the rows of «as» are written anew") })
        #expect(plan.losses.contains { $0.why.contains("longer than 4") })
        #expect(plan.files.map { $0.postgres.hasPrefix("-- no-transaction\n") } == [false, false, true, false, false, false])
    }
}
