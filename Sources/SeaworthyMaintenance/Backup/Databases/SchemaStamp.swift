import Crypto
import FoundationEssentials
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// At which schema a database is, as the server's own tables in it tell.
struct SchemaStamp: Sendable, Equatable {
    /// SHA-256 of the schema that was applied last; nil when there is none.
    var hash: String?
    /// The name of the last migration, which begins with its time; nil when there is none.
    var migration: String?

    /// - Parameter kind: how a table is looked for. On PostgreSQL in the search path of the session.
    static func read(_ kind: BackupManifest.Kind, in transaction: any DatabaseTransaction) async throws -> SchemaStamp {
        func first(_ sql: String, from table: String) async throws -> String? {
            let search =
                kind == .sqlite
                ? "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '\(table)'"
                : "SELECT 1 WHERE to_regclass('\(table)') IS NOT NULL"
            guard try await !transaction.query(Statement(search), into: ValueRows()).isEmpty else { return nil }
            guard case .text(let text)? = try await transaction.query(Statement(sql), into: ValueRows()).first?.first else { return nil }
            return text
        }
        let schema = try await first("SELECT schema FROM seaworthy_schema WHERE id = 1", from: "seaworthy_schema")
        let migration = try await first("SELECT max(name) FROM seaworthy_migrations", from: "seaworthy_migrations")
        return SchemaStamp(hash: schema.map { SHA256.hash(data: Array($0.utf8)).hexadecimal }, migration: migration)
    }
}
