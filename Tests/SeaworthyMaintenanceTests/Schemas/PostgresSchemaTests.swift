import PostgresServing
import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct `A schema on PostgreSQL` {
    private static let yaml = """
        name: test
        entities:
          Customer:
            key: Code
            softDelete: true
            fields:
              Code: { type: string, max: 5 }
              Mail: { type: email, unique: true }
              Best: { references: Order, as: best, index: true }
          Order:
            key: OrderID
            fields:
              OrderID: { type: integer, generated: true }
              Customer: { references: Customer, as: customer, index: true }
              Freight: { type: decimal, precision: 8, scale: 2, required: true }
              Done: { type: boolean }
              Day: { type: date }
              At: { type: timestamp }
              Mark: { type: uuid }
              Extra: { type: json }
              Tags: { type: array, items: string }
              Raw: { type: bytes }
              Real: { type: double }
        """

    private func with(_ body: (PostgresDatabase, SchemaStore) async throws -> Void) async throws {
        let database = try await PostgresDatabase.open(PostgresSettings(try await PostgresServer.running().makeDatabase()))
        do {
            try await body(database, SchemaStore(database, dialect: PostgresDialect()))
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private func schema(_ yaml: String = yaml) throws -> Schema {
        try SchemaParser.parse(yaml: yaml, file: "test.yaml").schema
    }

    private func rows(_ database: PostgresDatabase, _ sql: String) async throws -> [[Value]] {
        try await database.query(Statement(sql), into: ValueRows())
    }

    @Test func `makes everything in an empty database, also what refers to each other, and nothing the second time`() async throws {
        try await with { database, store in
            let all = [
                "create table «customers»", "create index «customers_Mail_live_key»", "create index «customers_Best_idx»",
                "create table «orders»", "create index «orders_Customer_idx»", "add a reference to «customers»",
                "add a reference to «orders»",
            ]
            #expect(try await store.apply(try schema(), now: 1).changes == all)
            #expect(try await store.apply(try schema(), now: 2).changes == [])
            try await store.verify(try schema())
            let types = try await rows(
                database,
                """
                SELECT column_name::text, data_type::text, is_nullable::text FROM information_schema.columns
                WHERE table_name = 'orders' ORDER BY ordinal_position
                """)
            #expect(
                types.map { row in row.map { if case .text(let text) = $0 { text } else { "" } }.joined(separator: " ") } == [
                    "OrderID bigint NO", "Customer text YES", "Freight numeric NO", "Done boolean YES", "Day date YES",
                    "At timestamp with time zone YES", "Mark uuid YES", "Extra json YES", "Tags json YES", "Raw bytea YES",
                    "Real double precision YES",
                ])
        }
    }

    @Test func `tells what of a table is not that of the schema`() async throws {
        try await with { database, store in
            _ = try await store.apply(try schema(), now: 1)
            try await database.transaction(.write) { transaction in
                for statement in [
                    "ALTER TABLE orders ALTER COLUMN \"Freight\" TYPE numeric(8, 3)",
                    "ALTER TABLE orders ALTER COLUMN \"Done\" TYPE text USING 'x'", "ALTER TABLE orders ALTER COLUMN \"Day\" SET NOT NULL",
                    "ALTER TABLE orders DROP COLUMN \"Real\"", "DROP INDEX \"orders_Customer_idx\"",
                    "ALTER TABLE customers DROP CONSTRAINT \"customers_Best_fkey\"",
                    "CREATE UNIQUE INDEX own ON orders (\"Mark\")",
                ] { try await transaction.execute(Statement(statement)) }
            }
            do {
                _ = try await store.apply(try schema(), now: 2)
                Issue.record("applied")
            } catch let error as MaintenanceError {
                #expect(
                    error.details == [
                        "Customer.best: the table «customers» has no such foreign key yet",
                        "Order.Freight: the column «Freight» stores numeric(8,3), the type decimal needs numeric(8,2)",
                        "Order.Done: the column «Done» stores text, the type boolean needs boolean",
                        "Order.Day: the column «Day» may not be null, the field may",
                    ])
            }
            try await database.transaction(.write) { transaction in
                for statement in [
                    "ALTER TABLE orders ALTER COLUMN \"Freight\" TYPE numeric(8, 2)", "ALTER TABLE orders DROP COLUMN \"Done\"",
                    "ALTER TABLE orders ALTER COLUMN \"Day\" DROP NOT NULL",
                    "ALTER TABLE customers ADD FOREIGN KEY (\"Best\") REFERENCES orders (\"OrderID\") DEFERRABLE",
                ] { try await transaction.execute(Statement(statement)) }
            }
            let outcome = try await store.apply(try schema(), now: 3)
            #expect(
                outcome.changes == [
                    "add column «Done» to «orders»", "add column «Real» to «orders»", "create index «orders_Customer_idx»",
                ])
            #expect(outcome.leftovers.map { $0.contains("«own»") } == [true])
        }
    }
}
