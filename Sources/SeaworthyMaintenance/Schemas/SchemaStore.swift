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

    private var store: MigrationStore { MigrationStore(dialect: dialect) }

    func catalog(_ transaction: any DatabaseTransaction) -> any Catalog { store.catalog(transaction) }

    /// Makes the tables, columns and indexes that are missing, all or none. Of many nodes that start at once one does it.
    ///
    /// - Parameter now: microseconds since the epoch.
    package func apply(_ schema: Schema, now: Int64, settings: MigrationSettings = MigrationSettings()) async throws -> Outcome {
        try requireSchemas(of: schema)
        let lock = MigrationLock(database: database, dialect: dialect, settings: settings)
        return try await lock.with { session in
            try await lock.transaction(session) { try await apply(schema, now: now, $0) }
        }
    }

    private func apply(_ schema: Schema, now: Int64, _ transaction: any DatabaseTransaction) async throws -> Outcome {
        let text = schema.canonicalJSON.compactText
        try await store.makeSchemaTable(transaction)
        let stored = try await store.text(transaction)
        let difference = try await SchemaDifference(
            schema, catalog: store.catalog(transaction), stored: StoredForms(stored), dialect: dialect)
        guard difference.conflicts.isEmpty else {
            throw MaintenanceError(
                code: .conflict, details: difference.conflicts,
                fix: "change the schema back, or run seaworthy migrate plan, look at what it wrote, and run seaworthy migrate apply")
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
        if stored != text { try await store.write(text, now: now, transaction) }
        return Outcome(changes: difference.changes.map(\.summary), leftovers: difference.leftovers)
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
                        "run seaworthy migrate plan where the schema is developed, commit what it wrote, and run seaworthy migrate apply here"
                )
            }
        }
    }

    /// The canonical text of the schema last applied; nil when none was.
    func stored(ifThere transaction: any DatabaseTransaction) async throws -> String? {
        try await catalog(transaction).table(named: "seaworthy_schema") == nil ? nil : store.text(transaction)
    }
}
