import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What is really in a SQLite database, as its own tables tell (https://sqlite.org/pragma.html#pragma_table_xinfo).
struct SQLiteCatalog: Catalog {
    private let transaction: any DatabaseTransaction

    init(_ transaction: any DatabaseTransaction) {
        self.transaction = transaction
    }

    func table(named name: String, in schema: String?) async throws -> CatalogTable? {
        guard schema == nil else { return nil }
        let tables = try await rows(
            "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE", name)
        guard let table = tables.first else { return nil }
        let text = SQLiteTableText(table[0].text == "table" ? table[2].text : "")
        let options = try await rows(
            "SELECT wr, strict, type FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE", name)
        let columns = try await columns(
            name, text, hasRowNumbers: options.first?.first != .integer(1), isStrict: options.first?.dropFirst().first == .integer(1))
        let kind: CatalogTable.Kind = table[0].text == "view" ? .view : options.first?.last == .text("virtual") ? .virtualTable : .table
        return CatalogTable(
            name: CatalogName(schema: nil, table: table[1].text), kind: kind, comment: nil,
            columns: columns, foreignKeys: try await foreignKeys(name), allIndexes: try await indexes(name), checks: text.checks)
    }

    func tableNames(in schemas: [String]) async throws -> [CatalogName] {
        // Shadow tables belong to a virtual table.
        try await rows(
            """
            SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            AND name NOT LIKE 'seaworthy\\_%' ESCAPE '\\' ORDER BY name
            """
        ).map { CatalogName(schema: nil, table: $0[0].text) }
    }

    func hasSchema(_ name: String) async throws -> Bool { false }

    func contents(of table: CatalogTable) async throws -> [String: CatalogContent] {
        let dialect = SQLiteDialect()
        var contents: [String: CatalogContent] = [:]
        for column in table.columns {
            let name = dialect.quoted(column.name)
            let row =
                try await rows(
                    """
                    SELECT count(c), coalesce(sum(typeof(c) = 'integer'), 0), coalesce(sum(typeof(c) = 'real'), 0),
                        coalesce(sum(typeof(c) = 'text'), 0), coalesce(sum(typeof(c) = 'blob'), 0),
                        coalesce(min(typeof(c) <> 'integer' OR c IN (0, 1)), 1),
                        coalesce(min(typeof(c) <> 'integer' OR c BETWEEN -9007199254740991 AND 9007199254740991), 1),
                        coalesce(min(typeof(c) <> 'text' OR c GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date(c) IS c), 1),
                        coalesce(min(typeof(c) <> 'text' OR c GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'), 1),
                        coalesce(max(CASE WHEN typeof(c) = 'text' THEN length(c) END), 0)
                    FROM (SELECT \(name) AS c FROM \(dialect.quoted(table.name.table)) WHERE \(name) IS NOT NULL)
                    """
                ).first ?? []
            guard row.count == 10 else { continue }
            contents[column.name] = CatalogContent(
                count: row[0].number, integers: row[1].number, reals: row[2].number, texts: row[3].number, blobs: row[4].number,
                isFlag: row[5].flag, isSafe: row[6].flag, isDate: row[7].flag, isTime: row[8].flag, longest: row[9].number)
        }
        return contents
    }

    func areUnique(_ columns: [String], in table: CatalogTable) async throws -> Bool? {
        try await UniqueColumns(columns, of: table.name, dialect: SQLiteDialect()).answer(in: transaction)
    }

    // MARK: Parts of a table

    private func columns(_ name: String, _ text: SQLiteTableText, hasRowNumbers: Bool, isStrict: Bool) async throws -> [CatalogColumn] {
        // Hidden columns of virtual tables are 1, computed ones 2 and 3.
        let rows = try await rows(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid", name)
        let isSoleKey = rows.count { $0[4].number > 0 } == 1
        return rows.map { row in
            // In a STRICT table it means no type; in others it is a word like any.
            let declared = isStrict && row[1].text.uppercased() == "ANY" ? "" : row[1].text
            var source: CatalogColumn.Source?
            if row[5].number > 1 {
                source = .expression
            } else if row[4].number > 0, isSoleKey, hasRowNumbers, declared.uppercased() == "INTEGER" {
                source = text.hasAutoincrement ? .sequence : .rowNumber
            }
            return CatalogColumn(
                name: row[0].text, type: Self.affinity(declared), declaredType: declared, enumValues: nil, isRequired: row[2].flag,
                hasDefault: !row[3].isNull || source != nil, defaultExpression: row[3].textOrNil, source: source,
                keyPosition: row[4].number, comment: text.comments[row[0].text.lowercased()])
        }
    }

    private func foreignKeys(_ name: String) async throws -> [CatalogForeignKey] {
        let rows = try await rows(
            "SELECT id, \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list(?1) ORDER BY id DESC, seq", name)
        var keys: [CatalogForeignKey] = []
        for parts in Dictionary(grouping: rows, by: { $0[0].number }).sorted(by: { $0.key > $1.key }).map(\.value) {
            let target = parts[0][1].text
            var targetColumns = parts.compactMap { $0[3].textOrNil }
            // Without columns it points at the primary key.
            if targetColumns.isEmpty {
                targetColumns = try await self.rows("SELECT name FROM pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk", target).map {
                    $0[0].text
                }
            }
            keys.append(
                CatalogForeignKey(
                    name: "", target: target, columns: parts.map { $0[2].text }, targetColumns: targetColumns,
                    onDelete: Self.action(parts[0][4].text)))
        }
        return keys
    }

    private func indexes(_ name: String) async throws -> [CatalogIndex] {
        let list = try await rows(
            """
            SELECT l.name, l."unique", l.origin <> 'c', coalesce(s.sql, '')
            FROM pragma_index_list(?1) AS l LEFT JOIN sqlite_schema AS s ON s.type = 'index' AND s.name = l.name ORDER BY l.name
            """, name)
        var indexes: [CatalogIndex] = []
        for row in list {
            // An expression is the column -2; the row number, which nobody indexes, is -1.
            let columns = try await rows("SELECT name, coll FROM pragma_index_xinfo(?1) WHERE key = 1 ORDER BY seqno", row[0].text)
            let words = SQLTokens(row[3].text)
            let condition = words.all.firstIndex { $0.is("WHERE") }.map { words.text(words.all[($0 + 1)...]) }
            // By another order than the bytes', two texts that differ may be the same.
            let isPlain = columns.allSatisfy { $0[1].text.uppercased() == "BINARY" }
            indexes.append(
                CatalogIndex(
                    name: row[0].text, isUnique: row[1].flag, isOfConstraint: row[2].flag, columns: columns.map { $0[0].textOrNil },
                    condition: condition, isOrdered: isPlain, definition: row[3].text.replacing("\n", with: " ")))
        }
        return indexes
    }

    private func rows(_ sql: String, _ name: String? = nil) async throws -> [[Value]] {
        try await transaction.query(Statement(sql, name.map { [.text($0)] } ?? []), into: ValueRows())
    }

    private static func action(_ words: String) -> CatalogForeignKey.Action {
        switch words {
        case "CASCADE": .cascade
        case "SET NULL": .setNull
        case "SET DEFAULT": .setDefault
        default: .restrict
        }
    }
}
