import SeaworthySchema
import Testing

@Suite struct FilterOperatorTests {
    static let values: [(field: String, json: JSONValue, value: Value)] = [
        ("integer", 5, .integer(5)), ("bigint", "9223372036854775807", .integer(.max)), ("double", .number("1.5"), .double(1.5)),
        ("decimal", "1.5", .integer(150)), ("boolean", true, .integer(1)), ("date", "2024-01-01", .text("2024-01-01")),
        ("timestamp", "1970-01-01T00:00:01Z", .integer(1_000_000)),
        ("uuid", "018F4E3A-7B2C-7DEF-8ABC-0123456789AB", .text("018f4e3a-7b2c-7def-8abc-0123456789ab")), ("string", "a", .text("a")),
        ("text", "", .text("")), ("email", "a@b", .text("a@b")), ("url", "http://a", .text("http://a")), ("enum", "open", .text("open")),
        ("bytes", "YQ==", .bytes([0x61])),
    ]

    @Test func `comparisons take a value of the field's type, and a bare value means equals`() {
        for (field, json, value) in Self.values {
            let bare = ReadFilter(.object([field: json]))
            #expect(bare.problems.isEmpty)
            #expect(bare.filter == .compare(field: index(field), .equals, .value(value)), "\(field)")
            for comparison in [Filter.Comparison.equals, .not, .gt, .gte, .lt, .lte] {
                let read = ReadFilter(.object([field: .object([comparison.rawValue: json])]))
                #expect(read.problems.isEmpty)
                #expect(read.filter == .compare(field: index(field), comparison, .value(value)), "\(field) \(comparison)")
            }
            let list = ReadFilter(.object([field: ["in": .array([json, json])]]))
            #expect(list.problems.isEmpty)
            #expect(list.filter == .isIn(field: index(field), [value, value]))
            let without = ReadFilter(.object([field: ["notIn": .array([json])]]))
            #expect(without.filter == .not(.isIn(field: index(field), [value])))
        }
    }

    @Test func `text tests apply to text of any kind and to nothing else`() {
        let texts = ["string", "text", "email", "url", "enum"]
        for field in everyType.fields.map(\.name) where field != "secret" {
            for match in [Filter.TextMatch.contains, .startsWith, .endsWith] {
                let read = ReadFilter(.object([field: .object([match.rawValue: "aß"])]))
                if texts.contains(field) {
                    #expect(read.problems.isEmpty)
                    #expect(read.filter == .text(field: index(field), match, "aß", .insensitive))
                } else {
                    #expect(read.codes == ["operator_not_applicable /\(field)/\(match.rawValue)"])
                }
            }
        }
    }

    @Test func `mode belongs to the text tests of its field`() {
        let sensitive = ReadFilter(["string": ["mode": "sensitive", "contains": "a", "startsWith": "b"]])
        #expect(
            sensitive.filter
                == .all([
                    .text(field: index("string"), .contains, "a", .sensitive), .text(field: index("string"), .startsWith, "b", .sensitive),
                ]))
        let last = ReadFilter(["string": ["endsWith": "a", "mode": "insensitive"]])
        #expect(last.filter == .text(field: index("string"), .endsWith, "a", .insensitive))
        #expect(ReadFilter(["string": ["mode": "SENSITIVE", "contains": "a"]]).codes == ["invalid_filter /string/mode"])
        #expect(ReadFilter(["string": ["mode": true, "contains": "a"]]).codes == ["invalid_filter /string/mode"])
        // Without a text test it would have no effect.
        #expect(ReadFilter(["string": ["mode": "sensitive", "equals": "a"]]).codes == ["invalid_filter /string/mode"])
        #expect(ReadFilter(["string": ["mode": "sensitive"]]).codes == ["invalid_filter /string"])
        #expect(ReadFilter(["string": [:]]).codes == ["invalid_filter /string"])
    }

    @Test func `json and arrays have no order`() {
        for name in ["gt", "gte", "lt", "lte"] {
            #expect(ReadFilter(["tags": .object([name: ["a"]])]).codes == ["operator_not_applicable /tags/\(name)"])
            #expect(ReadFilter(["json": .object([name: 1])]).codes == ["operator_not_applicable /json/\(name)"])
        }
        #expect(ReadFilter(["json": ["equals": 1]]).codes == ["operator_not_applicable /json/equals"])
        #expect(ReadFilter(["json": ["in": [1]]]).codes == ["operator_not_applicable /json/in"])
        #expect(ReadFilter(["json": ["isNull": true]]).filter == .isNull(field: index("json"), true))
        #expect(
            ReadFilter(["tags": ["equals": ["a", "b"]]]).filter == .compare(field: index("tags"), .equals, .value(.text(#"["a","b"]"#))))
        #expect(ReadFilter(["tags": ["in": [["a"], []]]]).filter == .isIn(field: index("tags"), [.text(#"["a"]"#), .text("[]")]))
    }

    @Test func `has takes an element of the array`() {
        #expect(ReadFilter(["tags": ["has": "a"]]).filter == .has(field: index("tags"), .text("a")))
        #expect(ReadFilter(["tags": ["has": 1]]).codes == ["wrong_type /tags/has"])
        #expect(ReadFilter(["tags": ["has": nil]]).codes == ["wrong_type /tags/has"])
        #expect(ReadFilter(["string": ["has": "a"]]).codes == ["operator_not_applicable /string/has"])
        #expect(ReadFilter(["tags": ["has": "$record.string"]], author: .schema).codes == ["variable_not_allowed /tags/has"])
    }

    @Test func `has gives elements the form that they have within the stored JSON`() {
        let types: [(type: FieldType, json: JSONValue, value: Value)] = [
            (.integer, 5, .integer(5)), (.bigint, "5", .text("5")), (.double, .number("1.5"), .double(1.5)), (.boolean, true, .integer(1)),
            (.decimal(precision: 5, scale: 2), "1.5", .text("1.50")),
            (.timestamp, "1970-01-01T01:00:00+01:00", .text("1970-01-01T00:00:00.000000Z")),
            (.date, "2024-01-01", .text("2024-01-01")), (.bytes, "YQ==", .text("YQ==")),
        ]
        for (type, json, value) in types {
            let entity = Entity(
                name: "E", table: "e", path: "e", key: [0],
                fields: [Field(name: "id", column: "id", type: .integer), Field(name: "list", column: "list", type: .array(type))])
            var parser = FilterParser(entity: entity, author: .client)
            #expect(parser.parse(["list": ["has": json]]) == .has(field: 1, value))
            #expect(parser.problems.isEmpty)
        }
    }

    @Test func `null is asked for by equals, not and isNull, and refused elsewhere`() {
        let string = index("string")
        #expect(ReadFilter(["string": nil]).filter == .isNull(field: string, true))
        #expect(ReadFilter(["string": ["equals": nil]]).filter == .isNull(field: string, true))
        #expect(ReadFilter(["string": ["not": nil]]).filter == .isNull(field: string, false))
        #expect(ReadFilter(["string": ["isNull": true]]).filter == .isNull(field: string, true))
        #expect(ReadFilter(["string": ["isNull": false]]).filter == .isNull(field: string, false))
        #expect(ReadFilter(["string": ["isNull": 1]]).codes == ["invalid_filter /string/isNull"])
        #expect(ReadFilter(["string": ["isNull": nil]]).codes == ["invalid_filter /string/isNull"])
        #expect(
            ReadFilter(["string": ["in": ["a", nil, "b", nil]]]).codes == ["invalid_filter /string/in/1", "invalid_filter /string/in/3"])
        #expect(ReadFilter(["string": ["notIn": [nil]]]).codes == ["invalid_filter /string/notIn/0"])
        for name in ["gt", "gte", "lt", "lte"] {
            #expect(ReadFilter(["integer": .object([name: nil])]).codes == ["invalid_filter /integer/\(name)"])
        }
        #expect(ReadFilter(["string": ["contains": nil]]).codes == ["wrong_type /string/contains"])
    }

    @Test func `in and notIn take lists, also empty ones`() {
        #expect(ReadFilter(["integer": ["in": []]]).filter == .isIn(field: 0, []))
        #expect(ReadFilter(["integer": ["notIn": []]]).filter == .isNull(field: 0, false))
        #expect(ReadFilter(["integer": ["in": 1]]).codes == ["invalid_filter /integer/in"])
        #expect(ReadFilter(["integer": ["notIn": "1,2"]]).codes == ["invalid_filter /integer/notIn"])
        #expect(
            ReadFilter(["integer": ["in": [1, "2", 3, .number("4.5")]]]).codes == ["wrong_type /integer/in/1", "wrong_type /integer/in/3"])
    }

    @Test func `not takes a value, null or operators`() {
        #expect(ReadFilter(["integer": ["not": 5]]).filter == .compare(field: 0, .not, .value(.integer(5))))
        #expect(
            ReadFilter(["integer": ["not": ["gt": 5, "lt": 9]]]).filter
                == .not(.all([.compare(field: 0, .gt, .value(.integer(5))), .compare(field: 0, .lt, .value(.integer(9)))])))
        #expect(ReadFilter(["integer": ["not": ["not": ["gt": 5]]]]).filter == .not(.not(.compare(field: 0, .gt, .value(.integer(5))))))
        #expect(ReadFilter(["integer": ["not": ["gte": "x"]]]).codes == ["wrong_type /integer/not/gte"])
    }

    @Test func `values that do not fit their field are refused with the value's own code`() {
        #expect(ReadFilter(["integer": "5"]).codes == ["wrong_type /integer"])
        #expect(ReadFilter(["integer": .number("9007199254740992")]).codes == ["out_of_range /integer"])
        #expect(ReadFilter(["date": "2023-02-29"]).codes == ["invalid_format /date"])
        #expect(ReadFilter(["enum": "none"]).codes == ["value_not_allowed /enum"])
        #expect(ReadFilter(["string": "a\0"]).codes == ["nul_character /string"])
        #expect(ReadFilter(["string": ["contains": "a\0"]]).codes == ["nul_character /string/contains"])
        #expect(ReadFilter(["string": ["startsWith": 1]]).codes == ["wrong_type /string/startsWith"])
        #expect(ReadFilter(["decimal": "1.234"]).codes == ["out_of_range /decimal"])
    }
}
