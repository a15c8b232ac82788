import SeaworthySchema

/// What stands in the columns of SQLite as fields. A declared type says what is meant and binds nobody
/// (https://sqlite.org/datatype3.html), so the values are looked at too.
struct SQLiteColumnTypes: ColumnTypes {
    private static let timePattern = try? Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}")
    private static let clockPattern = try? Pattern("^[0-9]{2}:[0-9]{2}")
    private static let uuidPattern = try? Pattern("^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$")

    func field(for column: CatalogColumn, in table: CatalogTable, content: CatalogContent?) -> ColumnOutcome {
        let content = content ?? CatalogContent()
        let declared = column.declaredType.uppercased()
        if content.blobs > 0, content.blobs < content.count { return mixed(column, content) }
        switch column.type {
        case "TEXT": return text(column, content)
        case "INTEGER": return integer(column, content, declared)
        case "REAL":
            return content.texts + content.blobs > 0 ? mixed(column, content) : .field(Field(of: column, .double))
        case "BLOB": return declared.isEmpty ? untyped(column, content) : blob(column, content)
        default: return numeric(column, content, declared)
        }
    }

    private func text(_ column: CatalogColumn, _ content: CatalogContent) -> ColumnOutcome {
        guard content.texts == content.count else { return mixed(column, content) }
        let length = column.declaredType.typeArguments.first
        guard let length, length > 0 else {
            let isLong = column.declaredType.uppercased() == "TEXT" || column.declaredType.uppercased() == "CLOB"
            return .field(Field(of: column, isLong ? .text : .string))
        }
        guard content.longest <= length else {
            return .field(
                Field(of: column, .string), notes: ["\(column.declaredType), but there are texts of \(content.longest) characters: no max"])
        }
        return .field(Field(of: column, .string, max: length))
    }

    private func integer(_ column: CatalogColumn, _ content: CatalogContent, _ declared: String) -> ColumnOutcome {
        guard content.integers == content.count else { return mixed(column, content) }
        if declared == "TINYINT(1)", content.isFlag, column.keyPosition == 0 { return .field(Field(of: column, .boolean)) }
        let isLarge = !content.isSafe || (["BIGINT", "INT8", "UNSIGNED BIG INT"].contains(declared) && column.source == nil)
        return .field(Field(of: column, isLarge ? .bigint : .integer))
    }

    private func blob(_ column: CatalogColumn, _ content: CatalogContent) -> ColumnOutcome {
        content.blobs == content.count ? .field(Field(of: column, .bytes)) : mixed(column, content)
    }

    private func untyped(_ column: CatalogColumn, _ content: CatalogContent) -> ColumnOutcome {
        let notes = ["no type in the database: taken from the values that are there"]
        guard content.count > 0 else { return .field(Field(of: column, .text), notes: ["no type in the database, and no values"]) }
        if content.integers == content.count { return .field(Field(of: column, content.isSafe ? .integer : .bigint), notes: notes) }
        if content.integers + content.reals == content.count { return .field(Field(of: column, .double), notes: notes) }
        if content.texts == content.count { return .field(Field(of: column, .text), notes: notes) }
        return blob(column, content).adding(notes)
    }

    /// `NUMERIC`, to which everything else leads: numbers with digits, booleans, dates, times.
    private func numeric(_ column: CatalogColumn, _ content: CatalogContent, _ declared: String) -> ColumnOutcome {
        if content.blobs > 0 { return mixed(column, content) }
        if declared.contains("BOOL") {
            guard content.integers == content.count, content.isFlag else { return mixed(column, content) }
            return .field(Field(of: column, .boolean))
        }
        if declared.contains("DATE") || declared.contains("TIME") || declared.contains("UUID") || declared.contains("GUID") {
            return words(column, content, declared)
        }
        guard content.texts == 0 else { return mixed(column, content) }
        let isWhole = content.reals == 0 && declared.typeArguments.count < 2 && !declared.contains("DEC") && declared != "NUMERIC"
        if isWhole, declared.typeArguments.count == 1 || content.count > 0 {
            return .field(Field(of: column, content.isSafe ? .integer : .bigint))
        }
        let name = column.declaredType.oneLine
        return .field(Field(of: column, .double), notes: ["\(name): SQLite keeps a floating-point number"])
    }

    /// Texts that a column of the type NUMERIC leaves as they are, because they are no numbers.
    private func words(_ column: CatalogColumn, _ content: CatalogContent, _ declared: String) -> ColumnOutcome {
        if content.count > 0, content.integers == content.count {
            return .field(
                Field(of: column, content.isSafe ? .integer : .bigint),
                notes: ["\(column.declaredType.oneLine), kept as a whole number: served as it stands"])
        }
        guard content.texts == content.count else { return mixed(column, content) }
        if declared.contains("UUID") || declared.contains("GUID") { return .field(Field(of: column, .string, pattern: Self.uuidPattern)) }
        if declared == "DATE", content.isDate { return .field(Field(of: column, .date)) }
        let isClock = declared == "TIME"
        guard isClock || content.isTime else {
            return .left("it is declared as \(column.declaredType.oneLine), and has texts that are no dates")
        }
        return .field(
            Field(of: column, .string, pattern: isClock ? Self.clockPattern : Self.timePattern),
            notes: ["\(column.declaredType.oneLine), kept as text: served as it stands"])
    }

    private func mixed(_ column: CatalogColumn, _ content: CatalogContent) -> ColumnOutcome {
        let kinds = [("whole numbers", content.integers), ("numbers", content.reals), ("texts", content.texts), ("bytes", content.blobs)]
        let found = kinds.filter { $0.1 > 0 }.map { "\($0.0) (\($0.1))" }.joined(separator: ", ")
        return .left("it is declared as \(column.declaredType.isEmpty ? "nothing" : column.declaredType.oneLine), and holds \(found)")
    }
}

extension ColumnOutcome {
    fileprivate func adding(_ notes: [String]) -> ColumnOutcome {
        if case .field(let field, let own, let remarks) = self { .field(field, notes: own + notes, remarks: remarks) } else { self }
    }
}
