package import SeaworthySQL
import SeaworthySchema
package import SeaworthyStorage

/// Takes from the application's own role in PostgreSQL the right to change or remove what stands in the log of security events: whoever gets at
/// the application's connection adds to it, and hides nothing.
package struct SecurityLogProtection: Sendable {
    private static let table = SystemSchema.securityEvents.table

    private let database: any Database
    private let dialect: any Dialect

    package init(_ database: any Database, dialect: any Dialect) {
        self.database = database
        self.dialect = dialect
    }

    /// Does it where the role owns the table; who owns it may give the right back to itself, but not by mistake.
    ///
    /// - Returns: whether the role may change the log all the same, as a superuser may. Always where there are no roles.
    package func apply() async throws -> Bool {
        guard dialect.name == "postgres" else { return true }
        guard try await mayChange() else { return false }
        let isOwner = try await number(
            "SELECT count(*) FROM pg_class WHERE oid = to_regclass('\(Self.table)') AND pg_has_role(current_user, relowner, 'USAGE')")
        guard isOwner == 1 else { return true }
        do {
            _ = try await database.transaction(.write) { transaction in
                _ = try await transaction.execute(
                    Statement(SQLText("REVOKE UPDATE, DELETE, TRUNCATE ON \(Self.table) FROM CURRENT_USER"), []))
            }
        } catch is StorageError {
            // Of servers that start at once one does it, and the others are told that the table changed under them.
        }
        return try await mayChange()
    }

    private func mayChange() async throws -> Bool {
        try await number("SELECT count(*) FROM (SELECT 1 WHERE has_table_privilege('\(Self.table)', 'UPDATE, DELETE, TRUNCATE')) AS held")
            == 1
    }

    private func number(_ sql: String) async throws -> Int64? {
        try await database.query(Statement(SQLText(sql), []), into: FirstRow())?.first?.integer
    }
}
