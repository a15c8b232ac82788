import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySchema

extension MigrateOperation {
    package struct Plan: Sendable {
        var files: [String] = []
        var changes: [String] = []
        var risks: [MigrationRisk] = []
        var isDestructive = false
        /// What others changed in the connected database.
        var drift: [String] = []
        var notes: [String] = []

        package var text: String {
            var lines = files
            func section(_ title: String, _ items: [String]) {
                if !items.isEmpty { lines += [title] + items.map { "  - \($0)" } }
            }
            section("changes:", changes)
            section("look at these before they meet traffic:", risks.map(\.text))
            section("others changed the connected database:", drift)
            lines += notes.map { "note: \($0)" }
            if files.isEmpty { lines.append("nothing to migrate: the database's part of the schema is that of the last migration") }
            return lines.joined(separator: "\n")
        }

        package var json: String {
            let report: JSONValue = [
                "files": .array(files.map { .string($0) }), "changes": .array(changes.map { .string($0) }),
                "risks": .array(
                    risks.map { risk in
                        [
                            "kind": .string(risk.kind.rawValue), "dialect": risk.dialect.map { .string($0) } ?? .null,
                            "why": .string(risk.why),
                        ]
                    }), "destructive": .bool(isDestructive), "drift": .array(drift.map { .string($0) }),
                "notes": .array(notes.map { .string($0) }),
            ]
            return report.indentedText
        }
    }

    /// What the connected database tells for a plan.
    private struct Look: Sendable {
        var drift: [String] = []
        var notes: [String] = []
        /// What a baseline is to be made of; nil for a database without a table of the schema.
        var baseline: Schema?
    }

    /// Writes the migrations that lead from the schema of the last one to the schema file.
    ///
    /// - Parameter name: the last part of the files' names.
    package func plan(name: String?, allowsDestructive: Bool) async throws -> Plan {
        let schema = try schema()
        let settings = try Operations.settings(logDescriptor: 2, makesKeys: false)
        let planned = try files.plannedSchema()
        let folder = try inTermsOfMigrations { try files.folder(for: settings.database.dialect) }
        try requireWhole(folder, planned)
        let look = try await look(settings, schema, planned, folder)
        var (result, written) = (Plan(drift: look.drift, notes: look.notes), [MigrationPlan.File]())
        let now = WallClock.microseconds()
        if let baseline = look.baseline {
            written.append(MigrationPlanner.baseline(of: baseline, time: now))
            result.notes.append("the database was made before; \(written[0].name) is its baseline, and is only noted there")
        }
        let old = planned ?? look.baseline ?? Schema(name: schema.name, entities: [])
        let plan = try inTermsOfMigrations {
            try MigrationPlanner.plan(
                from: old, to: schema, name: name, time: now, after: written.last?.name ?? folder.lastName,
                allowsDestructive: allowsDestructive)
        }
        try await requireEmpty(plan, settings)
        result.notes += plan.obstacles.map { "there is no way back: \($0)" }
        written += plan.files
        (result.changes, result.risks, result.isDestructive) = (plan.changes, plan.risks, !plan.losses.isEmpty)
        guard !written.isEmpty || planned?.canonicalJSON != schema.canonicalJSON else { return result }
        result.files = try files.write(written, schema: schema)
        if written.isEmpty {
            result.notes.append("\(MigrationFolder.schemaFile) has the schema's new rules; nothing in a database changes")
        }
        return result
    }

    /// What a plan was cut off from, or a merge has left, must not become the ground of the next.
    private func requireWhole(_ folder: MigrationFolder, _ planned: Schema?) throws {
        let file = "\(files.path)/\(MigrationFolder.schemaFile)"
        guard let last = folder.lastTarget else { return }
        guard let planned else {
            throw OperationFailure("there are migrations, and no \(file). Fix: bring it back as it was committed")
        }
        guard SchemaStructure(planned).hash == last else {
            throw OperationFailure(
                "\(file) is not the schema to which the last migration leads. Fix: bring both back as they were committed, and plan again")
        }
    }

    private func look(_ settings: Settings, _ schema: Schema, _ planned: Schema?, _ folder: MigrationFolder) async throws -> Look {
        guard settings.database.missingFile == nil, settings.database.location != .memory else { return Look() }
        do {
            return try await withDatabase(settings) { opened in
                let runner = opened.migrations
                var look = Look()
                let stored = try await runner.storedSchema()
                if let stored { look.drift = try await runner.drift(from: stored) }
                let pending = try await runner.status(folder).pending.count
                if pending > 0 { look.notes.append("the connected database has not had \(pending) of the migrations") }
                if planned == nil {
                    if let stored { look.baseline = stored } else { look.baseline = try await baseline(of: schema, runner) }
                }
                return look
            }
        } catch let failure as OperationFailure where planned != nil {
            // The files follow from the schemas alone.
            return Look(notes: ["the database was not looked at for drift: \(failure)"])
        }
    }

    /// The part of the schema whose tables are there already, made by something else.
    private func baseline(of schema: Schema, _ runner: MigrationRunner) async throws -> Schema? {
        var entities = try await runner.existing(schema.entities.filter { !$0.isReadOnly })
        guard !entities.isEmpty else { return nil }
        let names = Set(entities.map(\.name))
        for index in entities.indices {
            // Rules may lead to tables that are not there.
            entities[index].checks = []
            entities[index].access = Access()
            entities[index].references.removeAll { !names.contains($0.target) }
        }
        let part = Schema(name: schema.name, entities: entities)
        let differences = try await runner.drift(from: part).filter { !$0.hasSuffix("stays") }
        guard differences.isEmpty else {
            throw OperationFailure(
                "the database has tables of the schema, which are not as the schema says:\n"
                    + differences.map { "  - \($0)" }.joined(separator: "\n")
                    + "\nFix: describe them in the schema as they are, plan, and change them then")
        }
        return part
    }

    /// A required field without a default has no value for rows that are there.
    private func requireEmpty(_ plan: MigrationPlan, _ settings: Settings) async throws {
        guard !plan.emptyTables.isEmpty, settings.database.missingFile == nil, settings.database.location != .memory else { return }
        let full = try? await withDatabase(settings) { opened in
            var full: [String] = []
            for (table, field) in plan.emptyTables where try await opened.migrations.hasRows(table) {
                full.append("\(field) is required and has no default, and «\(table.tableTitle)» has rows")
            }
            return full
        }
        guard let full, !full.isEmpty else { return }
        throw OperationFailure(
            "rows that are there would have no value:\n" + full.map { "  - \($0)" }.joined(separator: "\n")
                + "\nFix: give the field a default, which a later change may take away, or make it optional")
    }
}
