import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Keeps what belongs to a SQLite table while a migration makes the table anew: columns that the schema does not know are a reason to
/// refuse, indexes and triggers are made again, and views must still mean something. Nothing is lost in silence.
struct SQLiteRebuild: Sendable {
    private let table: String
    private let columns: [String]
    /// Statements of the table's indexes and triggers, by name.
    private let objects: [(name: String, sql: String)]
    private let without: Set<String>

    init(table: String, without: [String], _ transaction: any DatabaseTransaction) async throws {
        self.table = table
        self.without = Set(without.map { $0.lowercased() })
        columns = try await Self.columns(of: table, transaction)
        let kinds = try await transaction.query(
            Statement("SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE", [.text(table)]),
            into: ValueRows())
        guard kinds.first?.first == .integer(1) else {
            // Its values may be in another form, which a copy would take for the server's.
            throw MaintenanceError(
                code: .failed, details: ["«\(table)» is not there, or another program made it: it is not STRICT"],
                fix: "make the table anew by hand, or export its records and import them into a new database")
        }
        let rows = try await transaction.query(
            Statement(
                """
                SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL \
                AND tbl_name = ?1 COLLATE NOCASE ORDER BY type, name
                """, [.text(table)]), into: ValueRows())
        objects = rows.map { ($0[0].text, $0[1].text) }
        // A view that reads the table would otherwise keep its new form from taking the name. https://sqlite.org/pragma.html#pragma_legacy_alter_table
        try await transaction.execute(Statement("PRAGMA legacy_alter_table = ON"))
    }

    private static func columns(of table: String, _ transaction: any DatabaseTransaction) async throws -> [String] {
        let rows = try await transaction.query(
            Statement("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden <> 1", [.text(table)]), into: ValueRows())
        return rows.map { $0[0].text }
    }

    func finish(_ transaction: any DatabaseTransaction) async throws {
        try await transaction.execute(Statement("PRAGMA legacy_alter_table = OFF"))
        let now = Set(try await Self.columns(of: table, transaction).map { $0.lowercased() })
        let lost = columns.filter { !now.contains($0.lowercased()) && !without.contains($0.lowercased()) }
        guard lost.isEmpty else {
            throw refused(
                lost.map { "«\(table)» has the column «\($0)», which the schema does not know and which would be lost" },
                fix: "declare it as a field and plan again, or drop it by hand if nobody needs it")
        }
        for object in objects {
            do {
                try await transaction.execute(Statement(object.sql))
            } catch let error as StorageError where error.code != .busy {
                throw refused(
                    ["«\(object.name)» of «\(table)» cannot be made again: \(error.message)"],
                    fix: "drop it before the migration, and make it again behind it as it is needed then")
            }
        }
        try await prove(transaction)
    }

    /// Triggers and views are read by SQLite only when somebody uses them.
    private func prove(_ transaction: any DatabaseTransaction) async throws {
        let quoted = SQLiteDialect().quoted
        var uses = ["INSERT INTO \(quoted(table)) DEFAULT VALUES", "DELETE FROM \(quoted(table))"]
        let columns = try await Self.columns(of: table, transaction)
        if !columns.isEmpty {
            uses.append("UPDATE \(quoted(table)) SET \(columns.map { "\(quoted($0)) = \(quoted($0))" }.joined(separator: ", "))")
        }
        let views = try await transaction.query(Statement("SELECT name FROM sqlite_schema WHERE type = 'view'"), into: ValueRows())
        uses += views.map { "SELECT * FROM \(quoted($0[0].text))" }
        for use in uses {
            do {
                _ = try await transaction.query(Statement("EXPLAIN \(use)"), into: ValueRows())
            } catch let error as StorageError where error.code == .failed {
                throw refused(
                    ["a trigger or view no longer fits «\(table)»: \(error.message)"],
                    fix: "drop or change it before the migration")
            }
        }
    }

    private func refused(_ details: [String], fix: String) -> MaintenanceError {
        MaintenanceError(code: .failed, details: details, fix: fix)
    }
}
