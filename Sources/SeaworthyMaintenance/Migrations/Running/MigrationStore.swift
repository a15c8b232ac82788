import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What a database says of its schema and of the migrations that it has had: `seaworthy_schema`, `seaworthy_migrations`.
struct MigrationStore: Sendable {
    struct Applied: Sendable, Equatable {
        var name: String
        var checksum: String
        /// Microseconds since the epoch.
        var appliedAt: Int64
        /// Microseconds; nil for one that was only noted, because the database had it already.
        var duration: Int64?
        /// What `seaworthy_schema` held before.
        var schemaBefore: String?
    }

    struct State: Sendable {
        /// By name.
        var applied: [Applied] = []
        /// What `seaworthy_schema` holds: the whole schema, or only which structure it is.
        var text: String?

        /// The structure that the database has; nil when it does not say, as before the first migration.
        var structure: String? {
            guard let text else { return nil }
            if let schema = try? Schema(canonicalText: text) { return SchemaStructure(schema).hash }
            guard case .object(let mark)? = try? JSONParser.parse(text), case .string(let hash)? = mark["structure"] else { return nil }
            return hash
        }
    }

    let dialect: any Dialect

    /// What stands in place of a schema of which only the structure is known, between the parts of a migration.
    static func mark(_ structure: String) -> String {
        let mark: JSONValue = ["format": 1, "structure": .string(structure)]
        return mark.compactText
    }

    private func column(_ name: String, _ type: FieldType) -> String {
        "\(name) \(dialect.columnType(of: Field(name: name, column: name, type: type), column: name))"
    }

    private var schemaTable: String {
        """
        CREATE TABLE IF NOT EXISTS seaworthy_schema (
            \(column("id", .integer)) PRIMARY KEY CHECK (id = 1),
            \(column("schema", .text)) NOT NULL,
            \(column("applied_at", .integer)) NOT NULL
        )\(dialect.tableOptions)
        """
    }

    private var migrationsTable: String {
        """
        CREATE TABLE IF NOT EXISTS seaworthy_migrations (
            \(column("name", .text)) NOT NULL PRIMARY KEY,
            \(column("checksum", .text)) NOT NULL,
            \(column("applied_at", .timestamp)) NOT NULL,
            \(column("duration", .integer)),
            \(column("schema_before", .text))
        )\(dialect.tableOptions)
        """
    }

    func makeSchemaTable(_ transaction: any DatabaseTransaction) async throws {
        try await transaction.execute(Statement(schemaTable))
    }

    func makeTables(_ transaction: any DatabaseTransaction) async throws {
        try await makeSchemaTable(transaction)
        try await transaction.execute(Statement(migrationsTable))
    }

    func catalog(_ transaction: any DatabaseTransaction) -> any Catalog {
        dialect is SQLiteDialect ? SQLiteCatalog(transaction) : PostgresCatalog(transaction)
    }

    /// Reads both tables; what is not there is empty.
    func state(_ transaction: any DatabaseTransaction) async throws -> State {
        var state = State()
        let catalog = catalog(transaction)
        if try await catalog.table(named: "seaworthy_schema") != nil {
            state.text = try await text(transaction)
        }
        guard try await catalog.table(named: "seaworthy_migrations") != nil else { return state }
        let select = "SELECT name, checksum, applied_at, duration, schema_before FROM seaworthy_migrations"
        for row in try await transaction.query(Statement(select), into: ValueRows()) {
            state.applied.append(
                Applied(
                    name: row[0].text, checksum: row[1].text, appliedAt: Int64(row[2].number),
                    duration: row[3].isNull ? nil : Int64(row[3].number), schemaBefore: row[4].isNull ? nil : row[4].text))
        }
        state.applied.sort { $0.name.precedes($1.name) }
        return state
    }

    /// Whether the migration was applied or noted.
    func has(_ name: String, _ transaction: any DatabaseTransaction) async throws -> Bool {
        let select = "SELECT 1 FROM seaworthy_migrations WHERE name = \(dialect.placeholder(1, .text))"
        return try await !transaction.query(Statement(select, [.text(name)]), into: ValueRows()).isEmpty
    }

    func text(_ transaction: any DatabaseTransaction) async throws -> String? {
        let rows = try await transaction.query(Statement("SELECT schema FROM seaworthy_schema WHERE id = 1"), into: ValueRows())
        if case .text(let text)? = rows.first?.first { return text }
        return nil
    }

    func write(_ text: String, now: Int64, _ transaction: any DatabaseTransaction) async throws {
        try await transaction.execute(
            Statement(
                """
                INSERT INTO seaworthy_schema (id, schema, applied_at) VALUES (1, \(dialect.placeholder(1, .text)), \
                \(dialect.placeholder(2, .integer))) ON CONFLICT (id) DO UPDATE SET schema = excluded.schema, \
                applied_at = excluded.applied_at
                """, [.text(text), .integer(now)]))
    }

    func note(_ applied: Applied, _ transaction: any DatabaseTransaction) async throws {
        try await transaction.execute(
            Statement(
                """
                INSERT INTO seaworthy_migrations (name, checksum, applied_at, duration, schema_before) VALUES \
                (\(dialect.placeholder(1, .text)), \(dialect.placeholder(2, .text)), \(dialect.placeholder(3, .timestamp)), \
                \(dialect.placeholder(4, .integer)), \(dialect.placeholder(5, .text)))
                """,
                [
                    .text(applied.name), .text(applied.checksum), .integer(applied.appliedAt), applied.duration.map(Value.integer) ?? .null,
                    applied.schemaBefore.map(Value.text) ?? .null,
                ]))
    }

    func forget(_ name: String, _ transaction: any DatabaseTransaction) async throws {
        try await transaction.execute(
            Statement("DELETE FROM seaworthy_migrations WHERE name = \(dialect.placeholder(1, .text))", [.text(name)]))
    }
}
