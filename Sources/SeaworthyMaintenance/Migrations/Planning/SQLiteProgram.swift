import SeaworthySQL
import SeaworthySchema

/// The steps of a change on SQLite. Columns are added, renamed and dropped where they are; for anything else the table is made anew, as
/// <https://sqlite.org/lang_altertable.html#otheralter> says, between two marks that tell the runner to keep what else belongs to it.
struct SQLiteProgram {
    private let change: SchemaChange
    private let language = SQLiteLanguage()
    private let dialect = SQLiteDialect()
    private(set) var steps: [MigrationStep] = []
    /// Whether references must not be looked at while it runs: they are checked as a whole before the commit.
    private(set) var switchesReferencesOff = false

    init(_ change: SchemaChange) {
        self.change = change
        drop()
        for rename in RenameOrder.steps(
            change.altered.filter(\.isTableRenamed).map { (from: $0.old.table, to: $0.new.table) })
        {
            add("rename table «\(rename.from)» to «\(rename.to)»", ["ALTER TABLE \(quoted(rename.from)) RENAME TO \(quoted(rename.to))"])
        }
        for table in change.altered { alter(table) }
        for entity in change.created {
            let definition = TableDefinition(entity, in: change.new, dialect: dialect)
            add("create table «\(entity.table)»", [definition.createTable])
            for index in definition.indexes { add("create index «\(index.name)»", [index.statement]) }
        }
    }

    private func quoted(_ name: String) -> String { language.quoted(name) }

    private mutating func add(_ summary: String, _ statements: [String], _ risks: [MigrationRisk] = []) {
        if !statements.isEmpty { steps.append(MigrationStep(summary: summary, statements: statements, risks: risks)) }
    }

    private mutating func drop() {
        guard !change.dropped.isEmpty else { return }
        switchesReferencesOff = true
        for entity in change.dropped { add("drop table «\(entity.table)»", ["DROP TABLE \(language.table(entity))"]) }
    }

    private mutating func alter(_ table: TableChange) {
        let name = table.new.table
        let isRebuilt = needsRebuild(table)
        add("every row of «\(name)» has a value", table.emptinessChecks(language))
        let indexes = IndexChange(table, change, dialect)
        for index in indexes.dropped + indexes.renamed.map(\.from) {
            add("drop index «\(index)»", ["DROP INDEX IF EXISTS \(quoted(index))"])
        }
        var dropped = table.dropped.map { table.old.fields[$0].column }
        if isRebuilt {
            let taken = Set(table.new.fields.map { $0.column.lowercased() })
            for (number, column) in dropped.enumerated() where taken.contains(column.lowercased()) {
                dropped[number] = "seaworthy_dropped_\(number + 1)"
                rename(column, to: dropped[number], of: name)
            }
        } else {
            for column in dropped {
                add(
                    "drop column «\(column)» of «\(name)»", ["ALTER TABLE \(quoted(name)) DROP COLUMN \(quoted(column))"],
                    [risk(.rewrite, "dropping a column writes every row of «\(name)» anew")])
            }
        }
        for step in RenameOrder.steps(table.renamedColumns) { rename(step.from, to: step.to, of: name) }
        for column in table.columns(language) { add("every value of «\(column.field.column)» fits", column.checks) }
        if isRebuilt { rebuild(table, without: dropped) } else { addColumns(of: table) }
        for index in indexes.created { add("create index «\(index.name)»", [index.statement]) }
        for index in indexes.renamed { add("create index «\(index.to)»", [index.statement]) }
    }

    private mutating func rename(_ column: String, to other: String, of table: String) {
        add(
            "rename column «\(column)» of «\(table)» to «\(other)»",
            ["ALTER TABLE \(quoted(table)) RENAME COLUMN \(quoted(column)) TO \(quoted(other))"])
    }

    private func risk(_ kind: MigrationRisk.Kind, _ why: String) -> MigrationRisk {
        MigrationRisk(kind: kind, dialect: dialect.name, why: why)
    }

    // MARK: Columns where they are

    private mutating func addColumns(of table: TableChange) {
        let definition = TableDefinition(table.new, in: change.new, dialect: dialect)
        for index in table.added {
            var text = definition.column(index)
            if let reference = table.new.references.first(where: { $0.fields == [index] }),
                let target = change.new.entity(named: reference.target)
            {
                let key = target.keyFields.map { quoted($0.column) }.joined(separator: ", ")
                text += " REFERENCES \(language.table(target)) (\(key))\(dialect.referenceOptions)"
            }
            add(
                "add column «\(table.new.fields[index].column)» to «\(table.new.table)»",
                ["ALTER TABLE \(language.table(table.new)) ADD COLUMN \(text)"])
        }
    }

    private func needsRebuild(_ table: TableChange) -> Bool {
        guard table.isKeyKept, table.isNumbered.old == table.isNumbered.new else { return true }
        for pair in table.fields {
            let (old, new) = (table.old.fields[pair.old].type, table.new.fields[pair.new].type)
            if table.old.isNullable(pair.old) != table.new.isNullable(pair.new) || changesColumn(old, new) { return true }
        }
        // An added column may point at another table; a dropped one may not.
        let kept = Set(table.old.references.compactMap { change.keptReference($0, of: table) })
        let isSimple = { (reference: Reference) in reference.fields.count == 1 && table.oldIndex(of: reference.fields[0]) == nil }
        guard kept.count == table.old.references.count,
            table.new.references.enumerated().allSatisfy({ kept.contains($0.offset) || isSimple($0.element) })
        else { return true }
        return table.added.contains { !table.new.isNullable($0) } || table.dropped.contains(where: table.old.key.contains)
    }

    /// Whether the column is declared otherwise, or its values have another form.
    private func changesColumn(_ old: FieldType, _ new: FieldType) -> Bool {
        guard StorageForm(old) != StorageForm(new) else { return false }
        if case .decimal(_, let before) = old, case .decimal(_, let after) = new { return before != after }
        return true
    }

    // MARK: The table anew

    private mutating func rebuild(_ table: TableChange, without dropped: [String]) {
        switchesReferencesOff = true
        var entity = table.new
        entity.table = "seaworthy_rebuild"
        let (old, temporary) = (language.table(table.new), quoted(entity.table))
        let columns = table.columns(language)
        var pairs: [(column: String, value: String)] = []
        for (index, field) in table.new.fields.enumerated() {
            if let column = columns.first(where: { $0.new == index }) {
                pairs.append((column.column, column.filled))
            } else if let initial = field.defaultValue, !table.new.isNullable(index) {
                pairs.append((quoted(field.column), language.value(initial, field.type)))
            } else {
                // What has no value here is null, or counted by the database.
                continue
            }
        }
        var statements = [
            MigrationText.rebuildMark(table.new.table, without: dropped),
            TableDefinition(entity, in: change.new, dialect: dialect).createTable,
        ]
        if !pairs.isEmpty {
            statements.append(
                "INSERT INTO \(temporary) (\(pairs.map(\.column).joined(separator: ", ")))\n    SELECT \(pairs.map(\.value).joined(separator: ", "))\n    FROM \(old)"
            )
        }
        if table.isNumbered.old, table.isNumbered.new {
            // So that the key of a deleted record is never given to another.
            let (from, to) = (language.text(table.new.table), language.text(entity.table))
            statements += [
                "DELETE FROM sqlite_sequence WHERE name = \(to)",
                "INSERT INTO sqlite_sequence (name, seq) SELECT \(to), seq FROM sqlite_sequence WHERE name = \(from)",
            ]
        }
        statements += [
            "DROP TABLE \(old)", "ALTER TABLE \(temporary) RENAME TO \(old)", MigrationText.rebuiltMark(table.new.table),
        ]
        add(
            "make «\(table.new.table)» anew, with its indexes and triggers", statements,
            [risk(.rewrite, "«\(table.new.table)» is copied row by row, and nobody else writes to the database meanwhile")])
    }
}

/// The indexes of a table before and after.
struct IndexChange {
    private(set) var created: [(name: String, statement: String)] = []
    private(set) var dropped: [String] = []
    /// Indexes that stay under another name, with the statement that makes them.
    private(set) var renamed: [(from: String, to: String, statement: String)] = []

    init(_ table: TableChange, _ change: SchemaChange, _ dialect: any Dialect) {
        let before = TableDefinition(table.old, in: change.old, dialect: dialect).indexes
        let after = TableDefinition(table.new, in: change.new, dialect: dialect).indexes
        let oldShapes = IndexShape.all(of: table.old, mapped: table.newIndex)
        let newShapes = IndexShape.all(of: table.new)
        for (index, shape) in zip(after, newShapes) {
            guard let place = oldShapes.firstIndex(of: shape) else {
                created.append((index.name, index.statement))
                continue
            }
            guard !before[place].name.hasSameBytes(as: index.name) else { continue }
            renamed.append((before[place].name, index.name, index.statement))
        }
        dropped = zip(before, oldShapes).filter { !newShapes.contains($0.1) }.map(\.0.name)
    }
}
