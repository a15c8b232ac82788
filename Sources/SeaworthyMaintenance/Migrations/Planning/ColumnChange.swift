import SeaworthySchema

/// One column that is in both schemas: its new values by an expression, and the rows that have none.
struct ColumnChange {
    let table: TableChange
    let old: Int
    let new: Int
    let language: any MigrationLanguage
    private let conversion: TypeConversion

    init(_ table: TableChange, _ pair: (old: Int, new: Int), _ language: any MigrationLanguage) {
        self.table = table
        old = pair.old
        new = pair.new
        self.language = language
        conversion = language.conversion(from: table.old.fields[pair.old].type, to: table.new.fields[pair.new].type) ?? .none
    }

    var field: Field { table.new.fields[new] }
    var oldField: Field { table.old.fields[old] }
    /// The column under its new name.
    var column: String { language.quoted(field.column) }

    var becomesRequired: Bool { table.old.isNullable(old) && !table.new.isNullable(new) }
    var becomesOptional: Bool { !table.old.isNullable(old) && table.new.isNullable(new) }

    /// The value of the new type; the column itself where nothing changes.
    var converted: String { conversion.convert?(column) ?? column }

    /// The value that the new column has, with the default in place of none.
    var filled: String {
        guard becomesRequired, let initial = field.defaultValue else { return converted }
        return "coalesce(\(converted), \(language.value(initial, field.type)))"
    }

    /// The statements that fail when a row has no value for the new column. The column has its new name and its old type.
    var checks: [String] {
        var conditions: [(condition: String, what: String)] = []
        if let misfit = conversion.misfit { conditions.append((misfit(column), "no \(field.type.text)")) }
        for bound in FieldBound.tightened(oldField, field) { conditions.append((bound.condition(language, converted), bound.excess)) }
        if becomesRequired, field.defaultValue == nil { conditions.append(("\(column) IS NULL", "null")) }
        return conditions.flatMap { condition, what in
            language.refuseRows(
                of: table.new, where: condition,
                message: "\(table.new.name).\(field.name) holds values that are \(what): change them before the migration")
        }
    }
}

extension TableChange {
    func columns(_ language: any MigrationLanguage) -> [ColumnChange] {
        fields.map { ColumnChange(self, $0, language) }
    }

    /// The statements that fail when there are rows, for which an added field would have no value.
    func emptinessChecks(_ language: any MigrationLanguage) -> [String] {
        added.filter { index in
            let field = new.fields[index]
            return !new.isNullable(index) && field.defaultValue == nil && !(new.key == [index] && field.isNumbered)
        }.flatMap { index in
            language.refuseRows(
                of: new, where: "1 = 1",
                message: "\(new.name).\(new.fields[index].name) is required and has no default, and there are rows: give it a default")
        }
    }
}
