package import SeaworthySchema

/// SQLite 3.38 or later. `seaworthy_…_folded` are functions that the driver adds to each connection; no stored object uses them.
package struct SQLiteDialect: Dialect {
    package init() {}

    package var name: String { "sqlite" }

    package func placeholder(_ number: Int, _ type: FieldType) -> String {
        "?\(number)"
    }

    package func textMatch(_ match: Filter.TextMatch, column: String, parameter: String, mode: Filter.CaseMode) -> String {
        switch (match, mode) {
        case (.contains, .insensitive): "seaworthy_contains_folded(\(column), \(parameter))"
        case (.startsWith, .insensitive): "seaworthy_starts_folded(\(column), \(parameter))"
        case (.endsWith, .insensitive): "seaworthy_ends_folded(\(column), \(parameter))"
        case (.contains, .sensitive): "instr(\(column), \(parameter)) > 0"
        case (.startsWith, .sensitive): "substr(\(column), 1, length(\(parameter))) = \(parameter)"
        case (.endsWith, .sensitive):
            "length(\(column)) >= length(\(parameter)) AND substr(\(column), length(\(column)) - length(\(parameter)) + 1) = \(parameter)"
        }
    }

    package func isInJSON(column: String, parameter: String, _ type: FieldType) -> String {
        "\(column) IN (SELECT value FROM json_each(\(parameter)))"
    }

    package func jsonTable(_ parameter: String, as alias: String) -> String {
        "json_each(\(parameter)) AS \(alias)"
    }

    package func jsonPosition(of alias: String) -> String {
        "\(alias).key"
    }

    package func jsonElement(of alias: String, part: Int?, _ type: FieldType) -> String {
        part.map { "json_extract(\(alias).value, '$[\($0)]')" } ?? "\(alias).value"
    }

    package func arrayHas(column: String, parameter: String, element: FieldType) -> String {
        "CASE WHEN \(column) IS NULL THEN NULL ELSE EXISTS (SELECT 1 FROM json_each(\(column)) AS element WHERE element.value = \(parameter)) END"
    }

    package var tableOptions: String { " STRICT" }

    package var hasLateral: Bool { false }

    package var hasReferencesInTables: Bool { true }

    package var hasSchemas: Bool { false }

    package func compared(_ column: String, _ type: FieldType) -> String { column }

    package var referenceOptions: String { " ON UPDATE RESTRICT ON DELETE RESTRICT" }

    /// STRICT tables know INTEGER, REAL, TEXT, BLOB and ANY only (https://sqlite.org/stricttables.html).
    package func columnType(of field: Field, column: String) -> String {
        switch field.type {
        case .integer, .bigint, .decimal, .timestamp: "INTEGER"
        case .boolean: "INTEGER CHECK (\(column) IN (0, 1))"
        case .double: "REAL"
        case .bytes: "BLOB"
        case .string, .text, .email, .url, .date, .uuid, .enum, .json, .array: "TEXT"
        }
    }

    package func time(in microseconds: String) -> String {
        // In milliseconds, as exactly as SQLite tells it.
        "(CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000 + \(microseconds))"
    }

    package var rowLock: String { "" }

    package var overridingGenerated: String { "" }

    /// AUTOINCREMENT goes on behind the largest key there ever was.
    package func keySequence(table: String, column: String) -> KeySequence? { nil }

    /// AUTOINCREMENT, so that a deleted record's key is never given to another (https://sqlite.org/autoinc.html).
    package func generatedKey(of field: Field) -> String? {
        switch field.type {
        case .integer, .bigint: field.isGenerated ? "PRIMARY KEY AUTOINCREMENT" : nil
        default: nil
        }
    }
}
