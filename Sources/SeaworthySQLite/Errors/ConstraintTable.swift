import CSQLite
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Finds the table and the columns of a violated constraint.
///
/// SQLite only says so in its message, `UNIQUE constraint failed: customers.Name, customers.Country`, and puts no quotes around names,
/// which may themselves hold dots, commas and spaces. Where more than one reading is possible the schema decides.
struct ConstraintTable {
    struct Violation: Equatable {
        var table: String
        var columns: [String]
    }

    let connection: SQLiteConnection

    func violation(code: Int32, message: String) -> Violation? {
        switch code {
        case ExtendedCode.unique, ExtendedCode.primaryKey, ExtendedCode.rowID:
            return subject(of: message, after: "UNIQUE constraint failed: ").flatMap(uniqueViolation)
        case ExtendedCode.notNull:
            return subject(of: message, after: "NOT NULL constraint failed: ").flatMap(columnViolation)
        case ExtendedCode.dataType:
            // «cannot store TEXT value in INTEGER column customers.Age»
            return subject(of: message, after: " column ").flatMap(columnViolation)
        default:
            return nil
        }
    }

    private func subject(of message: String, after prefix: String) -> String? {
        message.firstRange(of: prefix).map { String(message[$0.upperBound...]) }
    }

    /// `table.column`, when it can be read in one way only.
    private func plainColumn(_ subject: String) -> Violation? {
        let parts = subject.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !subject.contains(",") else { return nil }
        return Violation(table: String(parts[0]), columns: [String(parts[1])])
    }

    private func columnViolation(_ subject: String) -> Violation? {
        if let plain = plainColumn(subject) { return plain }
        for table in tables(startingOff: subject) {
            for column in names("SELECT name FROM pragma_table_info(?1)", table) where subject == "\(table).\(column)" {
                return Violation(table: table, columns: [column])
            }
        }
        return nil
    }

    private func uniqueViolation(_ subject: String) -> Violation? {
        if let plain = plainColumn(subject) { return plain }
        // An index on expressions is named itself, with its quotes doubled.
        if subject.hasPrefix("index '"), subject.hasSuffix("'") {
            let index = subject.dropFirst("index '".count).dropLast().replacing("''", with: "'")
            return names("SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?1", String(index)).first.map {
                Violation(table: $0, columns: columns(ofIndex: String(index)))
            }
        }
        for table in tables(startingOff: subject) {
            let indexes = names("SELECT name FROM pragma_index_list(?1) WHERE \"unique\"", table)
            let keys = [names("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", table)] + indexes.map(columns(ofIndex:))
            for columns in keys where subject == columns.map({ "\(table).\($0)" }).joined(separator: ", ") {
                return Violation(table: table, columns: columns)
            }
        }
        return nil
    }

    private func columns(ofIndex index: String) -> [String] {
        names("SELECT name FROM pragma_index_info(?1) WHERE name IS NOT NULL ORDER BY seqno", index)
    }

    private func tables(startingOff subject: String) -> [String] {
        names("SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(?1, 1, length(name) + 1) = name || '.'", subject)
    }

    private func names(_ sql: String, _ argument: String) -> [String] {
        // Without the names the error still has its code.
        let rows = (try? connection.rows(sql, [.text(argument)])) ?? []
        return rows.compactMap { if case .text(let name) = $0.first { name } else { nil } }
    }
}

extension SQLiteConnection {
    /// The rows of a statement of the driver's own.
    func rows(_ sql: String, _ parameters: [Value] = []) throws -> [[Value]] {
        try query(Statement(sql, parameters), into: ValueRows())
    }
}
