import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What is really in a PostgreSQL database (https://www.postgresql.org/docs/15/catalogs.html), in the schemas of the search path.
struct PostgresCatalog: Catalog {
    private let transaction: any DatabaseTransaction

    init(_ transaction: any DatabaseTransaction) {
        self.transaction = transaction
    }

    func table(named name: String) async throws -> CatalogTable? {
        let kinds = try await rows("SELECT relkind::text FROM pg_class WHERE oid = to_regclass(quote_ident($1::text))", name)
        guard let kind = kinds.first?.first else { return nil }
        let columns = try await rows(
            """
            SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef OR a.attidentity <> '',
                coalesce(array_position(i.indkey::smallint[], a.attnum), -1) + 1
            FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
            WHERE a.attrelid = to_regclass(quote_ident($1::text)) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """, name)
        let keys = try await rows(
            """
            SELECT c.oid::bigint, t.relname::text, a.attname::text
            FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid, unnest(c.conkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute a ON a.attnum = k.number
            WHERE c.conrelid = to_regclass(quote_ident($1::text)) AND c.contype = 'f' AND a.attrelid = c.conrelid ORDER BY c.oid, k.place
            """, name)
        let indexes = try await rows(
            """
            SELECT t.relname::text, i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
            FROM pg_index i JOIN pg_class t ON t.oid = i.indexrelid
            WHERE i.indrelid = to_regclass(quote_ident($1::text)) AND i.indisvalid ORDER BY t.relname
            """, name)
        return CatalogTable(
            isView: ["v", "m"].contains(kind.text),
            columns: columns.map {
                CatalogColumn(
                    name: $0[0].text, type: $0[1].text, isRequired: $0[2] == .integer(1), hasDefault: $0[3] == .integer(1),
                    keyPosition: $0[4].number)
            },
            foreignKeys: Dictionary(grouping: keys, by: { $0[0].number }).sorted { $0.key < $1.key }.map { _, parts in
                CatalogForeignKey(target: parts[0][1].text, columns: parts.map { $0[2].text })
            },
            indexes: indexes.map { $0[0].text }, uniqueIndexes: indexes.filter { $0[1] == .integer(1) }.map { $0[0].text })
    }

    func type(of field: Field) -> String {
        switch field.type {
        case .decimal(let precision, let scale): "numeric(\(precision),\(scale))"
        case .timestamp: "timestamp with time zone"
        case .string, .text, .email, .url, .enum: "text"
        default: PostgresDialect().columnType(of: field, column: "c")
        }
    }

    /// Texts of any length hold texts, and integers of any size integers.
    func isSame(_ type: String, _ other: String) -> Bool {
        family(type) == family(other)
    }

    private func family(_ type: String) -> String {
        if type == "text" || type.hasPrefix("character varying") { return "text" }
        return ["smallint", "integer", "bigint"].contains(type) ? "integer" : type
    }

    private func rows(_ sql: String, _ name: String) async throws -> [[Value]] {
        try await transaction.query(Statement(sql, [.text(name)]), into: ValueRows())
    }
}
