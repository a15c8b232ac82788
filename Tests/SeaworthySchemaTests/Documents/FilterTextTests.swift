import Testing

@testable import SeaworthySchema

@Suite struct `A filter in words` {
    private func words(_ json: JSONValue) -> String {
        let read = ReadFilter(json, author: .schema)
        #expect(read.problems.isEmpty)
        return FilterText(entity: everyType, entities: [everyType]).text(read.filter)
    }

    @Test(
        arguments: [
            (["integer": 1], "integer is 1"),
            (["boolean": ["not": true]], "boolean is not true"),
            (["decimal": ["gt": "1.5"]], #"decimal is more than "1.50""#),
            (["date": ["gte": "2024-01-31"]], #"date is at least "2024-01-31""#),
            (["double": ["lt": .number("0.5")]], "double is less than 0.5"),
            (["integer": ["lte": "$record.other"]], "integer is at most other"),
            (["string": nil], "string is null"),
            (["string": ["not": nil]], "string is not null"),
            (["enum": ["in": ["open", "shipped"]]], #"enum is one of "open", "shipped""#),
            (["enum": ["in": []]], "never"),
            (["string": ["contains": "a\"b"]], #"string contains "a\"b""#),
            (["string": ["startsWith": "A", "mode": "sensitive"]], #"string starts with "A" in this case"#),
            (["string": ["endsWith": "z"]], #"string ends with "z""#),
            (["tags": ["has": "new"]], #"tags has "new""#),
            (["NOT": ["integer": 1]], "not (integer is 1)"),
            (["OR": [["integer": 1], ["integer": 2, "double": 3]]], "integer is 1 or (integer is 2 and double is 3)"),
            (["integer": ["gte": 1, "lte": 9]], "integer is at least 1 and integer is at most 9"),
            (["AND": [["OR": [["integer": 1], ["integer": 2]]], ["double": 3]]], "(integer is 1 or integer is 2) and double is 3"),
        ] as [(JSONValue, String)])
    func `says what it means`(filter: JSONValue, text: String) {
        #expect(words(filter) == text)
    }

    @Test func `says of nothing that it holds always or never`() {
        let text = FilterText(entity: everyType, entities: [everyType])
        #expect(text.text(.all([])) == "always")
        #expect(text.text(.any([])) == "never")
        #expect(text.text(.has(field: 15, .integer(-3))) == "tags has -3")
        #expect(text.text(.has(field: 15, .double(1.5))) == "tags has 1.5")
        #expect(text.text(.any([.isNull(field: 0, true), .isNull(field: 1, true)])) == "integer is null or bigint is null")
        // One part is itself, however deep it stands.
        #expect(text.text(.all([.any([.isNull(field: 0, true), .isNull(field: 1, true)])])) == "integer is null or bigint is null")
        let several = Filter.any([.all([.any([.isNull(field: 0, true), .isNull(field: 1, true)])]), .isNull(field: 2, false)])
        #expect(text.text(several) == "(integer is null or bigint is null) or double is not null")
    }
}
