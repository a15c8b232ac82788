import SeaworthySchema
import Testing

@Suite struct FilterParserTests {
    static let five = Filter.compare(field: 0, .equals, .value(.integer(5)))
    static let six = Filter.compare(field: 0, .equals, .value(.integer(6)))

    @Test func `members are joined by AND, OR takes a list, NOT a filter or a list`() {
        #expect(ReadFilter([:]).filter == .all([]))
        #expect(ReadFilter(["integer": 5, "other": ["isNull": true]]).filter == .all([Self.five, .isNull(field: 16, true)]))
        #expect(
            ReadFilter(["integer": ["gt": 1, "lt": 3]]).filter
                == .all([.compare(field: 0, .gt, .value(.integer(1))), .compare(field: 0, .lt, .value(.integer(3)))]))
        #expect(ReadFilter(["AND": [["integer": 5], ["integer": 6]]]).filter == .all([Self.five, Self.six]))
        #expect(ReadFilter(["AND": ["integer": 5]]).filter == .all([Self.five]))
        #expect(ReadFilter(["OR": [["integer": 5], ["integer": 6]]]).filter == .any([Self.five, Self.six]))
        #expect(ReadFilter(["OR": []]).filter == .any([]))
        #expect(ReadFilter(["AND": []]).filter == .all([]))
        #expect(ReadFilter(["NOT": ["integer": 5]]).filter == .all([.not(Self.five)]))
        #expect(ReadFilter(["NOT": [["integer": 5], ["integer": 6]]]).filter == .all([.not(Self.five), .not(Self.six)]))
    }

    @Test func `wrong shapes are refused where they stand`() {
        for json: JSONValue in [nil, true, 1, "x", []] { #expect(ReadFilter(json).codes == ["invalid_filter"], "\(json)") }
        for name in ["AND", "OR", "NOT"] {
            for json: JSONValue in [nil, true, 1, "x"] {
                #expect(ReadFilter(.object([name: json])).codes == ["invalid_filter /\(name)"], "\(name) \(json)")
            }
            #expect(ReadFilter(.object([name: [["integer": 5], 1]])).codes == ["invalid_filter /\(name)/1"])
        }
        #expect(ReadFilter(["OR": ["integer": 5]]).codes == ["invalid_filter /OR"])
        #expect(ReadFilter(["OR": 1]).problems.first?.detail == "is a number; expected a list of filters")
        #expect(ReadFilter(JSONValue.array([])).problems.first?.detail == "is an array; expected an object like {\"Field\": value}")
    }

    @Test func `every problem is reported, each at its exact place`() {
        let read = ReadFilter(["AND": [["integr": 5], ["integer": ["gtt": 5, "in": [1, "x"]]]], "NOT": ["date": "x"], "a/b~c": 1])
        #expect(
            read.codes == [
                "unknown_field /AND/0/integr", "unknown_operator /AND/1/integer/gtt", "wrong_type /AND/1/integer/in/1",
                "invalid_format /NOT/date", "unknown_field /a~1b~0c",
            ])
        #expect(ReadFilter(["a/\u{301}": 1]).codes == ["unknown_field /a~1\u{301}"])
    }

    @Test func `unknown fields and operators come with the nearest name`() {
        #expect(ReadFilter(["integr": 5]).problems.map(\.detail) == ["«integr» is not a field of Sample; did you mean «integer»?"])
        #expect(ReadFilter(["zzzzzzzz": 5]).problems.map(\.detail) == ["«zzzzzzzz» is not a field of Sample"])
        let known = "Known are equals, not, in, notIn, gt, gte, lt, lte, contains, startsWith, endsWith, isNull, has"
        #expect(
            ReadFilter(["string": ["contain": "x"]]).problems.map(\.detail)
                == ["«contain» is not an operator; did you mean «contains»? " + known])
        #expect(ReadFilter(["string": ["zzzzzzzz": "x"]]).problems.map(\.detail) == ["«zzzzzzzz» is not an operator. " + known])
        #expect(ReadFilter(["Integer": 5]).codes == ["unknown_field /Integer"])
        #expect(ReadFilter(["integer": ["GT": 5]]).codes == ["unknown_operator /integer/GT"])
    }

    @Test func `a hidden field is unknown, and no hint tells of it`() {
        let read = ReadFilter(["secret": "x"], hidden: ["secret"])
        #expect(read.codes == ["unknown_field /secret"])
        #expect(read.problems.map(\.detail) == ["«secret» is not a field of Sample"])
        #expect(ReadFilter(["secre": "x"], hidden: ["secret"]).problems.map(\.detail) == ["«secre» is not a field of Sample"])
        #expect(ReadFilter(["secret": "x"]).filter == .compare(field: 17, .equals, .value(.text("x"))))
    }

    @Test func `eight levels are read and nine refused`() {
        let wraps: [(name: String, wrap: (JSONValue) -> JSONValue)] = [
            ("AND", { ["AND": [$0]] }), ("OR", { ["OR": [$0]] }), ("NOT", { ["NOT": $0] }),
        ]
        for (name, wrap) in wraps {
            #expect(ReadFilter(nested(7, wrap, around: ["integer": 5])).problems.isEmpty, "\(name)")
            let place = String(repeating: name == "NOT" ? "/NOT" : "/\(name)/0", count: 8)
            #expect(ReadFilter(nested(8, wrap, around: ["integer": 5])).codes == ["filter_too_deep \(place)"])
        }
        let not: (JSONValue) -> JSONValue = { ["not": $0] }
        #expect(ReadFilter(["integer": nested(7, not, around: ["gt": 5])]).problems.isEmpty)
        #expect(
            ReadFilter(["integer": nested(8, not, around: ["gt": 5])]).codes == [
                "filter_too_deep /integer" + String(repeating: "/not", count: 8)
            ])
    }

    @Test func `sixty-four conditions are read and sixty-five refused, once`() {
        let terms: [JSONValue] = [["integer": 5], [:], ["AND": []], ["OR": []]]
        for term in terms {
            #expect(ReadFilter(["AND": .array(Array(repeating: term, count: 64))]).problems.isEmpty, "\(term)")
            #expect(ReadFilter(["AND": .array(Array(repeating: term, count: 65))]).codes == ["filter_too_large"], "\(term)")
        }
        #expect(ReadFilter(["AND": .array(Array(repeating: ["integer": 5], count: 200))]).codes == ["filter_too_large"])
        #expect(ReadFilter(["AND": .array(Array(repeating: ["integer": ["gt": 1, "lt": 2]], count: 32))]).problems.isEmpty)
        #expect(ReadFilter(["AND": .array(Array(repeating: ["integer": ["gt": 1, "lt": 2]], count: 33))]).codes == ["filter_too_large"])
    }

    @Test func `a thousand listed values are read and one more refused`() {
        let thousand = JSONValue.array((0..<1000).map { .number(String($0)) })
        let more = JSONValue.array((0...1000).map { .number(String($0)) })
        for name in ["in", "notIn"] {
            #expect(ReadFilter(["integer": .object([name: thousand])]).problems.isEmpty)
            #expect(ReadFilter(["integer": .object([name: more])]).codes == ["filter_too_large /integer/\(name)"])
        }
    }

    @Test func `a client may not write variables, but dollars`() {
        for text in ["$record.other", "$user.id", "$x", "$_"] {
            #expect(ReadFilter(["string": .string(text)]).codes == ["variable_not_allowed /string"], "\(text)")
            #expect(ReadFilter(["string": ["in": [.string(text)]]]).codes == ["variable_not_allowed /string/in/0"])
            #expect(ReadFilter(["string": ["contains": .string(text)]]).codes == ["variable_not_allowed /string/contains"])
            #expect(ReadFilter(["tags": ["has": .string(text)]]).codes == ["variable_not_allowed /tags/has"])
        }
        #expect(ReadFilter(["integer": "$record.other"]).codes == ["variable_not_allowed /integer"])
        for text in ["$", "$100", "a$b", "$ x"] {
            #expect(ReadFilter(["string": .string(text)]).filter == .compare(field: index("string"), .equals, .value(.text(text))))
        }
    }

    @Test func `the schema compares with other fields of the record`() {
        for comparison in [Filter.Comparison.equals, .not, .gt, .gte, .lt, .lte] {
            let read = ReadFilter(["integer": .object([comparison.rawValue: "$record.other"])], author: .schema)
            #expect(read.problems.isEmpty)
            #expect(read.filter == .compare(field: 0, comparison, .field(16)))
        }
        #expect(ReadFilter(["integer": "$record.bigint"], author: .schema).problems.isEmpty)
        #expect(ReadFilter(["string": "$record.enum"], author: .schema).problems.isEmpty)
        #expect(ReadFilter(["integer": "$record.string"], author: .schema).codes == ["wrong_type /integer"])
        #expect(ReadFilter(["date": "$record.timestamp"], author: .schema).codes == ["wrong_type /date"])
        #expect(ReadFilter(["integer": "$record.nothing"], author: .schema).codes == ["unknown_field /integer"])
        #expect(ReadFilter(["string": "$user.id"], author: .schema).filter == .compare(field: index("string"), .equals, .user("id")))
        #expect(ReadFilter(["string": "$user.name"], author: .schema).codes == ["variable_not_allowed /string"])
        #expect(ReadFilter(["integer": "$user.id"], author: .schema).codes == ["wrong_type /integer"])
        #expect(ReadFilter(["string": "$user.id"], author: .check).codes == ["variable_not_allowed /string"])
        #expect(ReadFilter(["integer": "$record.other"], author: .check).filter == .compare(field: 0, .equals, .field(16)))
        #expect(ReadFilter(["parent.integer": 1], author: .check).codes == ["invalid_filter /parent.integer"])
        #expect(ReadFilter(["string": "$now"], author: .schema).codes == ["variable_not_allowed /string"])
        #expect(ReadFilter(["string": ["contains": "$record.text"]], author: .schema).codes == ["variable_not_allowed /string/contains"])
        #expect(
            ReadFilter(["integer": ["in": ["x", "$record.other"]]], author: .schema).codes
                == ["wrong_type /integer/in/0", "variable_not_allowed /integer/in/1"])
    }

    @Test func `names lead through relations to fields and records`() {
        let step = RelationStep(0)
        #expect(ReadFilter(["parent.integer": 5]).filter == .compare(field: FieldPath(0, through: [step]), .equals, .value(.integer(5))))
        #expect(ReadFilter(["parent": ["integer": 5]]).filter == ReadFilter(["parent.integer": 5]).filter)
        #expect(ReadFilter(["parent.parent.integer": nil]).filter == .isNull(field: FieldPath(0, through: [step, step]), true))
        let inner = Filter.compare(field: 0, .gt, .value(.integer(5)))
        for quantifier in Filter.Quantifier.allCases {
            let name = quantifier.rawValue
            let expected = Filter.related([RelationStep(1)], quantifier, inner)
            #expect(ReadFilter(["children": .object([name: ["integer": ["gt": 5]]])]).filter == expected)
            #expect(ReadFilter(.object(["children.\(name).integer": ["gt": 5]])).filter == expected)
        }
        #expect(ReadFilter(["parent.children": ["some": [:]]]).filter == .related([step, RelationStep(1)], .some, .all([])))
    }

    @Test func `a variable in a part behind a relation is of the record there`() {
        let read = ReadFilter(["parent": ["integer": "$record.other"]], author: .schema)
        let step = RelationStep(0)
        #expect(
            read.filter == .compare(field: FieldPath(0, through: [step]), .equals, .field(FieldPath(16, through: [step]))))
        // Behind a path the record is the one that the filter is for.
        #expect(
            ReadFilter(["parent.integer": "$record.other"], author: .schema).filter
                == .compare(field: FieldPath(0, through: [step]), .equals, .field(16)))
    }
}
