import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct `Tables in schemas of the database` {
    private static let yaml = """
        name: test
        entities:
          Order:
            dbSchema: sales "x"
            key: id
            fields:
              id: { type: integer, generated: true }
              Mail: { type: email, unique: true }
              Customer: { references: Customer, as: customer, index: true }
          Customer:
            table: orders
            path: customers
            key: id
            fields: { id: { type: integer, generated: true } }
        """

    private func schema(_ yaml: String = yaml) throws -> Schema { try SchemaParser.parse(yaml: yaml, file: "test.yaml").schema }

    @Test func `are made with their schema, found again, and told apart from those of the same name`() async throws {
        try await MadeDatabase.postgres("SELECT 1") { database in
            let store = SchemaStore(database, dialect: PostgresDialect())
            let outcome = try await store.apply(try schema(), now: 1)
            #expect(
                outcome.changes == [
                    "create schema «sales \"x\"»", "create table «sales \"x\".orders»", "create index «orders_Mail_key»",
                    "create index «orders_Customer_idx»", "create table «orders»", "add a reference to «sales \"x\".orders»",
                ])
            #expect(try await store.apply(try schema(), now: 2) == SchemaStore.Outcome())
            try await store.verify(try schema())
            let more = Self.yaml.replacing("Mail: { type: email, unique: true }", with: "Mail: { type: date }")
            await #expect(throws: MaintenanceError.self) { try await store.apply(try schema(more), now: 3) }
            let text = try await database.query(Statement("SELECT schema FROM seaworthy_schema"), into: ValueRows())
            #expect("\(text)".contains(#"\"dbSchema\":\"sales"#))
        }
    }

    @Test func `are refused on SQLite before anything is made`() async throws {
        try await MadeDatabase.sqlite("") { database in
            let store = SchemaStore(database, dialect: SQLiteDialect())
            for isApplied in [true, false] {
                do {
                    if isApplied { _ = try await store.apply(try schema(), now: 1) } else { try await store.verify(try schema()) }
                    Issue.record("not refused")
                } catch let error as MaintenanceError {
                    #expect(error.code == .conflict && error.details == ["Order: dbSchema «sales \"x\"»: sqlite has no schemas"])
                }
            }
            #expect(try await database.query(Statement("SELECT name FROM sqlite_schema"), into: ValueRows()) == [])
        }
    }
}
