import SeaworthySchema
import Testing

@testable import SeaworthyMaintenance

@Suite struct `Checks of a database` {
    /// What one check makes of an entity with fields of many types.
    private func read(_ check: String, name: String? = "rule") -> EntityDraft {
        let types: [(String, FieldType)] = [
            ("t", .text), ("s", .string), ("i", .integer), ("j", .integer), ("b", .bigint), ("f", .double),
            ("n", .decimal(precision: 6, scale: 2)),
            ("d", .date), ("e", .date), ("ts", .timestamp), ("tt", .timestamp), ("o", .boolean), ("u", .uuid),
        ]
        let columns = types.map { name, type in
            CatalogColumn(
                name: name, type: type == .integer ? "INTEGER" : "x", declaredType: "x", isRequired: name == "u", hasDefault: false,
                keyPosition: 0)
        }
        var draft = EntityDraft(
            CatalogTable(
                name: CatalogName(schema: nil, table: "ts"), kind: .table, columns: columns, foreignKeys: [], allIndexes: [],
                checks: [CatalogCheck(name: name, expression: check)]))
        for (name, type) in types {
            draft.add(Field(name: name, column: name, type: type, isRequired: name == "u", maxLength: name == "s" ? 20 : nil))
        }
        return CheckReading.read(draft)
    }

    /// The fields that differ from how they were, and the checks, as YAML; the note where it was kept.
    private func outcome(_ check: String) -> String {
        let (plain, draft) = (read("u IS NOT NULL").entity, read(check))
        if !draft.report.isEmpty {
            #expect(draft.entity == plain, "\(check): kept, and taken over")
            return "kept"
        }
        var entity = draft.entity
        entity.name = "T"
        let schema = Schema(name: "t", entities: [entity])
        let lines = SchemaYAML(schema).text.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        var old = plain
        old.name = "T"
        let before = SchemaYAML(Schema(name: "t", entities: [old])).text.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        return lines.filter { !before.contains($0) && $0 != "checks:" }.map { line in
            String(line.split(separator: " ").joined(separator: " "))
        }.joined(separator: "; ")
    }

    @Test(arguments: [
        ("i >= 3", "i: { type: integer, min: 3 }"),
        ("(i > 3)", "i: { type: integer, min: 4 }"),
        ("(i < (3)::numeric)", "i: { type: integer, max: 2 }"),
        ("3 < i", "i: { type: integer, min: 4 }"),
        ("i BETWEEN 1 AND -1", "i: { type: integer, min: 1 }; rule_2: { i: { lte: -1 } }"),
        ("i BETWEEN -1 AND 5", "i: { type: integer, min: -1, max: 5 }"),
        ("((i >= 0) AND (i <= 10) AND (i >= 2))", "i: { type: integer, min: 2, max: 10 }"),
        ("b > 9223372036854775807", "rule: { b: { gt: '9223372036854775807' } }"),
        ("(n >= 0.5)", "n: { type: decimal, precision: 6, scale: 2, min: '0.50' }"),
        ("(n > (0)::numeric)", "rule: { n: { gt: '0.00' } }"),
        ("n >= 0.005", "kept"),
        ("f > 0", "rule: { f: { gt: 0 } }"),
        ("(f <= (1.5)::double precision)", "f: { type: double, max: 1.5 }"),
        ("(d >= '2000-01-01'::date)", "d: { type: date, min: '2000-01-01' }"),
        ("d > e", "rule: { d: { gt: $record.e } }"),
        ("(ts >= tt)", "rule: { ts: { gte: $record.tt } }"),
        ("ts > '2020-01-01'", "kept"),
        ("i > j", "rule: { i: { gt: $record.j } }"),
        ("i > b", "kept"),
        ("t > s", "kept"),
        ("t <> s", "kept"),
        ("s <> 'x'", "rule: { s: { not: x } }"),
        ("t IN ('a', 'b c')", "t: { type: enum, values: [a, 'b c'] }"),
        ("((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "s: { type: enum, values: [a, b] }"),
        ("(t = ANY (ARRAY['a'::text]))", "t: { type: enum, values: [a] }"),
        ("t = 'a' OR t = 'b'", "t: { type: enum, values: [a, b] }"),
        ("t = 'a' OR s = 'b'", "rule: { OR: [{ t: { equals: a } }, { s: { equals: b } }] }"),
        ("t IN ('a', '')", "rule: { t: { in: [a, ''] } }"),
        ("s IN ('a', 'a text of more than twenty')", "rule: { s: { in: [a, 'a text of more than twenty'] } }"),
        ("i IN (0, 1)", "i: { type: boolean }"),
        ("i IN (0, 1, 2)", "rule: { i: { in: [0, 1, 2] } }"),
        ("length(t) <= 5", "t: { type: text, max: 5 }"),
        ("(char_length((s)::text) < 5)", "s: { type: string, max: 4 }"),
        ("length(s) <= 50", ""),
        ("length(t) > 0", "t: { type: text, min: 1 }"),
        ("5 >= length(t)", "kept"),
        ("length(t) = 3", "t: { type: text, min: 3, max: 3 }"),
        ("length(t) <> 3", "kept"),
        ("length(t) < 1", "kept"),
        ("length(i) < 3", "kept"),
        ("(t ~ '^[A-Z]{2}-[0-9]+$'::text)", "t: { type: text, pattern: '^[A-Z]{2}-[0-9]+$' }"),
        (#"t ~ '^\d+$'"#, "kept"), (#"t ~ 'a\.b'"#, #"t: { type: text, pattern: 'a\.b' }"#), ("t ~ 'a.b'", "kept"),
        ("t ~ '[[:alpha:]]'", "kept"), ("t ~ '(?i)a'", "kept"), ("t ~ 'a+?'", "kept"), ("t ~* 'a'", "kept"), ("i ~ '1'", "kept"),
        ("NOT (i = 3 AND j IS NULL)", "rule: { NOT: { AND: [{ i: { equals: 3 } }, { j: { isNull: true } }] } }"),
        ("i NOT IN (1, 2)", "rule: { NOT: { i: { in: [1, 2] } } }"),
        ("o", "rule: { o: { equals: true } }"),
        ("o = false", "rule: { o: { equals: false } }"),
        ("i IS NOT NULL", "rule: { i: { isNull: false } }"),
        ("u IS NOT NULL", ""),
        ("i % 2 = 0", "kept"), ("i + 1 > j", "kept"), ("lower(t) = t", "kept"), ("(d)::text > 'x'", "kept"), ("(ts)::date > d", "kept"),
        ("i > 3 AND lower(t) = t", "kept"), ("t LIKE 'a%'", "kept"), ("CASE WHEN i > 1 THEN true END", "kept"), ("i >", "kept"),
        ("i > 1 i", "kept"), ("unknown > 3", "kept"), ("(i > 3", "kept"),
    ])
    func `are taken over exactly, or kept whole and told`(check: String, expected: String) {
        #expect(outcome(check) == expected, "\(check)")
    }

    @Test func `have names of the language, each another`() {
        #expect(read("i > j", name: nil).entity.checks.map(\.name) == ["i_j_check"])
        #expect(read("i > j", name: "two words").entity.checks.map(\.name) == ["check_1"])
        #expect(read("i > j AND d > e", name: "r").entity.checks.map(\.name) == ["r_1", "r_2"])
        let deep = String(repeating: "(", count: 100) + "i > 1" + String(repeating: ")", count: 100)
        #expect(read(deep).report == ["ts: check rule is kept by the database only: \(deep)"])
    }
}

@Suite struct `Defaults of a database` {
    @Test(arguments: [
        ("0", FieldType.integer, "0"), ("'-1'::integer", .integer, "-1"), ("(-1)", .integer, "-1"), ("1.5", .integer, "kept"),
        ("1.5", .double, "1.5"),
        ("0.00", .decimal(precision: 5, scale: 2), "\"0.00\""), ("'1.5'::numeric", .decimal(precision: 5, scale: 2), "\"1.50\""),
        ("1.555", .decimal(precision: 5, scale: 2), "kept"), ("'open'::text", .text, "\"open\""),
        ("'it''s'::character varying", .string, "\"it's\""),
        ("true", .boolean, "true"), ("0", .boolean, "false"), ("'t'::boolean", .boolean, "true"), ("2", .boolean, "kept"),
        ("now()", .timestamp, "now"), ("CURRENT_TIMESTAMP", .timestamp, "now"), ("timezone('utc'::text, now())", .timestamp, "now"),
        ("timezone('CET'::text, now())", .timestamp, "kept"), ("'2020-01-01'::timestamp without time zone", .timestamp, "kept"),
        ("CURRENT_DATE", .date, "now"), ("'2020-02-29'::date", .date, "\"2020-02-29\""), ("CURRENT_TIMESTAMP", .text, "kept"),
        ("'{}'::text[]", .array(.string), "[]"), ("ARRAY['a'::text, 'b'::text]", .array(.string), "[\"a\",\"b\"]"),
        ("ARRAY[1, 2]", .array(.integer), "[1,2]"),
        ("'{a}'::text[]", .array(.string), "kept"), ("'{\"b\": [1]}'::jsonb", .json, "{\"b\":[1]}"), ("gen_random_uuid()", .uuid, "kept"),
        ("NULL::character varying", .string, "none"), ("(random() * 10)", .integer, "kept"), ("'x'::mood", .enum(["x"]), "\"x\""),
        ("'y'::mood", .enum(["x"]), "kept"), ("9223372036854775807", .bigint, "\"9223372036854775807\""), ("'\\x'::bytea", .bytes, "kept"),
        ("''", .bytes, "\"\""),
    ])
    func `are those of the field, or kept`(expression: String, type: FieldType, expected: String) {
        let outcome =
            switch DefaultReading.read(expression, of: Field(name: "f", column: "f", type: type)) {
            case .none: "none"
            case .kept: "kept"
            case .value(.now): "now"
            case .value(.value(let value)): type.json(value).compactText
            }
        #expect(outcome == expected)
    }
}
