import SeaworthySQL
package import SeaworthySchema

/// What has to be done to come from one schema to another, as files to review.
package struct MigrationPlan: Sendable {
    package struct File: Sendable, Equatable {
        /// `20261125164154_add_status`
        package var name: String
        package var sqlite: String
        package var postgres: String
    }

    package internal(set) var files: [File] = []
    /// A line each; empty when nothing in the database changes.
    package internal(set) var changes: [String] = []
    /// What is dropped or narrowed.
    package internal(set) var losses: [MigrationRisk] = []
    package internal(set) var risks: [MigrationRisk] = []
    /// Why there is no way back; empty when there is one.
    package internal(set) var obstacles: [String] = []
    /// Tables of the old schema that must have no rows, each with the field that would have no value there.
    package internal(set) var emptyTables: [(table: Entity, field: String)] = []
}

package enum MigrationPlanner {
    /// - Parameters:
    ///   - name: the last part of the files' names; nil for one that follows from the changes.
    ///   - time: microseconds since the epoch, for the first part.
    ///   - last: the name of the last migration that there is, behind which the new ones come.
    /// - Throws: ``MaintenanceError`` `plan_refused` for what is not done, `destructive` for what is not allowed.
    package static func plan(
        from old: Schema, to new: Schema, name: String?, time: Int64, after last: String?, allowsDestructive: Bool
    ) throws(MaintenanceError) -> MigrationPlan {
        let change = SchemaChange(from: old, to: new)
        let report = ChangeReport(change)
        guard report.refusals.isEmpty else {
            throw MaintenanceError(
                code: .planRefused, details: report.refusals, fix: "change the schema in steps that a migration can do, and plan again")
        }
        guard report.losses.isEmpty || allowsDestructive else {
            throw MaintenanceError(
                code: .destructive, details: report.losses.map(\.why),
                fix:
                    "change the schema back, rename with renamedFrom: what was only renamed, or run seaworthy migrate plan --allow-destructive if that is meant"
            )
        }
        var plan = MigrationPlan()
        let forward = (sqlite: SQLiteProgram(change), postgres: PostgresProgram(change, isPhased: true))
        guard !forward.sqlite.steps.isEmpty || !forward.postgres.steps.isEmpty else { return plan }
        let structures = (from: SchemaStructure(old).hash, to: SchemaStructure(new).hash)
        (plan.changes, plan.losses, plan.emptyTables) = (report.changes, report.losses, report.emptyTables)
        plan.risks = report.losses + report.notes + (forward.sqlite.steps + forward.postgres.steps).flatMap(\.risks)
        let back = change.reversed
        let backward = (sqlite: SQLiteProgram(back), postgres: PostgresProgram(back, isPhased: false))
        let obstacles = ChangeReport(back).refusals
        plan.obstacles = obstacles
        let groups = groups(forward.postgres.steps)
        let label = name ?? label(of: change, plan.changes)
        let stamps = stamps(time: time, after: last, count: groups.count)
        for (index, group) in groups.enumerated() {
            let isLast = index == groups.count - 1
            var header = [
                "from: \(index == 0 ? structures.from : "\(structures.to)/\(index)")",
                "to: \(isLast ? structures.to : "\(structures.to)/\(index + 1)")",
            ]
            let hasWayBack = index > 0 || obstacles.isEmpty
            if index == 0 { header += report.losses.map { "destructive: \($0.why)" } }
            if !hasWayBack { header.append("irreversible") }
            let isFirst = index == 0
            let isOff = forward.sqlite.switchesReferencesOff || backward.sqlite.switchesReferencesOff
            plan.files.append(
                MigrationPlan.File(
                    name: "\(stamps[index])_\(label)\(group.suffix)",
                    sqlite: MigrationText.render(
                        header: header + (isFirst && isOff ? ["references-off"] : []), up: isFirst ? forward.sqlite.steps : [],
                        down: isFirst && hasWayBack ? backward.sqlite.steps : [], undoes: hasWayBack),
                    postgres: MigrationText.render(
                        header: (group.phase == .concurrently ? ["no-transaction"] : []) + header, up: group.steps,
                        down: !hasWayBack ? [] : group.phase == .change ? backward.postgres.steps : undo(group.steps),
                        undoes: hasWayBack)))
        }
        return plan
    }

    /// The migration that makes a database as it was before there were migrations, and that is only noted where there is one.
    package static func baseline(of schema: Schema, time: Int64) -> MigrationPlan.File {
        let change = SchemaChange(from: Schema(name: schema.name, entities: []), to: schema)
        let tables = JSONValue.array(
            change.created.map { entity in entity.dbSchema.map { [.string($0), .string(entity.table)] } ?? .string(entity.table) })
        let header = [
            "from: \(SchemaStructure.empty.hash)", "to: \(SchemaStructure(schema).hash)", "baseline: \(tables.compactText)", "irreversible",
        ]
        return MigrationPlan.File(
            name: "\(stamps(time: time, after: nil, count: 1)[0])_baseline",
            sqlite: MigrationText.render(header: header, up: SQLiteProgram(change).steps, down: [], undoes: false),
            postgres: MigrationText.render(header: header, up: PostgresProgram(change, isPhased: false).steps, down: [], undoes: false))
    }

    // MARK: Files

    private struct Group {
        var phase: MigrationStep.Phase
        var suffix: String
        var steps: [MigrationStep]
    }

    /// The steps of PostgreSQL's files. The first goes with all of SQLite's steps.
    private static func groups(_ steps: [MigrationStep]) -> [Group] {
        var groups: [Group] = []
        for phase in MigrationStep.Phase.allCases {
            let steps = steps.filter { $0.phase == phase }
            guard !steps.isEmpty else { continue }
            switch phase {
            case .change: groups.append(Group(phase: phase, suffix: "", steps: steps))
            case .concurrently:
                for (number, step) in steps.enumerated() {
                    groups.append(Group(phase: phase, suffix: "_index\(steps.count > 1 ? "_\(number + 1)" : "")", steps: [step]))
                }
            case .fill: groups.append(Group(phase: phase, suffix: "_fill", steps: steps))
            case .declare: groups.append(Group(phase: phase, suffix: "_declare", steps: steps))
            case .validate: groups.append(Group(phase: phase, suffix: "_validate", steps: steps))
            case .finish: groups.append(Group(phase: phase, suffix: "_finish", steps: steps))
            }
        }
        if groups.isEmpty { groups = [Group(phase: .change, suffix: "", steps: [])] }
        if groups.count == 1 { groups[0].suffix = "" }
        return groups
    }

    private static func undo(_ steps: [MigrationStep]) -> [MigrationStep] {
        steps.reversed().filter { !$0.undo.isEmpty }.map { step in
            MigrationStep(summary: "undo: \(step.summary)", statements: step.undo)
        }
    }

    /// `add_status_to_orders`, `init`, or `changes` where there are several.
    private static func label(of change: SchemaChange, _ changes: [String]) -> String {
        if change.old.entities.allSatisfy(\.isReadOnly) { return "init" }
        guard changes.count == 1, let only = changes.first else { return "changes" }
        var words: [String] = []
        for word in only.split(whereSeparator: { !($0.isLetter || $0.isNumber) || !$0.isASCII }) where word != "column" {
            words.append(word.lowercased())
        }
        return String(words.joined(separator: "_").prefix(60))
    }

    /// Times of a second each, UTC, behind that of the last migration.
    private static func stamps(time: Int64, after last: String?, count: Int) -> [String] {
        let first = max(time / 1_000_000, last.flatMap(seconds).map { $0 + 1 } ?? 0)
        return (0..<Int64(count)).map { stamp(first + $0) }
    }

    /// The seconds since the epoch of a name's time; nil when its digits are no time.
    private static func seconds(_ name: String) -> Int64? {
        let digits = Array(name.utf8.prefix(14)).map { Int($0) - 48 }
        guard digits.count == 14 else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        guard let date = CivilDate(year: number(0..<4), month: number(4..<6), day: number(6..<8)) else { return nil }
        return Int64(date.daysSinceEpoch) * 86_400 + Int64((number(8..<10) * 60 + number(10..<12)) * 60 + number(12..<14))
    }

    private static func stamp(_ seconds: Int64) -> String {
        let time = CivilTime(microseconds: seconds * 1_000_000)
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        return padded(time.date.year, 4)
            + [time.date.month, time.date.day, time.hour, time.minute, time.second].map { padded($0, 2) }.joined()
    }
}
