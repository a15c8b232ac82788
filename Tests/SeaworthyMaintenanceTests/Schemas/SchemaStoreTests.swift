import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct SchemaStoreTests {
    private let now: Int64 = 1_720_096_200_000_000
    static let base = """
        name: test
        entities:
          Customer:
            key: Code
            fields:
              Code: { type: string }
              Name: { type: string, required: true, unique: true }
          Order:
            key: OrderID
            fields:
              OrderID: { type: integer, generated: true }
              Customer: { references: Customer, as: customer, index: true }
              Freight: { type: decimal, precision: 8, scale: 2 }
              Done: { type: boolean }
        """

    private func schema(_ yaml: String) throws -> Schema {
        try SchemaParser.parse(yaml: yaml, file: "test.yaml").schema
    }

    private func open(_ statements: String...) async throws -> SQLiteDatabase {
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        for statement in statements {
            _ = try await database.transaction(.write) { try await $0.execute(Statement(statement)) }
        }
        return database
    }

    private func rows(_ database: SQLiteDatabase, _ sql: String) async throws -> [[Value]] {
        try await database.query(Statement(sql), into: ValueRows())
    }

    private func tables(_ database: SQLiteDatabase) async throws -> [[Value]] {
        try await rows(database, "SELECT type, name, sql FROM sqlite_schema ORDER BY name")
    }

    private func apply(_ yaml: String, to database: SQLiteDatabase) async throws -> [String] {
        let outcome = try await SchemaStore(database, dialect: SQLiteDialect()).apply(try schema(yaml), now: now)
        #expect(outcome.leftovers == [])
        return outcome.changes
    }

    private func refusal(_ yaml: String, _ database: SQLiteDatabase) async throws -> MaintenanceError {
        let before = try await tables(database)
        do {
            let done = try await apply(yaml, to: database)
            Issue.record("applied: \(done)")
            throw NotRefused()
        } catch let error as MaintenanceError {
            #expect(try await tables(database) == before)
            return error
        }
    }

    private static let all = [
        "create table «customers»", "create index «customers_Name_key»", "create table «orders»", "create index «orders_Customer_idx»",
    ]

    @Test func `makes everything in an empty database, and nothing the second time`() async throws {
        let database = try await open()
        #expect(try await apply(Self.base, to: database) == Self.all)
        let before = try await tables(database)
        #expect(try await apply(Self.base, to: database) == [])
        #expect(try await tables(database) == before)
        let names = try await rows(database, "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        #expect(
            names == [
                [.text("customers")], [.text("customers_Name_key")], [.text("orders")], [.text("orders_Customer_idx")],
                [.text("seaworthy_schema")],
            ])
    }

    @Test func `keeps the schema's canonical text, and when it was applied last`() async throws {
        let database = try await open()
        _ = try await apply(Self.base, to: database)
        let text = try schema(Self.base).canonicalJSON.compactText
        #expect(try await rows(database, "SELECT * FROM seaworthy_schema") == [[.integer(1), .text(text), .integer(now)]])
        // The same schema again is not applied again.
        _ = try await SchemaStore(database, dialect: SQLiteDialect()).apply(try schema(Self.base), now: now + 1)
        #expect(try await rows(database, "SELECT applied_at FROM seaworthy_schema") == [[.integer(now)]])
        let other = Self.base.replacing("name: test", with: "name: other")
        #expect(try await SchemaStore(database, dialect: SQLiteDialect()).apply(try schema(other), now: now + 2).changes == [])
        let changed = try schema(other).canonicalJSON.compactText
        #expect(try await rows(database, "SELECT schema, applied_at FROM seaworthy_schema") == [[.text(changed), .integer(now + 2)]])
    }

    @Test(arguments: [
        (
            "Freight: { type: decimal, precision: 8, scale: 2 }", "Freight: { type: decimal, precision: 8, scale: 4 }",
            "Order.Freight: the column «Freight» holds values as decimal of scale 2, the field would read them as decimal of scale 4"
        ),
        (
            "Freight: { type: decimal, precision: 8, scale: 2 }", "Freight: { type: timestamp }",
            "Order.Freight: the column «Freight» holds values as decimal of scale 2, the field would read them as timestamp"
        ),
        (
            "Done: { type: boolean }", "Done: { type: integer }",
            "Order.Done: the column «Done» holds values as boolean, the field would read them as integer"
        ),
        (
            "Name: { type: string, required", "Name: { type: date, required",
            "Customer.Name: the column «Name» holds values as text, the field would read them as date"
        ),
    ])
    func `refuses to read stored values as something else`(from: String, to: String, conflict: String) async throws {
        let database = try await open()
        _ = try await apply(Self.base, to: database)
        let changed = Self.base.replacing(from, with: to)
        #expect(try await refusal(changed, database).details == [conflict])
        await #expect(throws: MaintenanceError.self) {
            try await SchemaStore(database, dialect: SQLiteDialect()).verify(try schema(changed))
        }
        // What can take the same values is no conflict.
        let wider = Self.base.replacing("Name: { type: string, required", with: "Name: { type: text, required").replacing(
            "precision: 8", with: "precision: 12")
        #expect(try await apply(wider, to: database) == [])
    }

    @Test func `says that a unique index which the schema no longer has stays`() async throws {
        let database = try await open()
        _ = try await apply(Self.base, to: database)
        let outcome = try await SchemaStore(database, dialect: SQLiteDialect())
            .apply(try schema(Self.base.replacing(", unique: true", with: "")), now: now)
        #expect(
            outcome
                == .init(
                    changes: [],
                    leftovers: [
                        "Customer: the unique index «customers_Name_key» of «customers» is not in the schema, stays, and refuses duplicates"
                    ]))
    }

    @Test func `adds optional columns and indexes, and keeps the rows`() async throws {
        let database = try await open()
        _ = try await apply(Self.base, to: database)
        _ = try await database.transaction(.write) { try await $0.execute(Statement("INSERT INTO customers VALUES ('a', 'Ann')")) }
        let grown = Self.base.replacing(
            "  Name: { type: string, required: true, unique: true }",
            with:
                "  Name: { type: string, required: true, unique: true }\n      City: { type: string, index: true }\n      Active: { type: boolean }"
        )
        #expect(
            try await apply(grown, to: database) == [
                "add column «City» to «customers»", "add column «Active» to «customers»", "create index «customers_City_idx»",
            ])
        #expect(try await rows(database, "SELECT * FROM customers") == [[.text("a"), .text("Ann"), .null, .null]])
        #expect(try await apply(grown, to: database) == [])
    }

    private static let customers = "CREATE TABLE customers (Code TEXT NOT NULL, Name TEXT NOT NULL, PRIMARY KEY (Code)) STRICT"
    private static let orders =
        "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, Customer TEXT REFERENCES customers, Freight INTEGER, Done INTEGER)"

    /// What the table is, and the conflict that it makes.
    static let conflicts: [(table: String, conflict: String)] = [
        (
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name INTEGER NOT NULL)",
            "Customer.Name: the column «Name» stores INTEGER, the type string needs TEXT"
        ),
        (
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name DECIMAL(8,2) NOT NULL)",
            "Customer.Name: the column «Name» stores NUMERIC, the type string needs TEXT"
        ),
        (
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name BLOB NOT NULL)",
            "Customer.Name: the column «Name» stores BLOB, the type string needs TEXT"
        ),
        (
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name DOUBLE NOT NULL)",
            "Customer.Name: the column «Name» stores REAL, the type string needs TEXT"
        ),
        (
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name TEXT)",
            "Customer.Name: the column «Name» may be null, the field may not"
        ),
        (
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL)",
            "Customer.Name: the table «customers» has no column «Name», and this one cannot be added to rows that exist"
        ),
        (
            "CREATE TABLE customers (Code TEXT NOT NULL, Name TEXT NOT NULL, PRIMARY KEY (Name, Code))",
            "Customer: the primary key of «customers» is (name, code), not that of the schema"
        ),
        (
            "CREATE TABLE customers (Code TEXT NOT NULL, Name TEXT NOT NULL)",
            "Customer: the primary key of «customers» is (), not that of the schema"
        ),
        (
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name TEXT NOT NULL, Age INTEGER NOT NULL)",
            "Customer: the column «Age» may not be null and is not in the schema, so that no record could be made"
        ),
        ("CREATE VIEW customers AS SELECT 'a' AS Code, 'b' AS Name", "Customer: «customers» is a view; say readOnly: true"),
    ]

    @Test(arguments: Self.conflicts)
    func `refuses a table that does not fit, and changes nothing`(table: String, conflict: String) async throws {
        let error = try await refusal(Self.base, try await open(table))
        #expect(error.code == .conflict)
        #expect(error.details == [conflict])
        #expect(error.description.hasPrefix("The database does not fit the schema:\n  - \(conflict)\nFix: change the schema back"))
    }

    @Test(arguments: [
        (
            "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, Customer TEXT, Freight INTEGER, Done INTEGER)",
            "Order.customer: the table «orders» has no such foreign key yet"
        ),
        (
            "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, Customer TEXT REFERENCES others, Freight INTEGER, Done INTEGER)",
            "Order.customer: the table «orders» has no such foreign key yet"
        ),
        (
            "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, Customer TEXT, Freight INTEGER REFERENCES customers, Done INTEGER)",
            "Order.customer: the table «orders» has no such foreign key yet"
        ),
        (
            "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, Freight INTEGER, Done INTEGER)",
            "Order.Customer: the table «orders» has no column «Customer», and this one cannot be added to rows that exist"
        ),
        (
            "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, Customer TEXT REFERENCES customers, Freight INTEGER NOT NULL, Done INTEGER)",
            "Order.Freight: the column «Freight» may not be null, the field may"
        ),
    ])
    func `refuses references and nullability that differ`(table: String, conflict: String) async throws {
        #expect(try await refusal(Self.base, try await open(Self.customers, table)).details == [conflict])
    }

    @Test func `names every conflict at once`() async throws {
        let database = try await open(
            "CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name INTEGER)",
            "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, Customer TEXT, Freight INTEGER, Done TEXT)")
        #expect(
            try await refusal(Self.base, database).details == [
                "Customer.Name: the column «Name» stores INTEGER, the type string needs TEXT",
                "Customer.Name: the column «Name» may be null, the field may not",
                "Order.Done: the column «Done» stores TEXT, the type boolean needs INTEGER",
                "Order.customer: the table «orders» has no such foreign key yet",
            ])
    }

    @Test func `takes a table made elsewhere that fits, whatever the case of its names`() async throws {
        let database = try await open(
            "CREATE TABLE Customers (code VARCHAR(5) PRIMARY KEY, NAME CHARACTER(20) NOT NULL, Extra TEXT, Kind TEXT NOT NULL DEFAULT 'x')",
            Self.orders.replacing("REFERENCES customers", with: "REFERENCES CUSTOMERS"), "CREATE TABLE other (a)")
        #expect(try await apply(Self.base, to: database) == ["create index «customers_Name_key»", "create index «orders_Customer_idx»"])
        #expect(try await rows(database, "SELECT count(*) FROM pragma_table_info('customers')") == [[.integer(4)]])
        #expect(try await rows(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'other'") == [[.integer(1)]])
    }

    @Test func `refuses a unique index over duplicates, and leaves everything as it was`() async throws {
        let database = try await open(Self.customers, "INSERT INTO customers VALUES ('a', 'Ann'), ('b', 'Ann')")
        let error = try await refusal(Self.base, database)
        #expect(error.code == .refused)
        #expect(error.details == ["create index «customers_Name_key»: the table holds duplicates"])
        #expect(error.description.hasPrefix("The database refused a change that the schema asks for:\n"))
        #expect(try await rows(database, "SELECT count(*) FROM customers") == [[.integer(2)]])
    }

    static let view = """
        name: test
        entities:
          Total:
            readOnly: true
            key: Code
            fields:
              Code: { type: string }
              Sum: { type: integer }
        """

    @Test func `a read-only entity needs its view, and is not made`() async throws {
        #expect(
            try await refusal(Self.view, try await open()).details == ["Total: there is no view «totals»; create it in the database"])
        let lacking = try await open("CREATE VIEW totals AS SELECT 'a' AS Code")
        #expect(
            try await refusal(Self.view, lacking).details == [
                "Total.Sum: the table «totals» has no column «Sum», and this one cannot be added to rows that exist"
            ])
        #expect(try await apply(Self.view, to: try await open("CREATE VIEW totals AS SELECT 'a' AS Code, 1.5 AS Sum")) == [])
        #expect(try await apply(Self.view, to: try await open("CREATE TABLE totals (Code TEXT, Sum INTEGER)")) == [])
    }

    @Test func `verify throws while something is missing, and changes nothing`() async throws {
        let database = try await open()
        let store = SchemaStore(database, dialect: SQLiteDialect())
        let schema = try schema(Self.base)
        do {
            try await store.verify(schema)
            Issue.record("an empty database is not at the schema")
        } catch let error as MaintenanceError {
            #expect(error.code == .pending)
            #expect(error.details == Self.all)
            #expect(error.description.hasPrefix("The database is not at this schema yet:\n  - create table «customers»\n"))
        }
        #expect(try await tables(database).isEmpty)
        _ = try await store.apply(schema, now: now)
        try await store.verify(schema)
        _ = try await database.transaction(.write) { try await $0.execute(Statement("DROP INDEX orders_Customer_idx")) }
        await #expect(throws: MaintenanceError.self) { try await store.verify(schema) }
        #expect(try await rows(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'orders_Customer_idx'") == [[.integer(0)]])
    }

    @Test func `verify names conflicts as well`() async throws {
        let database = try await open("CREATE TABLE customers (Code TEXT PRIMARY KEY NOT NULL, Name INTEGER NOT NULL)")
        do {
            try await SchemaStore(database, dialect: SQLiteDialect()).verify(try schema(Self.base))
            Issue.record("a wrong column was not seen")
        } catch let error as MaintenanceError {
            #expect(error.code == .pending)
            #expect(error.details.first == "Customer.Name: the column «Name» stores INTEGER, the type string needs TEXT")
        }
    }
    // MARK: Renames

    @Test func `a renamed field keeps its column's values, one that also changes is left to a migration`() async throws {
        let database = try await open()
        _ = try await apply(Self.base, to: database)
        _ = try await database.transaction(.write) { try await $0.execute(Statement("INSERT INTO orders (Freight, Done) VALUES (125, 1)")) }
        let renamed = Self.base.replacing("Freight: {", with: "Cost: { renamedFrom: Freight,")
        #expect(try await apply(renamed, to: database) == ["rename column «Freight» of «orders» to «Cost»"])
        #expect(try await rows(database, "SELECT Cost, Done FROM orders") == [[.integer(125), .integer(1)]])
        #expect(try await apply(renamed, to: database) == [])
        let changed = renamed.replacing(
            "Cost: { renamedFrom: Freight, type: decimal, precision: 8, scale: 2",
            with: "Sum: { renamedFrom: Cost, type: decimal, precision: 8, scale: 3")
        let error = try await refusal(changed, database)
        #expect(error.details == ["Order.Sum: the column «Cost» is to be renamed and changed"])
        await database.close()
    }

    @Test func `a renamed entity is left to a migration`() async throws {
        let database = try await open()
        _ = try await apply(Self.base, to: database)
        let renamed = Self.base.replacing("  Order:", with: "  Sale:\n    renamedFrom: Order")
        let error = try await refusal(renamed, database)
        #expect(error.details == ["Sale: the table «orders» is to be renamed to «sales»"])
        await database.close()
    }
}

private struct NotRefused: Error {}
