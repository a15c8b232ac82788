import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What a PostgreSQL database is made with, beside what is in it.
struct DatabaseIdentity: Sendable {
    /// `15.18`
    var version: String
    var major: Int
    /// `encoding`, `collate`, `ctype`, `provider`, `locale`.
    var properties: [String: String]

    static func read(in transaction: any DatabaseTransaction) async throws -> DatabaseIdentity {
        // As JSON, because the column of the locale has another name in each version.
        let row = try await transaction.query(
            Statement(
                """
                SELECT current_setting('server_version_num'), pg_encoding_to_char(d.encoding)::text, to_jsonb(d) ->> 'datcollate', \
                to_jsonb(d) ->> 'datctype', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), \
                coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', '') FROM pg_database AS d WHERE datname = current_database()
                """), into: ValueRows())[0].map(\.text)
        let number = Int(row[0]) ?? 0
        var properties = ["encoding": row[1], "collate": row[2], "ctype": row[3], "provider": row[4]]
        if !row[5].isEmpty { properties["locale"] = row[5] }
        return DatabaseIdentity(version: "\(number / 10_000).\(number % 10_000)", major: number / 10_000, properties: properties)
    }

    /// The statement that makes an empty database like the one that was backed up.
    static func create(_ name: String, _ properties: [String: String]) -> String {
        var text = "CREATE DATABASE \(PostgresDialect().quoted(name)) TEMPLATE template0"
        if let encoding = properties["encoding"] { text += " ENCODING \(literal(encoding))" }
        if let collate = properties["collate"] { text += " LC_COLLATE \(literal(collate))" }
        if let ctype = properties["ctype"] { text += " LC_CTYPE \(literal(ctype))" }
        if let locale = properties["locale"] {
            switch properties["provider"] {
            case "i": text += " LOCALE_PROVIDER icu ICU_LOCALE \(literal(locale))"
            case "b": text += " LOCALE_PROVIDER builtin BUILTIN_LOCALE \(literal(locale))"
            default: break
            }
        }
        return text
    }

    static func literal(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }
}
