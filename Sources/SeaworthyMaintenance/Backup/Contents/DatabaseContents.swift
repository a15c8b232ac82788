import Crypto
import FoundationEssentials
import SeaworthySchema

/// What a database holds, short enough to be kept and compared: of each table its rows and a hash of them, and a hash of the definitions.
package struct DatabaseContents: Sendable, Equatable {
    package struct Table: Sendable, Equatable {
        package var name: String
        package var rows: Int
        /// Hexadecimal. Independent of the order in which the rows lie.
        package var hash: String

        package init(name: String, rows: Int, hash: String) {
            self.name = name
            self.rows = rows
            self.hash = hash
        }
    }

    /// Sorted by name.
    package var tables: [Table]
    /// A hash of the definitions of tables, columns, indexes, views, constraints, triggers and functions.
    package var structure: String

    package init(tables: [Table], structure: String) {
        self.tables = tables.sorted { $0.name.precedes($1.name) }
        self.structure = structure
    }

    package var rows: Int { tables.reduce(0) { $0 + $1.rows } }

    /// The same with keyed hashes, that tell nothing to whoever guesses what a small table holds.
    func keyed(_ key: SymmetricKey?) -> DatabaseContents {
        guard let key else { return self }
        func keyed(_ text: String) -> String {
            HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).hexadecimal
        }
        return DatabaseContents(
            tables: tables.map { Table(name: $0.name, rows: $0.rows, hash: keyed("\($0.name)\0\($0.hash)")) },
            structure: keyed("structure\0\(structure)"))
    }

    /// How this, which was restored, differs from what was backed up: a line each, none when it does not.
    ///
    /// - Parameter comparesStructure: a server of another version may write the same definitions otherwise.
    func differences(from original: DatabaseContents, comparesStructure: Bool) -> [String] {
        var lines: [String] = []
        let restored = Dictionary(tables.map { ($0.name, $0) }) { first, _ in first }
        for table in original.tables {
            guard let twin = restored[table.name] else {
                lines.append("the table «\(table.name)» is missing")
                continue
            }
            if twin.rows != table.rows {
                lines.append("the table «\(table.name)» has \(twin.rows) rows, the backup \(table.rows)")
            } else if twin.hash != table.hash {
                lines.append("the table «\(table.name)» has other content than the backup, in as many rows (\(table.rows))")
            }
        }
        let known = Set(original.tables.map(\.name))
        for table in tables where !known.contains(table.name) {
            lines.append("the table «\(table.name)» is not in the backup")
        }
        if comparesStructure, structure != original.structure {
            lines.append("the definitions of tables, indexes, views or constraints are others")
        }
        return lines
    }
}
