import Crypto
import FoundationEssentials
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Reads what a PostgreSQL database holds, within one transaction and so of one moment. The server makes the hashes.
enum PostgresContents {
    /// What belongs to the system or to an extension is not dumped as a table.
    static let isOwn = """
        n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_depend AS x \
        WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')
        """

    static func read(in transaction: any DatabaseTransaction) async throws -> DatabaseContents {
        // How values are written must not depend on who asks, nor on the database's own settings.
        _ = try await transaction.query(
            Statement(
                """
                SELECT set_config('search_path', '', true), set_config('DateStyle', 'ISO, YMD', true), \
                set_config('IntervalStyle', 'postgres', true), set_config('TimeZone', 'UTC', true), \
                set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true), \
                set_config('lc_monetary', 'C', true), set_config('xmloption', 'content', true), set_config('row_security', 'off', true), \
                set_config('jit', 'off', true)
                """), into: ValueRows())
        let found = try await transaction.query(
            Statement(
                """
                SELECT n.nspname::text, c.relname::text, coalesce((SELECT string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum) \
                FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') \
                FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND \(isOwn)
                """), into: ValueRows())
        var tables: [DatabaseContents.Table] = []
        for row in found {
            try Task.checkCancellation()
            let (schema, name) = (row[0].text, row[1].text)
            let source = "ONLY \(quoted(schema)).\(quoted(name)) AS \"row of a table\""
            tables.append(
                try await table(
                    schema == "public" ? name : "\(schema).\(name)", columns: row[2].text,
                    source: source, row: "ROW(\"row of a table\".*)", in: transaction))
        }
        // Large objects have no table that everybody may read.
        let objects = try await table(
            "large objects", columns: "oid,data", source: "pg_largeobject_metadata AS o", row: "ROW(o.oid, lo_get(o.oid))", in: transaction)
        if objects.rows > 0 { tables.append(objects) }
        let structure = try await transaction.query(Statement(structure), into: RowHashes())
        return DatabaseContents(tables: tables, structure: structure.hexadecimal)
    }

    /// The sum of the SHA-256 of all rows, in four lanes of 64 bits, none of which overflows. `clock_timestamp` keeps the planner from making
    /// the hash once for each lane, as `OFFSET 0` would, but lets it use several processes.
    private static func table(
        _ name: String, columns: String, source: String, row: String, in transaction: any DatabaseTransaction
    ) async throws -> DatabaseContents.Table {
        let lanes = [1, 9, 17, 25].map { "coalesce(sum(('x' || encode(substring(h, \($0), 8), 'hex'))::bit(64)::bigint), 0)::text" }
        let sums = try await transaction.query(
            Statement(
                """
                SELECT count(*)::bigint, \(lanes.joined(separator: ", ")) \
                FROM (SELECT sha256(convert_to(\(row)::text, 'UTF8')) AS h, clock_timestamp() FROM \(source)) AS hashes
                """), into: ValueRows())
        let texts = sums[0].dropFirst().map(\.text)
        return DatabaseContents.Table(
            name: name, rows: sums[0][0].number,
            hash: SHA256.hash(data: Array("\(columns)\n\(texts.joined(separator: " "))".utf8)).hexadecimal)
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// A row for each definition, as the server writes it. <https://www.postgresql.org/docs/15/functions-info.html>
    private static let structure = """
        SELECT 'column', n.nspname::text, c.relname::text, a.attname::text, \
        concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation, \
        pg_get_expr(d.adbin, d.adrelid)) \
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'c') AND c.relpersistence <> 't' AND \(isOwn) \
        UNION ALL SELECT 'constraint', n.nspname::text, c.relname::text, k.conname::text, pg_get_constraintdef(k.oid) \
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE k.contype <> 'n' AND \(isOwn) \
        UNION ALL SELECT 'index', n.nspname::text, c.relname::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) \
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE i.indisvalid AND i.indisready AND c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't' AND \(isOwn) \
        UNION ALL SELECT 'view', n.nspname::text, c.relname::text, c.relkind::text, pg_get_viewdef(c.oid) \
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND \(isOwn) \
        UNION ALL SELECT 'trigger', n.nspname::text, c.relname::text, t.tgname::text, pg_get_triggerdef(t.oid) \
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE NOT t.tgisinternal AND \(isOwn) \
        UNION ALL SELECT 'comment', n.nspname::text, c.relname::text, d.objsubid::text, d.description \
        FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass \
        JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE \(isOwn) \
        UNION ALL SELECT 'sequence', n.nspname::text, c.relname::text, s.seqtypid::regtype::text, \
        concat_ws(' ', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle) \
        FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE c.relpersistence <> 't' AND \(isOwn) \
        UNION ALL SELECT 'function', n.nspname::text, c.proname::text, c.prokind::text, pg_get_functiondef(c.oid) \
        FROM pg_proc AS c JOIN pg_namespace AS n ON n.oid = c.pronamespace WHERE c.prokind <> 'a' \
        AND \(isOwn.replacing("pg_class", with: "pg_proc")) \
        UNION ALL SELECT 'label', n.nspname::text, c.typname::text, e.enumlabel::text, (rank() OVER (PARTITION BY c.oid ORDER BY e.enumsortorder))::text \
        FROM pg_enum AS e JOIN pg_type AS c ON c.oid = e.enumtypid JOIN pg_namespace AS n ON n.oid = c.typnamespace \
        WHERE \(isOwn.replacing("pg_class", with: "pg_type")) \
        UNION ALL SELECT 'policy', p.schemaname::text, p.tablename::text, p.policyname::text, \
        concat_ws(' ', p.permissive, p.roles::text, p.cmd, p.qual, p.with_check) FROM pg_policies AS p \
        UNION ALL SELECT 'extension', '', e.extname::text, '', '' FROM pg_extension AS e
        """
}
