import SeaworthySQL
import SeaworthySchema

/// One file of migrations, read and checked.
package struct Migration: Sendable, Equatable {
    package enum Command: Sendable, Equatable {
        case statement(String, line: Int)
        /// From here to ``rebuilt(table:line:)`` a SQLite table is made anew: what belongs to it and is not in the text stays.
        case rebuild(table: String, without: [String], line: Int)
        case rebuilt(table: String, line: Int)
    }

    /// `20261125164154_add_status`, the file's name up to the database's.
    package let name: String
    /// SHA-256 of the text in hexadecimal, with lines that end as on Unix.
    package let checksum: String
    /// The structures of the schema between which it leads; nil for one that leaves it as it is.
    package var from: String?
    package var to: String?
    /// What it drops or narrows; empty when it does not say that it does.
    package var losses: [String] = []
    package var usesTransaction = true
    package var switchesReferencesOff = false
    /// The tables of a database that was made before; nil for any other migration.
    var baseline: [CatalogName]?
    package var isIrreversible = false
    package var up: [Command] = []
    package var down: [Command] = []

    /// Whether it goes on where another part of the same plan ended.
    var isContinued: Bool { from?.contains("/") ?? false }

    init(name: String, checksum: String) {
        self.name = name
        self.checksum = checksum
    }
}

extension Migration.Command {
    var statement: String? {
        if case .statement(let text, _) = self { text } else { nil }
    }
}
