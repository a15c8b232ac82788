package import SeaworthySQL
package import SeaworthySchema
package import SeaworthyStorage

/// Applies migrations to a database and takes them back: one node at a time, each migration whole or not at all, and each once.
package struct MigrationRunner: Sendable {
    /// What was done, a line for each migration.
    package struct Outcome: Sendable, Equatable {
        package struct Step: Sendable, Equatable {
            package var name: String
            /// Nil for one that was only noted, because the database had it already.
            package var duration: Duration?
        }

        package internal(set) var steps: [Step] = []
        /// What is to be known, a line each.
        package internal(set) var notes: [String] = []

        package init() {}
    }

    let database: any Database
    let dialect: any Dialect
    let settings: MigrationSettings
    /// Microseconds since the epoch.
    let now: @Sendable () -> Int64
    let store: MigrationStore

    package init(
        _ database: any Database, dialect: any Dialect, settings: MigrationSettings = MigrationSettings(),
        now: @escaping @Sendable () -> Int64
    ) {
        self.database = database
        self.dialect = dialect
        self.settings = settings
        self.now = now
        store = MigrationStore(dialect: dialect)
    }

    var lock: MigrationLock { MigrationLock(database: database, dialect: dialect, settings: settings) }

    // MARK: Looking

    package func status(_ folder: MigrationFolder) async throws -> MigrationStatus {
        try await database.transaction(.read) { transaction in
            MigrationStatus(folder.migrations, try await store.state(transaction).applied)
        }
    }

    /// The schema that the database says it has; nil when it says none, or only which structure it is.
    package func storedSchema() async throws -> Schema? {
        try await database.transaction(.read) { transaction in
            try await store.state(transaction).text.flatMap { try? Schema(canonicalText: $0) }
        }
    }

    /// What differs between the database and the schema that it is said to have, column by column.
    package func drift(from schema: Schema) async throws -> [String] {
        try await database.transaction(.read) { transaction in
            try await SchemaDrift.lines(schema, catalog: store.catalog(transaction), dialect: dialect)
        }
    }

    /// Which of the entities' tables are there.
    package func existing(_ entities: [Entity]) async throws -> [Entity] {
        try await database.transaction(.read) { transaction in
            var found: [Entity] = []
            for entity in entities where try await store.catalog(transaction).table(named: entity.table, in: entity.dbSchema) != nil {
                found.append(entity)
            }
            return found
        }
    }

    /// Whether the entity's table has a row.
    package func hasRows(_ entity: Entity) async throws -> Bool {
        try await database.transaction(.read) { transaction in
            guard try await store.catalog(transaction).table(named: entity.table, in: entity.dbSchema) != nil else { return false }
            let rows = try await transaction.query(Statement("SELECT 1 FROM \(dialect.table(entity)) LIMIT 1"), into: ValueRows())
            return !rows.isEmpty
        }
    }

    /// Whether the database says that it has the structure of the schema.
    package func isAt(_ schema: Schema) async throws -> Bool {
        try await database.transaction(.read) { transaction in
            try await store.state(transaction).structure == SchemaStructure(schema).hash
        }
    }

    // MARK: Applying

    /// Applies what is pending, in order. Again, it changes nothing.
    ///
    /// - Parameters:
    ///   - schema: the application's.
    ///   - planned: the one to which the last migration leads, where that is known.
    ///   - onStep: told of each migration when it is done.
    /// - Throws: ``MaintenanceError``; what was applied before stays applied.
    package func apply(
        _ folder: MigrationFolder, schema: Schema, planned: Schema?, allowsDestructive: Bool,
        onStep: @escaping @Sendable (Outcome.Step) -> Void = { _ in }
    ) async throws -> Outcome {
        try await lock.with { session in
            try await prepare(session)
            let state = try await lock.transaction(session) { transaction in
                try await store.makeTables(transaction)
                return try await store.state(transaction)
            }
            let status = MigrationStatus(folder.migrations, state.applied)
            try status.requireOrder()
            let names = Set(status.pending.map(\.name))
            let pending = folder.migrations.filter { names.contains($0.name) }
            try requireAllowed(pending, allowsDestructive)
            var outcome = Outcome()
            for entry in status.pending where entry.state == .outOfOrder {
                outcome.notes.append("\(entry.name) is applied behind later ones, which were applied before")
            }
            let held = try await heldAlready(pending, state, session)
            for (index, migration) in pending.enumerated() {
                let step = try await run(migration, isHeld: index < held, targets: [schema] + (planned.map { [$0] } ?? []), session)
                guard let step else { continue }
                outcome.steps.append(step)
                onStep(step)
            }
            try await finish(schema, session, &outcome)
            return outcome
        }
    }

    private func prepare(_ session: any DatabaseSession) async throws {
        guard dialect is PostgresDialect else { return }
        try await session.execute(Statement("SET lock_timeout = \(settings.lockTimeout.nanoseconds / 1_000_000)"))
    }

    private func requireAllowed(_ pending: [Migration], _ allowsDestructive: Bool) throws(MaintenanceError) {
        let destructive = pending.filter { !$0.losses.isEmpty }
        guard destructive.isEmpty || allowsDestructive else {
            throw MaintenanceError(
                code: .destructive, details: destructive.flatMap { migration in migration.losses.map { "\(migration.name): \($0)" } },
                fix: "make a backup, and run seaworthy migrate apply --allow-destructive if that is meant. Nothing was applied")
        }
    }

    /// How many of the pending migrations the database has already: it was made from the schema directly, or before there were migrations.
    private func heldAlready(
        _ pending: [Migration], _ state: MigrationStore.State, _ session: any DatabaseSession
    ) async throws -> Int {
        if let structure = state.structure {
            // Where one leads away from it, it is where that one begins.
            guard pending.first?.from != structure || pending.first?.from == pending.first?.to else { return 0 }
            return (pending.lastIndex { $0.to == structure } ?? -1) + 1
        }
        guard let first = pending.first, state.applied.isEmpty, let tables = first.baseline else { return 0 }
        let missing = try await session.transaction { transaction in
            var missing: [String] = []
            for table in tables where try await store.catalog(transaction).table(named: table.table, in: table.schema) == nil {
                missing.append(table.table)
            }
            return missing
        }
        guard missing.count < tables.count else { return 0 }
        guard missing.isEmpty else {
            throw MaintenanceError(
                code: .conflict,
                details: [
                    "\(first.name): the database has some of its tables, and not \(missing.map { "«\($0)»" }.joined(separator: ", "))"
                ],
                fix: "make the missing tables as the file has them, or begin with an empty database")
        }
        return 1
    }

    /// Brings what the database says of its schema up to date where only rules changed, and tells of changes that no migration has.
    private func finish(_ schema: Schema, _ session: any DatabaseSession, _ outcome: inout Outcome) async throws {
        let text = schema.canonicalJSON.compactText
        let isAtSchema = try await lock.transaction(session) { transaction in
            let state = try await store.state(transaction)
            guard state.structure == SchemaStructure(schema).hash else { return false }
            if state.text != text { try await store.write(text, now: now(), transaction) }
            return true
        }
        if !isAtSchema { outcome.notes.append("the schema has changes that no migration has; seaworthy migrate plan writes one") }
    }
}
