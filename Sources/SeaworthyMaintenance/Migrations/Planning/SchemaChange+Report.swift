import SeaworthySchema

/// What a change is in the words of the schema, for people, and what of it a migration does not do.
struct ChangeReport: Sendable, Equatable {
    /// A line each.
    private(set) var changes: [String] = []
    /// What is dropped or narrowed; such a migration needs to be allowed.
    private(set) var losses: [MigrationRisk] = []
    /// What cannot be done, with the way round it.
    private(set) var refusals: [String] = []
    /// Risks that are the same everywhere.
    private(set) var notes: [MigrationRisk] = []
    /// Tables of the old schema that must have no rows, by the field that would have no value there.
    private(set) var emptyTables: [(table: Entity, field: String)] = []

    static func == (left: ChangeReport, right: ChangeReport) -> Bool {
        left.changes == right.changes && left.losses == right.losses && left.refusals == right.refusals && left.notes == right.notes
    }

    init(_ change: SchemaChange) {
        for entity in change.dropped {
            changes.append("drop table «\(entity.table)»")
            losses.append(MigrationRisk(kind: .dataLoss, why: "drops the table «\(entity.table)» with its rows"))
        }
        for entity in change.created { changes.append("create table «\(entity.table)»") }
        checkViews(change)
        for table in change.altered { report(table, change) }
    }

    private mutating func checkViews(_ change: SchemaChange) {
        for view in change.new.entities where view.isReadOnly {
            guard let table = change.dropped.first(where: { $0.name == view.name || $0.table.lowercased() == view.table.lowercased() })
            else { continue }
            refusals.append(
                "\(view.name): a table does not become a view; let the view have another table name, and drop «\(table.table)» by itself")
        }
        for entity in change.created
        where change.old.entities.contains(where: { $0.isReadOnly && $0.table.lowercased() == entity.table.lowercased() }) {
            refusals.append("\(entity.name): «\(entity.table)» is a view; let the table have another name")
        }
    }

    private mutating func report(_ table: TableChange, _ change: SchemaChange) {
        let name = table.new.table
        if table.old.dbSchema != table.new.dbSchema {
            refusals.append(
                "\(table.new.name): a table does not move to another schema of the database; move it by hand and begin with a baseline")
        }
        if table.isTableRenamed { changes.append("rename table «\(table.old.table)» to «\(name)»") }
        for index in table.dropped {
            let field = table.old.fields[index]
            changes.append("drop column «\(field.column)» of «\(name)»")
            losses.append(
                MigrationRisk(
                    kind: .dataLoss,
                    why: field.managed == .deletedAt
                        ? "drops what marks deleted records of «\(name)», so that they are there again"
                        : "drops the column «\(field.column)» of «\(name)» with its values"))
        }
        for rename in table.renamedColumns { changes.append("rename column «\(rename.from)» of «\(name)» to «\(rename.to)»") }
        for pair in table.fields { report(pair, of: table) }
        for index in table.added {
            let field = table.new.fields[index]
            changes.append("add column «\(field.column)» to «\(name)»")
            let counted = table.new.key == [index] && field.isNumbered
            guard !table.new.isNullable(index), field.defaultValue == nil, !counted else { continue }
            emptyTables.append((table.old, "\(table.new.name).\(field.name)"))
        }
        if !table.isKeyKept {
            changes.append("change the key of «\(name)» to (\(table.new.keyFields.map(\.column).joined(separator: ", ")))")
        } else if table.isNumbered.old != table.isNumbered.new {
            changes.append("\(table.isNumbered.new ? "let the database count" : "no longer count") the key of «\(name)»")
        }
        reportReferences(table, change)
        reportIndexes(table)
    }

    private mutating func report(_ pair: (old: Int, new: Int), of table: TableChange) {
        let (old, new) = (table.old.fields[pair.old], table.new.fields[pair.new])
        let place = "«\(new.column)» of «\(table.new.table)»"
        guard let kind = TypeConversion.Kind(from: old.type, to: new.type) else {
            refusals.append(
                "\(table.new.name).\(new.name): values of type \(old.type.name) do not become \(new.type.name) by themselves; add a field of another name, fill it, and drop this one in a later migration"
            )
            return
        }
        if StorageForm(old.type) != StorageForm(new.type) { changes.append("change \(place) from \(old.type.text) to \(new.type.text)") }
        if kind.isNarrowing {
            lose(.narrowing, "not every value that \(place) could have is \(new.type.text)")
        } else if new.type == .email || new.type == .url, old.type != new.type {
            notes.append(MigrationRisk(kind: .narrowing, why: "what \(place) holds already is not checked to be of type \(new.type.name)"))
        }
        for bound in FieldBound.tightened(old, new) { lose(.narrowing, "\(place) may hold values that are \(bound.excess)") }
        if let pattern = new.pattern, pattern != old.pattern {
            notes.append(MigrationRisk(kind: .narrowing, why: "what \(place) holds already is not checked against its pattern"))
        }
        switch (table.old.isNullable(pair.old), table.new.isNullable(pair.new)) {
        case (true, false):
            changes.append("require a value in \(place)")
            if new.defaultValue != nil {
                notes.append(MigrationRisk(kind: .backfill, why: "rows without a value in \(place) get the default"))
            } else {
                lose(.narrowing, "\(place) may be null, and there is no default")
            }
        case (false, true): changes.append("let \(place) be null")
        default: break
        }
    }

    private mutating func lose(_ kind: MigrationRisk.Kind, _ why: String) {
        losses.append(MigrationRisk(kind: kind, why: why + "; the migration fails while such rows are there"))
        if kind == .narrowing, !changes.contains(where: { why.contains($0) }) { changes.append("narrow: \(why)") }
    }

    private mutating func reportReferences(_ table: TableChange, _ change: SchemaChange) {
        let kept = Set(table.old.references.compactMap { change.keptReference($0, of: table) })
        let gone = table.old.references.count { change.keptReference($0, of: table) == nil }
        for (index, reference) in table.new.references.enumerated() where !kept.contains(index) {
            changes.append("add the reference of «\(table.new.table)» to «\(change.new.entity(named: reference.target)?.table ?? "")»")
        }
        if gone > 0 { changes.append("drop \(gone == 1 ? "a reference" : "\(gone) references") of «\(table.new.table)»") }
    }

    private mutating func reportIndexes(_ table: TableChange) {
        let before = IndexShape.all(of: table.old, mapped: table.newIndex)
        let after = IndexShape.all(of: table.new)
        func columns(_ shape: IndexShape, _ entity: Entity) -> String {
            shape.fields.map { $0.map { entity.fields[$0].column } ?? "…" }.joined(separator: ", ")
        }
        for shape in after where !before.contains(shape) {
            changes.append(
                "create \(shape.isUnique ? "unique index" : "index") on «\(table.new.table)» (\(columns(shape, table.new)))")
        }
        for shape in before where !after.contains(shape) {
            changes.append("drop \(shape.isUnique ? "unique index" : "index") on «\(table.new.table)» (\(columns(shape, table.new)))")
        }
    }
}

extension FieldType {
    /// The type with its digits, for people.
    var text: String {
        if case .decimal(let precision, let scale) = self { return "decimal(\(precision),\(scale))" }
        return name
    }
}
