import SeaworthySQL
import SeaworthySchema
import Testing

@Suite struct SQLiteDialectTests {
    let dialect = SQLiteDialect()

    @Test func `identifiers are quoted, and quotation marks within doubled`() {
        for (name, quoted) in [
            ("a", #""a""#), ("a b", #""a b""#), (#"a"b"#, #""a""b""#), (#"""#, #""""""#), ("", #""""#), ("é", #""é""#),
            ("\"\u{301}", "\"\"\"\u{301}\""),
            ("a; DROP TABLE b", #""a; DROP TABLE b""#), ("'", #""'""#),
        ] {
            #expect(dialect.quoted(name).utf8.elementsEqual(quoted.utf8), "\(name)")
        }
    }

    @Test func `parameters are numbered`() {
        #expect(dialect.name == "sqlite")
        #expect(dialect.placeholder(1, .text) == "?1")
        #expect(dialect.placeholder(250, .integer) == "?250")
    }

    @Test func `each text test has its expression`() {
        let texts: [(Filter.TextMatch, Filter.CaseMode, String)] = [
            (.contains, .insensitive, "seaworthy_contains_folded(c, ?1)"), (.startsWith, .insensitive, "seaworthy_starts_folded(c, ?1)"),
            (.endsWith, .insensitive, "seaworthy_ends_folded(c, ?1)"), (.contains, .sensitive, "instr(c, ?1) > 0"),
            (.startsWith, .sensitive, "substr(c, 1, length(?1)) = ?1"),
            (.endsWith, .sensitive, "length(c) >= length(?1) AND substr(c, length(c) - length(?1) + 1) = ?1"),
        ]
        for (match, mode, sql) in texts { #expect(dialect.textMatch(match, column: "c", parameter: "?1", mode: mode) == sql) }
    }

    @Test func `only a whole number is made by the database`() {
        for (type, generated) in [(FieldType.integer, true), (.bigint, true), (.uuid, false), (.string, false)] {
            let field = Field(name: "f", column: "f", type: type, isGenerated: true)
            #expect(dialect.generatedKey(of: field) == (generated ? "PRIMARY KEY AUTOINCREMENT" : nil))
        }
        #expect(dialect.generatedKey(of: Field(name: "f", column: "f", type: .integer)) == nil)
    }

    @Test func `types have the storage classes of STRICT tables`() {
        let types: [(FieldType, String)] = [
            (.string, "TEXT"), (.text, "TEXT"), (.email, "TEXT"), (.url, "TEXT"), (.integer, "INTEGER"), (.bigint, "INTEGER"),
            (.double, "REAL"),
            (.decimal(precision: 5, scale: 2), "INTEGER"), (.boolean, "INTEGER CHECK (c IN (0, 1))"), (.date, "TEXT"),
            (.timestamp, "INTEGER"),
            (.uuid, "TEXT"), (.enum([]), "TEXT"), (.json, "TEXT"), (.array(.string), "TEXT"), (.bytes, "BLOB"),
        ]
        for (type, sql) in types { #expect(dialect.columnType(of: Field(name: "f", column: "c", type: type), column: "c") == sql) }
    }
}
