import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What is really in a PostgreSQL database (https://www.postgresql.org/docs/15/catalogs.html). A name without a schema is looked for in the
/// schemas of the search path.
struct PostgresCatalog: Catalog {
    private let transaction: any DatabaseTransaction

    init(_ transaction: any DatabaseTransaction) {
        self.transaction = transaction
    }

    /// The table of the parameters: its name, and its schema or null.
    private static let table = "to_regclass(coalesce(quote_ident($2::text) || '.', '') || quote_ident($1::text))"

    func table(named name: String, in schema: String?) async throws -> CatalogTable? {
        let names: [Value] = [.text(name), schema.map { .text($0) } ?? .null]
        let kinds = try await rows(
            "SELECT relkind::text, obj_description(oid, 'pg_class') FROM pg_class WHERE oid = \(Self.table) AND relkind IN ('r', 'p', 'v', 'm', 'f')",
            names)
        guard let kind = kinds.first else { return nil }
        return CatalogTable(
            name: CatalogName(schema: schema, table: name), kind: Self.kind(kind[0].text), comment: kind[1].textOrNil,
            columns: try await columns(names), foreignKeys: try await foreignKeys(names), allIndexes: try await indexes(names),
            checks: try await checks(names))
    }

    func tableNames(in schemas: [String]) async throws -> [CatalogName] {
        // Partitions are reached through the table that they are parts of; what an extension brought is not the application's.
        let condition = """
            c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't' AND NOT c.relname LIKE 'seaworthy\\_%'
            AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            """
        let tables =
            "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE \(condition)"
        guard !schemas.isEmpty else {
            return try await rows("\(tables) AND n.nspname = current_schema() ORDER BY c.relname COLLATE \"C\"", []).map {
                CatalogName(schema: nil, table: $0[1].text)
            }
        }
        let current = try await rows("SELECT current_schema()::text", []).first?.first?.textOrNil
        var names: [CatalogName] = []
        for schema in schemas {
            names += try await rows("\(tables) AND n.nspname = $1::text ORDER BY c.relname COLLATE \"C\"", [.text(schema)]).map {
                CatalogName(schema: schema == current ? nil : schema, table: $0[1].text)
            }
        }
        return names
    }

    /// The schemas of the database without its own.
    func schemas() async throws -> [String] {
        try await rows(
            """
            SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname COLLATE "C"
            """, []
        ).map { $0[0].text }
    }

    func hasSchema(_ name: String) async throws -> Bool {
        try await !rows("SELECT 1 FROM pg_namespace WHERE nspname = $1::text", [.text(name)]).isEmpty
    }

    func contents(of table: CatalogTable) async throws -> [String: CatalogContent] { [:] }

    func areUnique(_ columns: [String], in table: CatalogTable) async throws -> Bool? {
        try await UniqueColumns(columns, of: table.name, dialect: PostgresDialect()).answer(in: transaction)
    }

    /// The names of the orders that are by code point.
    private static func isByCodePoint(_ collation: String) -> String {
        "(\(collation) IN ('C', 'POSIX') OR \(collation) ILIKE 'C.UTF%8')"
    }

    // MARK: Columns

    private func columns(_ names: [Value]) async throws -> [CatalogColumn] {
        // Domains may be made of domains; the last one in the row is made of a type.
        let rows = try await rows(
            """
            SELECT a.attname::text, format_type(b.oid, b.modifier), format_type(a.atttypid, a.atttypmod), a.attnotnull OR b.required,
                coalesce(pg_get_expr(d.adbin, d.adrelid), b.value), a.attidentity::text, a.attgenerated::text,
                coalesce(array_position(i.indkey::smallint[], a.attnum), -1) + 1, col_description(a.attrelid, a.attnum),
                (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e WHERE e.enumtypid = b.oid),
                CASE WHEN a.attcollation = 0 THEN true WHEN l.collprovider = 'd' THEN (SELECT \(Self.isByCodePoint("datcollate"))
                    AND coalesce(to_jsonb(p) ->> 'datlocprovider', 'c') IN ('b', 'c') FROM pg_database p WHERE datname = current_database())
                    ELSE l.collname = 'ucs_basic' OR \(Self.isByCodePoint("l.collname::text")) END
            FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                LEFT JOIN pg_collation l ON l.oid = a.attcollation,
                LATERAL (
                    WITH RECURSIVE bases AS (
                        SELECT a.atttypid AS oid, a.atttypmod AS modifier, false AS required, NULL::text COLLATE "C" AS value
                        UNION ALL
                        SELECT t.typbasetype, t.typtypmod, t.typnotnull OR bases.required, coalesce(bases.value, t.typdefault)
                        FROM bases JOIN pg_type t ON t.oid = bases.oid AND t.typtype = 'd'
                    ) SELECT bases.* FROM bases JOIN pg_type t ON t.oid = bases.oid AND t.typtype <> 'd'
                ) AS b
            WHERE a.attrelid = \(Self.table) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """, names)
        return rows.map { row in
            let expression = row[4].textOrNil
            let isComputed = row[6].text == "s"
            var source: CatalogColumn.Source?
            if isComputed {
                source = .expression
            } else if row[5].text == "a" {
                source = .sequenceOnly
            } else if row[5].text == "d" || expression?.hasPrefix("nextval(") ?? false {
                source = .sequence
            }
            return CatalogColumn(
                name: row[0].text, type: row[1].text, declaredType: row[2].text, enumValues: Self.texts(row[9].textOrNil),
                isRequired: row[3].flag, hasDefault: expression != nil || source != nil, defaultExpression: isComputed ? nil : expression,
                source: source, keyPosition: row[7].number, comment: row[8].textOrNil, isByCodePoint: row[10].flag)
        }
    }

    // MARK: Constraints and indexes

    private func foreignKeys(_ names: [Value]) async throws -> [CatalogForeignKey] {
        // Those that a partitioned table hands down to its partitions have a parent.
        let rows = try await rows(
            """
            SELECT c.oid::bigint, c.conname::text, t.relname::text, CASE WHEN n.nspname <> current_schema() THEN n.nspname::text END,
                a.attname::text, f.attname::text, c.confdeltype::text
            FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid JOIN pg_namespace n ON n.oid = t.relnamespace,
                unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (number, target, place)
                JOIN pg_attribute a ON a.attnum = k.number JOIN pg_attribute f ON f.attnum = k.target
            WHERE c.conrelid = \(Self.table) AND c.contype = 'f' AND c.conparentid = 0 AND a.attrelid = c.conrelid AND f.attrelid = c.confrelid
            ORDER BY c.conname COLLATE "C", c.oid, k.place
            """, names)
        return grouped(rows).map { parts in
            CatalogForeignKey(
                name: parts[0][1].text, target: parts[0][2].text, targetSchema: parts[0][3].textOrNil, columns: parts.map { $0[4].text },
                targetColumns: parts.map { $0[5].text }, onDelete: Self.action(parts[0][6].text))
        }
    }

    private func indexes(_ names: [Value]) async throws -> [CatalogIndex] {
        let rows = try await rows(
            """
            SELECT t.oid::bigint, t.relname::text, i.indisunique, EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid),
                (SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[k.place] AND i.indkey[k.place] > 0),
                pg_get_expr(i.indpred, i.indrelid), m.amname = 'btree' AND NOT i.indisexclusion, pg_get_indexdef(i.indexrelid)
            FROM pg_index i JOIN pg_class t ON t.oid = i.indexrelid JOIN pg_am m ON m.oid = t.relam, generate_series(0, i.indnkeyatts - 1) AS k (place)
            WHERE i.indrelid = \(Self.table) AND i.indisvalid ORDER BY t.relname COLLATE "C", k.place
            """, names)
        return grouped(rows).map { parts in
            CatalogIndex(
                name: parts[0][1].text, isUnique: parts[0][2].flag, isOfConstraint: parts[0][3].flag,
                columns: parts.map { $0[4].textOrNil },
                condition: parts[0][5].textOrNil, isOrdered: parts[0][6].flag, definition: parts[0][7].text)
        }
    }

    private func checks(_ names: [Value]) async throws -> [CatalogCheck] {
        let rows = try await rows(
            """
            SELECT c.conname::text, pg_get_expr(c.conbin, c.conrelid), NULL::text FROM pg_constraint c
            WHERE c.conrelid = \(Self.table) AND c.contype = 'c' AND c.convalidated
            UNION ALL
            SELECT c.conname::text, pg_get_constraintdef(c.oid), a.attname::text FROM pg_attribute a JOIN pg_constraint c ON c.contypid = a.atttypid
            WHERE a.attrelid = \(Self.table) AND a.attnum > 0 AND NOT a.attisdropped AND c.contype = 'c' AND c.convalidated
            ORDER BY 1, 3
            """, names)
        return rows.map { row in
            CatalogCheck(
                name: row[0].text, expression: row[2].isNull ? row[1].text : String(row[1].text.dropFirst("CHECK ".count)),
                valueColumn: row[2].textOrNil)
        }
    }

    private static func kind(_ letter: String) -> CatalogTable.Kind {
        switch letter {
        case "v": .view
        case "m": .materializedView
        case "f": .foreignTable
        default: .table
        }
    }

    private static func action(_ letter: String) -> CatalogForeignKey.Action {
        switch letter {
        case "c": .cascade
        case "n": .setNull
        case "d": .setDefault
        default: .restrict
        }
    }

    private static func texts(_ json: String?) -> [String]? {
        guard let json, case .array(let values)? = try? JSONParser.parse(json) else { return nil }
        return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    /// Rows that belong together by their first column, in their order.
    private func grouped(_ rows: [[Value]]) -> [[[Value]]] {
        rows.reduce(into: []) { groups, row in
            if groups.last?.last?.first == row.first { groups[groups.count - 1].append(row) } else { groups.append([row]) }
        }
    }

    private func rows(_ sql: String, _ parameters: [Value]) async throws -> [[Value]] {
        try await transaction.query(Statement(sql, parameters), into: ValueRows())
    }
}
