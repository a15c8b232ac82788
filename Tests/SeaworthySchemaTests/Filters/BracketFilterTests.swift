import SeaworthySchema
import Testing

@Suite struct BracketFilterTests {
    @Test func `a field alone means equals, and conditions are joined by AND`() {
        #expect(ReadFilter([("string", "a")]).filter == .all([.compare(field: index("string"), .equals, .value(.text("a")))]))
        #expect(
            ReadFilter([("integer.gte", "1"), ("integer.lt", "5")]).filter
                == .all([.compare(field: 0, .gte, .value(.integer(1))), .compare(field: 0, .lt, .value(.integer(5)))]))
        #expect(ReadFilter([]).filter == .all([]))
    }

    @Test func `a text stands for a value of the field's type`() {
        let cases: [(field: String, text: String, value: Value)] = [
            ("integer", "-5", .integer(-5)), ("integer", "1e2", .integer(100)), ("bigint", "9223372036854775807", .integer(.max)),
            ("double", "1.5", .double(1.5)), ("decimal", "1.5", .integer(150)), ("boolean", "true", .integer(1)),
            ("boolean", "false", .integer(0)), ("date", "2024-01-01", .text("2024-01-01")),
            ("timestamp", "1970-01-01T00:00:00Z", .integer(0)),
            ("string", "null", .text("null")), ("string", "", .text("")), ("string", "5", .text("5")), ("enum", "open", .text("open")),
            ("bytes", "YQ==", .bytes([0x61])), ("tags", #"["a"]"#, .text(#"["a"]"#)),
        ]
        for (field, text, value) in cases {
            let read = ReadFilter([(field, text)])
            #expect(read.problems.isEmpty)
            #expect(read.filter == .all([.compare(field: index(field), .equals, .value(value))]), "\(field)=\(text)")
        }
        for (field, text, code) in [
            ("integer", "x", "wrong_type"), ("integer", "", "wrong_type"), ("integer", "1.5", "wrong_type"),
            ("integer", "null", "wrong_type"),
            ("boolean", "1", "wrong_type"), ("double", "NaN", "wrong_type"), ("date", "x", "invalid_format"), ("tags", "a", "wrong_type"),
            ("string", "$user.id", "variable_not_allowed"), ("json", "1", "operator_not_applicable"),
        ] {
            #expect(ReadFilter([(field, text)]).codes == ["\(code) filter[\(field)]"], "\(field)=\(text)")
        }
    }

    @Test func `in splits at commas that no backslash precedes, and may be repeated`() {
        let cases: [(texts: [String], values: [String])] = [
            (["a,b"], ["a", "b"]), (["a", "b,c"], ["a", "b", "c"]), ([#"a\,b,c"#], ["a,b", "c"]), ([#"a\\,b"#], [#"a\"#, "b"]),
            ([#"a\n"#], [#"a\n"#]), ([#"a\"#], [#"a\"#]), ([""], [""]), ([",a,"], ["", "a", ""]), (["a,\u{301}b"], ["a", "\u{301}b"]),
        ]
        for (texts, values) in cases {
            for name in ["in", "notIn"] {
                let list = Filter.isIn(field: index("string"), values.map(Value.text))
                let read = ReadFilter(texts.map { ("string.\(name)", $0) })
                #expect(read.filter == .all([name == "in" ? list : .not(list)]), "\(texts)")
            }
        }
        #expect(ReadFilter([("integer.in", "1,x,3")]).codes == ["wrong_type filter[integer.in]/1"])
        #expect(
            ReadFilter([("string.in", "a"), ("text.in", "b")]).filter
                == .all([.isIn(field: 8, [.text("a")]), .isIn(field: 9, [.text("b")])]))
    }

    @Test func `another operator may stand once for a field`() {
        #expect(ReadFilter([("string", "a"), ("string", "b")]).codes == ["invalid_filter filter[string]"])
        #expect(ReadFilter([("string", "a"), ("string.equals", "b")]).codes == ["invalid_filter filter[string.equals]"])
        #expect(ReadFilter([("string.contains", "a"), ("text.contains", "b")]).problems.isEmpty)
    }

    @Test func `mode and isNull take their words`() {
        #expect(
            ReadFilter([("string.mode", "sensitive"), ("string.contains", "a"), ("text.contains", "b")]).filter
                == .all([.text(field: 8, .contains, "a", .sensitive), .text(field: 9, .contains, "b", .insensitive)]))
        #expect(
            ReadFilter([("string.contains", "a"), ("string.mode", "sensitive")]).filter
                == .all([.text(field: 8, .contains, "a", .sensitive)]))
        #expect(ReadFilter([("string.mode", "x")]).codes == ["invalid_filter filter[string.mode]"])
        #expect(ReadFilter([("string.isNull", "true")]).filter == .all([.isNull(field: 8, true)]))
        #expect(ReadFilter([("string.isNull", "false")]).filter == .all([.isNull(field: 8, false)]))
        #expect(ReadFilter([("string.isNull", "1")]).codes == ["invalid_filter filter[string.isNull]"])
    }

    @Test func `has and the text tests take the text as it is`() {
        #expect(ReadFilter([("tags.has", "a,b")]).filter == .all([.has(field: 15, .text("a,b"))]))
        #expect(ReadFilter([("string.has", "a")]).codes == ["operator_not_applicable filter[string.has]"])
        #expect(ReadFilter([("string.startsWith", "1")]).filter == .all([.text(field: 8, .startsWith, "1", .insensitive)]))
        #expect(ReadFilter([("integer.contains", "1")]).codes == ["operator_not_applicable filter[integer.contains]"])
    }

    @Test func `unknown names are reported at their parameter`() {
        #expect(
            ReadFilter([("nothing", "a"), ("string.like", "b")]).codes == [
                "unknown_field filter[nothing]", "unknown_operator filter[string.like]",
            ])
        #expect(ReadFilter([("string.some", "b")]).codes == ["unknown_operator filter[string.some]"])
        #expect(ReadFilter([("parent", "b")]).codes == ["invalid_filter filter[parent]"])
    }
}
