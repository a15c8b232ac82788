import SeaworthyData
import SeaworthyMaintenance
import SeaworthySchema
import SeaworthyStorage

/// `seaworthy migrate status`, `apply` and `rollback`: the database and the folder of migrations beside the schema file.
package struct MigrateOperation: Sendable {
    let schemaPath: String

    package init(schemaPath: String) {
        self.schemaPath = schemaPath
    }

    /// Whether a text can be the last part of a migration's name.
    package static func isName(_ text: String) -> Bool { text.utf8.count <= 60 && MigrationFolder.isLabel(text) }

    var files: MigrationFiles { MigrationFiles(besideSchema: schemaPath) }

    func schema() throws -> Schema { SystemSchema.extending(try Operations.schemaFile(schemaPath).schema) }

    /// Does something with the database of the settings, past a pooler, and closes it.
    func withDatabase<Result>(_ settings: Settings, _ body: (OpenedDatabase) async throws -> Result) async throws -> Result {
        let opened = try await OpenedDatabase.connectDirectly(settings.database)
        return try await opened.database.closing {
            try await OpenedDatabase.inTermsOfSettings(settings.database) { try await body(opened) }
        }
    }

    /// - Throws: ``OperationFailure`` in the words of the migrations.
    func inTermsOfMigrations<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as MaintenanceError {
            throw OperationFailure("\(error)")
        }
    }

    // MARK: Status

    package struct Status: Sendable {
        let status: MigrationStatus
        let drift: [String]

        /// Whether nothing is pending and nothing is wrong.
        package var isCurrent: Bool { status.pending.isEmpty && status.problems.isEmpty }

        package var text: String {
            var lines = status.entries.map { entry in
                let mark = entry.isDestructive && entry.appliedAt == nil ? ", drops or narrows" : ""
                return "\(entry.name): \(Self.words(entry))\(mark)"
            }
            if !drift.isEmpty { lines += ["others changed the database:"] + drift.map { "  - \($0)" } }
            if status.entries.isEmpty { lines.append("no migrations") }
            lines.append(isCurrent ? "nothing is pending" : "\(status.pending.count) pending, \(status.problems.count) not in order")
            return lines.joined(separator: "\n")
        }

        private static func words(_ entry: MigrationStatus.Entry) -> String {
            let time = entry.appliedAt.map { MigrateOperation.time($0) } ?? ""
            return switch entry.state {
            case .applied: "applied \(time) in \(MigrateOperation.text(.microseconds(entry.duration ?? 0)))"
            case .noted: "noted \(time), the database had it already"
            case .pending: "pending"
            case .outOfOrder: "pending, behind later ones that are applied"
            case .edited: "applied \(time), and its file was changed since"
            case .missing: "applied \(time), and its file is gone"
            }
        }

        package var json: String {
            let report: JSONValue = [
                "current": .bool(isCurrent), "pending": .number(String(status.pending.count)),
                "migrations": .array(
                    status.entries.map { entry in
                        [
                            "name": .string(entry.name), "state": .string(entry.state.rawValue),
                            "appliedAt": entry.appliedAt.map { .string(MigrateOperation.time($0)) } ?? .null,
                            "durationMilliseconds": entry.duration.map { .number(String($0 / 1000)) } ?? .null,
                            "destructive": .bool(entry.isDestructive),
                        ]
                    }), "drift": .array(drift.map { .string($0) }),
            ]
            return report.indentedText
        }
    }

    package func status() async throws -> Status {
        // Read for its problems: the folder belongs to it.
        _ = try schema()
        let settings = try Operations.settings(logDescriptor: 2, makesKeys: false)
        // A look at what is not there must not make it.
        if settings.database.missingFile != nil {
            let folder = try inTermsOfMigrations { try files.folder(for: settings.database.dialect) }
            return Status(status: .untouched(folder), drift: [])
        }
        return try await withDatabase(settings) { opened in
            let folder = try files.folder(for: opened.dialect)
            let runner = opened.migrations
            let drift = try await runner.storedSchema().asyncMap { try await runner.drift(from: $0) } ?? []
            return Status(status: try await runner.status(folder), drift: drift)
        }
    }

    // MARK: Apply and rollback

    package struct Report: Sendable {
        let verb: String
        let outcome: MigrationRunner.Outcome

        /// What is to be said behind the lines of the migrations.
        package var text: String {
            let count = outcome.steps.count
            let sum = count == 0 ? "nothing to \(verb)" : "\(count) migration\(count == 1 ? "" : "s") done"
            return (outcome.notes.map { "note: \($0)" } + [sum]).joined(separator: "\n")
        }

        package var json: String {
            let report: JSONValue = [
                "migrations": .array(
                    outcome.steps.map { step in
                        [
                            "name": .string(step.name), "ran": .bool(step.duration != nil),
                            "durationMilliseconds": step.duration.map {
                                .number(String($0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000))
                            }
                                ?? .null,
                        ]
                    }), "notes": .array(outcome.notes.map { .string($0) }),
            ]
            return report.indentedText
        }
    }

    /// - Parameter onStep: told of each migration as a line when it is done.
    package func apply(allowsDestructive: Bool, onStep: @escaping @Sendable (String) -> Void) async throws -> Report {
        let schema = try schema()
        let settings = try Operations.settings(logDescriptor: 2, makesKeys: false)
        let planned = try files.plannedSchema()
        return try await withDatabase(settings) { opened in
            let folder = try files.folder(for: opened.dialect)
            let outcome = try await opened.migrations.apply(
                folder, schema: schema, planned: planned, allowsDestructive: allowsDestructive
            ) { step in
                onStep(
                    step.duration.map { "\(step.name): applied in \(Self.text($0))" }
                        ?? "\(step.name): noted, the database had it already")
            }
            return Report(verb: "apply", outcome: outcome)
        }
    }

    package func rollback(steps: Int, onStep: @escaping @Sendable (String) -> Void) async throws -> Report {
        _ = try schema()
        let settings = try Operations.settings(logDescriptor: 2, makesKeys: false)
        if settings.database.missingFile != nil { return Report(verb: "roll back", outcome: MigrationRunner.Outcome()) }
        return try await withDatabase(settings) { opened in
            let folder = try files.folder(for: opened.dialect)
            let outcome = try await opened.migrations.rollback(folder, steps: steps) { step in
                onStep("\(step.name): rolled back in \(Self.text(step.duration ?? .zero))")
            }
            return Report(verb: "roll back", outcome: outcome)
        }
    }

    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
    }

    static func time(_ microseconds: Int64) -> String {
        if case .string(let text) = FieldType.timestamp.json(.integer(microseconds)) { text } else { "" }
    }
}

extension Optional {
    func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async throws -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}
