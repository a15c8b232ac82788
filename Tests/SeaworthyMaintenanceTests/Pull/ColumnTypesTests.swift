import SeaworthySchema
import Testing

@testable import SeaworthyMaintenance

@Suite struct `Columns of a database as fields` {
    private func described(_ outcome: ColumnOutcome) -> String {
        switch outcome {
        case .left: return "left"
        case .field(let field, let notes, let remarks):
            let bounds = (field.maxLength.map { " max \($0)" } ?? "") + (field.pattern == nil ? "" : " pattern")
            let type =
                switch field.type {
                case .decimal(let precision, let scale): "decimal \(precision) \(scale)"
                case .array(let element): "array of \(element.name)"
                default: field.type.name
                }
            return type + bounds + (notes.isEmpty ? "" : " noted") + (remarks.isEmpty ? "" : " remarked")
        }
    }

    private func table(_ column: CatalogColumn) -> CatalogTable {
        CatalogTable(
            name: CatalogName(schema: nil, table: "t"), kind: .table, columns: [column], foreignKeys: [], allIndexes: [], checks: [])
    }

    @Test(arguments: [
        ("text", "text"), ("character varying", "string"), ("character varying(20)", "string max 20"), ("character(3)", "string max 3"),
        ("bpchar", "string"), ("citext", "string noted"), ("extensions.citext", "string noted"), ("smallint", "integer"),
        ("integer", "integer"), ("bigint", "bigint"), ("numeric(10,2)", "decimal 10 2"), ("numeric(18,18)", "decimal 18 18"),
        ("numeric(5)", "decimal 5 0"), ("numeric(19,2)", "double noted"), ("numeric(3,-2)", "double noted"),
        ("numeric(2,4)", "double noted"),
        ("numeric", "double noted"), ("real", "double noted"), ("double precision", "double"), ("boolean", "boolean"), ("date", "date"),
        ("timestamp with time zone", "timestamp"), ("timestamp(3) with time zone", "timestamp"),
        ("timestamp without time zone", "timestamp remarked"), ("timestamp(0) without time zone", "timestamp remarked"), ("uuid", "uuid"),
        ("json", "json"), ("jsonb", "json noted"), ("bytea", "bytes"), ("text[]", "array of string"),
        ("character varying(5)[]", "array of string"), ("integer[]", "array of integer"), ("smallint[]", "array of integer"),
        ("double precision[]", "array of double"), ("uuid[]", "array of uuid"), ("bigint[]", "left"), ("numeric(5,2)[]", "left"),
        ("inet", "left"), ("interval", "left"), ("time without time zone", "left"), ("money", "left"), ("xml", "left"), ("point", "left"),
        ("int4range", "left"), ("tsvector", "left"), ("bit(3)", "left"), ("\"Own Type\"", "left"),
    ])
    func `of PostgreSQL are what they are, or left out`(type: String, expected: String) throws {
        let column = CatalogColumn(name: "c", type: type, declaredType: type, isRequired: false, hasDefault: false, keyPosition: 0)
        let outcome = PostgresColumnTypes().field(for: column, in: table(column), content: nil)
        #expect(described(outcome) == expected)
    }

    @Test func `of PostgreSQL that sequences make fit into numbers, and enums have their bounds`() {
        func outcome(_ type: String, _ source: CatalogColumn.Source?, _ values: [String]? = nil) -> String {
            let column = CatalogColumn(
                name: "c", type: type, declaredType: type, enumValues: values, isRequired: false, hasDefault: false, source: source,
                keyPosition: 1)
            return described(PostgresColumnTypes().field(for: column, in: table(column), content: nil))
        }
        #expect(outcome("bigint", .sequence) == "integer" && outcome("bigint", .sequenceOnly) == "integer")
        #expect(outcome("bigint", .expression) == "bigint")
        #expect(outcome("mood", nil, ["a", "b"]) == "enum" && outcome("mood", nil, []) == "left")
        #expect(outcome("mood", nil, (0...200).map { "v\($0)" }) == "left")
        #expect(outcome("mood", nil, [String(repeating: "x", count: 201)]) == "left" && outcome("mood", nil, [""]) == "left")
    }

    private static let integers = CatalogContent(count: 2, integers: 2, isFlag: false)
    private static let flags = CatalogContent(count: 2, integers: 2)
    private static let large = CatalogContent(count: 2, integers: 2, isFlag: false, isSafe: false)
    private static let reals = CatalogContent(count: 2, integers: 1, reals: 1, isFlag: false)
    private static let texts = CatalogContent(count: 2, texts: 2, isDate: false, isTime: false, longest: 9)
    private static let dates = CatalogContent(count: 2, texts: 2, longest: 10)
    private static let times = CatalogContent(count: 2, texts: 2, isDate: false, longest: 19)
    private static let blobs = CatalogContent(count: 2, blobs: 2)
    private static let mixed = CatalogContent(count: 2, integers: 1, texts: 1, isDate: false, isTime: false)
    private static let partly = CatalogContent(count: 2, texts: 1, blobs: 1)

    @Test(arguments: [
        ("TEXT", texts, "text"), ("CLOB", texts, "text"), ("VARCHAR(9)", texts, "string max 9"), ("NVARCHAR(8)", texts, "string noted"),
        ("VARCHAR", texts, "string"), ("TEXT", partly, "left"), ("INTEGER", integers, "integer"), ("INT", large, "bigint"),
        ("BIGINT", integers, "bigint"), ("TINYINT(1)", flags, "boolean"), ("TINYINT(1)", integers, "integer"), ("INTEGER", mixed, "left"),
        ("INTEGER", reals, "left"), ("REAL", reals, "double"), ("DOUBLE PRECISION", mixed, "left"), ("REAL", blobs, "left"),
        ("BLOB", blobs, "bytes"), ("BLOB", texts, "left"), ("BLOB", partly, "left"), ("", integers, "integer noted"),
        ("", large, "bigint noted"), ("", reals, "double noted"), ("", texts, "text noted"), ("", blobs, "bytes noted"),
        ("", mixed, "left"),
        ("", CatalogContent(), "text noted"), ("BOOLEAN", flags, "boolean"), ("BOOLEAN", integers, "left"), ("BOOL", texts, "left"),
        ("DATE", dates, "date"), ("DATE", times, "string pattern noted"), ("DATE", texts, "left"), ("DATE", integers, "integer noted"),
        ("DATE", CatalogContent(), "date"), ("DATETIME", dates, "string pattern noted"), ("DATETIME", times, "string pattern noted"),
        ("DATETIME", large, "bigint noted"), ("DATETIME", reals, "left"), ("TIMESTAMP", CatalogContent(), "string pattern noted"),
        ("TIME", texts, "string pattern noted"), ("UUID", texts, "string pattern"), ("GUID", mixed, "left"),
        ("DECIMAL(10,2)", reals, "double noted"),
        ("DECIMAL(10, 2)", CatalogContent(), "double noted"), ("NUMERIC", integers, "double noted"), ("NUMBER(10)", integers, "integer"),
        ("NUMBER(10)", CatalogContent(), "integer"), ("NUMBER(10)", large, "bigint"), ("NUMBER(10)", reals, "double noted"),
        ("NUMERIC", texts, "left"), ("NUMERIC", blobs, "left"), ("JSON", texts, "left"), ("MONEY", CatalogContent(), "double noted"),
    ])
    func `of SQLite are what their values are`(declared: String, content: CatalogContent, expected: String) {
        let column = CatalogColumn(
            name: "c", type: SQLiteCatalog.affinity(declared), declaredType: declared, isRequired: false, hasDefault: false, keyPosition: 0)
        let outcome = SQLiteColumnTypes().field(for: column, in: table(column), content: content)
        #expect(described(outcome) == expected, "\(outcome)")
    }
}
