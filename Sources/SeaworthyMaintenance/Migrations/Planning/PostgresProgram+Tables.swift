import SeaworthySQL
import SeaworthySchema

extension PostgresProgram {
    mutating func alter(_ table: TableChange) {
        let name = table.new.table
        add("every row of «\(name)» has a value", table.emptinessChecks(language))
        if !table.isKeyKept { dropKey(of: table) }
        for index in table.dropped {
            let column = table.old.fields[index].column
            add("drop column «\(column)» of «\(name)»", ["\(alterTable(table)) DROP COLUMN \(quoted(column))"])
        }
        for rename in RenameOrder.steps(table.renamedColumns) {
            add(
                "rename column «\(rename.from)» of «\(name)» to «\(rename.to)»",
                ["\(alterTable(table)) RENAME COLUMN \(quoted(rename.from)) TO \(quoted(rename.to))"])
        }
        addColumns(of: table)
        let columns = table.columns(language)
        for column in columns { alter(column) }
        require(columns.filter(\.becomesRequired), of: table)
        if !table.isKeyKept {
            let columns = table.new.keyFields.map { quoted($0.column) }.joined(separator: ", ")
            add(
                "make (\(table.new.keyFields.map(\.column).joined(separator: ", "))) the key of «\(name)»",
                ["\(alterTable(table)) ADD PRIMARY KEY (\(columns))"],
                [risk(.longLock, "the key's index is built while nobody else uses «\(name)»")])
        }
        count(table)
    }

    private func alterTable(_ table: TableChange) -> String { "ALTER TABLE \(language.table(table.new))" }

    private mutating func dropKey(of table: TableChange) {
        let name = language.text(language.table(table.new))
        add(
            "drop the key of «\(table.new.table)»",
            [
                """
                DO $seaworthy$ DECLARE found text; BEGIN
                    FOR found IN SELECT conname FROM pg_constraint WHERE contype = 'p' AND conrelid = \(name)::regclass
                    LOOP
                        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', \(name)::regclass, found);
                    END LOOP;
                END $seaworthy$
                """
            ])
    }

    // MARK: Columns

    private mutating func addColumns(of table: TableChange) {
        let definition = TableDefinition(table.new, in: change.new, dialect: dialect)
        for index in table.added {
            let field = table.new.fields[index]
            let column = quoted(field.column)
            // The key itself is declared when every column is there.
            let ending = " PRIMARY KEY"
            var text = definition.column(index)
            if text.hasSuffix(ending) { text.removeLast(ending.count) }
            var statements = ["\(alterTable(table)) ADD COLUMN \(text)"]
            if !table.new.isNullable(index), let initial = field.defaultValue {
                // Kept with the column's declaration and not in the rows, so that none is written.
                statements[0] += " DEFAULT \(language.value(initial, field.type))"
                statements.append("\(alterTable(table)) ALTER COLUMN \(column) DROP DEFAULT")
            }
            add("add column «\(field.column)» to «\(table.new.table)»", statements)
        }
    }

    private mutating func alter(_ column: ColumnChange) {
        let table = column.table
        let (name, place) = (column.column, "«\(column.field.column)» of «\(table.new.table)»")
        add("every value of \(place) fits", column.checks)
        let isCounted = { (entity: Entity, index: Int) in entity.key == [index] && entity.fields[index].isNumbered }
        if isCounted(table.old, column.old), !isCounted(table.new, column.new) {
            add("no longer count \(place)", ["\(alterTable(table)) ALTER COLUMN \(name) DROP IDENTITY IF EXISTS"])
        }
        if column.becomesOptional {
            // On the way back also what has declared it before the column did.
            let declared = quoted(constraint([table.old.table, column.oldField.column], "required"))
            let drop = isPhased ? [] : ["\(alterTable(table)) DROP CONSTRAINT IF EXISTS \(declared)"]
            add("let \(place) be null", drop + ["\(alterTable(table)) ALTER COLUMN \(name) DROP NOT NULL"])
        }
        let (old, new) = (column.oldField.type, column.field.type)
        if StorageForm(old) != StorageForm(new) {
            let type = dialect.columnType(of: column.field, column: name)
            var risks = [risk(.rewrite, "the rows of «\(table.new.table)» are written anew while nobody else uses it")]
            if case .decimal(let before, let scale) = old, case .decimal(let after, scale) = new, after >= before { risks = [] }
            add(
                "change \(place) to \(new.text)",
                ["\(alterTable(table)) ALTER COLUMN \(name) TYPE \(type) USING \(column.converted)"], risks)
        }
    }

    /// Rows without a value get the default first, without a lock of the table. Then the value is required of what is written from now on,
    /// proven of the rest, and declared by the column itself, for which the server needs no look at the rows any more.
    private mutating func require(_ columns: [ColumnChange], of table: TableChange) {
        guard !columns.isEmpty else { return }
        let (alter, name) = (alterTable(table), table.new.table)
        let filled = columns.compactMap { column in
            column.field.defaultValue.map { (column: column.column, value: language.value($0, column.field.type)) }
        }
        // All at once: a row that still lacks another value that is required by now could not be written.
        let set = filled.map { "\($0.column) = coalesce(\($0.column), \($0.value))" }.joined(separator: ", ")
        let lacking = filled.map { "\($0.column) IS NULL" }.joined(separator: " OR ")
        let fill = filled.isEmpty ? [] : ["UPDATE \(language.table(table.new)) SET \(set) WHERE \(lacking)"]
        // A key's values are required by the key, at once.
        let isAtOnce = !isPhased || !table.isKeyKept
        guard !isAtOnce else {
            return add("require values in «\(name)»", fill + columns.map { "\(alter) ALTER COLUMN \($0.column) SET NOT NULL" })
        }
        if !fill.isEmpty {
            add(
                .fill, "give rows of «\(name)» without a value the default", fill,
                [risk(.longLock, "rows of «\(name)» that get a default are locked until all have it")])
        }
        let checks = columns.map { column in
            let constraint = quoted(constraint([name, column.field.column], "required"))
            return (
                constraint: constraint, declared: "\(alter) ADD CONSTRAINT \(constraint) CHECK (\(column.column) IS NOT NULL) NOT VALID"
            )
        }
        add(
            .declare, "require values in «\(name)» of what is written from now on", checks.map(\.declared),
            undo: checks.map { "\(alter) DROP CONSTRAINT IF EXISTS \($0.constraint)" })
        add(
            .validate, "require values in «\(name)» of the rows that are there",
            fill + checks.map { "\(alter) VALIDATE CONSTRAINT \($0.constraint)" },
            [risk(.scan, "every row of «\(name)» is looked at; reads and writes go on")])
        add(
            .finish, "declare columns of «\(name)» as required",
            columns.map { "\(alter) ALTER COLUMN \($0.column) SET NOT NULL" } + checks.map { "\(alter) DROP CONSTRAINT \($0.constraint)" },
            undo: columns.map { "\(alter) ALTER COLUMN \($0.column) DROP NOT NULL" } + checks.map(\.declared))
    }

    /// Has the database count the key, from behind the largest that there is.
    private mutating func count(_ table: TableChange) {
        guard table.isNumbered.new, let index = table.new.key.first, let old = table.oldIndex(of: index),
            !(table.old.key == [old] && table.old.fields[old].isNumbered)
        else { return }
        let column = table.new.fields[index].column
        add(
            "count «\(column)» of «\(table.new.table)»",
            [
                "\(alterTable(table)) ALTER COLUMN \(quoted(column)) ADD GENERATED BY DEFAULT AS IDENTITY",
                "SELECT setval(pg_get_serial_sequence(\(language.text(language.table(table.new))), \(language.text(column))), "
                    + "greatest(coalesce(max(\(quoted(column))), 0) + 1, 1), false) FROM \(language.table(table.new))",
            ])
    }
}
