import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What is really in a SQLite database, as its own tables tell (https://sqlite.org/pragma.html#pragma_table_xinfo).
struct SQLiteCatalog: Catalog {
    private let transaction: any DatabaseTransaction

    init(_ transaction: any DatabaseTransaction) {
        self.transaction = transaction
    }

    /// Nil when there is neither a table nor a view of that name.
    func table(named name: String) async throws -> CatalogTable? {
        let kinds = try await rows("SELECT type FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE", name)
        guard let kind = kinds.first?.first else { return nil }
        let columns = try await rows(
            "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid", name)
        let keys = try await rows("SELECT id, \"table\", \"from\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq", name)
        let indexes = try await rows("SELECT name, \"unique\" = 1 AND origin = 'c' FROM pragma_index_list(?1) ORDER BY name", name)
        return CatalogTable(
            isView: kind.text == "view",
            columns: columns.map {
                CatalogColumn(
                    name: $0[0].text, type: Self.affinity($0[1].text), isRequired: $0[2] == .integer(1),
                    hasDefault: $0[3] == .integer(1),
                    keyPosition: $0[4].number)
            },
            foreignKeys: Dictionary(grouping: keys, by: { $0[0].number }).sorted { $0.key < $1.key }.map { _, parts in
                CatalogForeignKey(target: parts[0][1].text, columns: parts.map { $0[2].text })
            },
            indexes: indexes.map { $0[0].text }, uniqueIndexes: indexes.filter { $0[1] == .integer(1) }.map { $0[0].text })
    }

    private func rows(_ sql: String, _ name: String) async throws -> [[Value]] {
        try await transaction.query(Statement(sql, [.text(name)]), into: ValueRows())
    }

    func type(of field: Field) -> String {
        Self.affinity(SQLiteDialect().columnType(of: field, column: "c").split(separator: " ").first.map(String.init) ?? "")
    }

    func isSame(_ type: String, _ other: String) -> Bool { type == other }

    /// The storage class that a declared type leads to (https://sqlite.org/datatype3.html#determination_of_column_affinity).
    static func affinity(_ type: String) -> String {
        let type = type.uppercased()
        if type.contains("INT") { return "INTEGER" }
        if ["CHAR", "CLOB", "TEXT"].contains(where: type.contains) { return "TEXT" }
        if type.isEmpty || type.contains("BLOB") { return "BLOB" }
        if ["REAL", "FLOA", "DOUB"].contains(where: type.contains) { return "REAL" }
        return "NUMERIC"
    }
}
