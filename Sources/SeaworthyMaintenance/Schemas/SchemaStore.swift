package import SeaworthySQL
package import SeaworthySchema
package import SeaworthyStorage

/// Keeps a database at the application's schema, and the schema in the database: `seaworthy_schema` holds the one last applied.
///
/// In development the schema is applied at every start, as far as that only adds. Elsewhere it is only compared.
package struct SchemaStore: Sendable {
    let database: any Database
    let dialect: any Dialect

    package init(_ database: any Database, dialect: any Dialect) {
        self.database = database
        self.dialect = dialect
    }

    private var createTable: String {
        func column(_ name: String, _ type: FieldType) -> String {
            "\(name) \(dialect.columnType(of: Field(name: name, column: name, type: type), column: name))"
        }
        return """
            CREATE TABLE IF NOT EXISTS seaworthy_schema (
                \(column("id", .integer)) PRIMARY KEY CHECK (id = 1),
                \(column("schema", .text)) NOT NULL,
                \(column("applied_at", .integer)) NOT NULL
            )\(dialect.tableOptions)
            """
    }

    func catalog(_ transaction: any DatabaseTransaction) -> any Catalog {
        dialect is SQLiteDialect ? SQLiteCatalog(transaction) : PostgresCatalog(transaction)
    }

    /// Makes the tables, columns and indexes that are missing, all or none.
    ///
    /// - Parameter now: microseconds since the epoch.
    package func apply(_ schema: Schema, now: Int64) async throws -> Outcome {
        try requireSchemas(of: schema)
        let text = schema.canonicalJSON.compactText
        return try await database.transaction(.writeAlone) { transaction in
            try await transaction.execute(Statement(createTable))
            let stored = try await stored(in: transaction)
            let difference = try await SchemaDifference(
                schema, catalog: catalog(transaction), stored: StoredForms(stored), dialect: dialect)
            guard difference.conflicts.isEmpty else {
                throw MaintenanceError(
                    code: .conflict, details: difference.conflicts,
                    fix:
                        "change the schema back, or start with a new database file and import the data again. Migrations are not supported in this version"
                )
            }
            for change in difference.changes {
                do {
                    try await transaction.execute(Statement(change.statement))
                } catch let error as StorageError where error.code == .uniqueViolation {
                    throw MaintenanceError(
                        code: .refused, details: ["\(change.summary): the table holds duplicates"],
                        fix: "remove the duplicates, or take the unique constraint out of the schema")
                }
            }
            if stored != text {
                try await transaction.execute(
                    Statement(
                        """
                        INSERT INTO seaworthy_schema (id, schema, applied_at) VALUES (1, \(dialect.placeholder(1, .text)), \
                        \(dialect.placeholder(2, .integer))) ON CONFLICT (id) DO UPDATE SET schema = excluded.schema, \
                        applied_at = excluded.applied_at
                        """, [.text(text), .integer(now)])
                )
            }
            return Outcome(changes: difference.changes.map(\.summary), leftovers: difference.leftovers)
        }
    }

    /// What applying a schema did and found, a line each.
    package struct Outcome: Sendable, Equatable {
        /// Empty when nothing was missing.
        package var changes: [String]
        /// What stays although the schema does not have it, and is felt all the same.
        package var leftovers: [String]

        package init(changes: [String] = [], leftovers: [String] = []) {
            self.changes = changes
            self.leftovers = leftovers
        }
    }

    /// Throws unless the database is at the schema already. Changes nothing.
    package func verify(_ schema: Schema) async throws {
        try requireSchemas(of: schema)
        try await database.transaction(.read) { transaction in
            let catalog = catalog(transaction)
            let stored = try await stored(ifThere: transaction)
            let difference = try await SchemaDifference(schema, catalog: catalog, stored: StoredForms(stored), dialect: dialect)
            let pending = difference.conflicts + difference.changes.map(\.summary)
            guard pending.isEmpty else {
                throw MaintenanceError(
                    code: .pending, details: pending,
                    fix:
                        "start once with APP_ENV=development on this database, which makes what is missing. Migrations are not supported in this version"
                )
            }
        }
    }

    /// The canonical text of the schema last applied; nil when none was.
    func stored(ifThere transaction: any DatabaseTransaction) async throws -> String? {
        try await catalog(transaction).table(named: "seaworthy_schema") == nil ? nil : stored(in: transaction)
    }

    private func stored(in transaction: any DatabaseTransaction) async throws -> String? {
        let rows = try await transaction.query(Statement("SELECT schema FROM seaworthy_schema WHERE id = 1"), into: ValueRows())
        if case .text(let text)? = rows.first?.first { return text }
        return nil
    }
}
