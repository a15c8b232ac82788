import SeaworthySchema
import Testing

@Suite struct FieldBoundsTests {
    static func outcome(_ field: Field, _ json: JSONValue) -> ValueOutcome {
        ValueOutcome { () throws(ValueProblem) in try field.value(from: json) }
    }

    static func field(_ type: FieldType, _ change: (inout Field) throws -> Void = { _ in }) rethrows -> Field {
        var field = Field(name: "F", column: "f", type: type)
        try change(&field)
        return field
    }

    @Test func `max counts Unicode scalars, not bytes and not characters`() {
        let field = Self.field(.string) { $0.maxLength = 3 }
        for text in ["", "abc", "😀😀😀", "éßΣ", "e\u{301}a"] { #expect(Self.outcome(field, .string(text)) == .text(text), "\(text)") }
        for text in ["abcd", "😀😀😀😀", "e\u{301}e\u{301}", "👨‍👩‍👧"] {
            #expect(Self.outcome(field, .string(text)) == .refused(.tooLong), "\(text)")
        }
    }

    @Test func `min counts Unicode scalars, with and without a max`() {
        for max in [nil, 4] {
            let field = Self.field(.string) {
                $0.minLength = 2
                $0.maxLength = max
            }
            for text in ["ab", "e\u{301}", "😀a", "abcd"] { #expect(Self.outcome(field, .string(text)) == .text(text), "\(text)") }
            for text in ["", "a", "😀", "é"] { #expect(Self.outcome(field, .string(text)) == .refused(.tooShort), "\(text)") }
            #expect(Self.outcome(field, "abcde") == (max == nil ? .text("abcde") : .refused(.tooLong)))
        }
        let field = Self.field(.string) { $0.minLength = 2 }
        let problem = #expect(throws: ValueProblem.self) { try field.value(from: "a") }
        #expect(problem?.detail == "has 1 characters; at least 2 are required")
    }

    @Test func `null is outside of no bound`() throws {
        let field = try Self.field(.string) {
            $0.minLength = 2
            $0.pattern = try Pattern("x")
        }
        #expect(Self.outcome(field, nil) == .value(.null))
    }

    @Test func `bytes and arrays count bytes and elements`() {
        let bytes = Self.field(.bytes) {
            $0.maxLength = 2
            $0.minLength = 1
        }
        #expect(Self.outcome(bytes, "YWI=") == .value(.bytes([0x61, 0x62])))
        #expect(Self.outcome(bytes, "YWJj") == .refused(.tooLong))
        #expect(Self.outcome(bytes, "") == .refused(.tooShort))
        let array = Self.field(.array(.string)) {
            $0.maxLength = 2
            $0.minLength = 1
        }
        #expect(Self.outcome(array, ["abcdef", "b"]) == .text(#"["abcdef","b"]"#))
        #expect(Self.outcome(array, ["a", "b", "c"]) == .refused(.tooLong))
        #expect(Self.outcome(array, []) == .refused(.tooShort))
    }

    @Test func `a pattern is found anywhere unless it is anchored, by scalars`() throws {
        let free = try Self.field(.string) { $0.pattern = try Pattern("b+") }
        #expect(Self.outcome(free, "abc") == .text("abc"))
        #expect(Self.outcome(free, "ac") == .refused(.patternMismatch))
        let anchored = try Self.field(.string) { $0.pattern = try Pattern("^[A-Z]{2}$") }
        #expect(Self.outcome(anchored, "AB") == .text("AB"))
        #expect(Self.outcome(anchored, "ABC") == .refused(.patternMismatch))
        #expect(Self.outcome(anchored, "xAB") == .refused(.patternMismatch))
        let scalar = try Self.field(.string) { $0.pattern = try Pattern("^e.$") }
        #expect(Self.outcome(scalar, "e\u{301}") == .text("e\u{301}"))
        #expect(Self.outcome(scalar, "\u{E9}") == .refused(.patternMismatch))
    }

    @Test func `both ends of a range belong to it`() {
        let ranges: [(type: FieldType, minimum: Value, maximum: Value, within: [JSONValue], outside: [JSONValue])] = [
            (.integer, .integer(1), .integer(10), [1, 10], [0, 11, -5]),
            (.bigint, .integer(-1), .integer(1), ["-1", "1"], ["-2", "2"]),
            (.decimal(precision: 5, scale: 2), .integer(50), .integer(1050), ["0.50", "10.5"], ["0.49", "10.51"]),
            (.double, .double(0.5), .double(1.5), [.number("0.5"), .number("1.5")], [.number("0.49999"), .number("1.50001")]),
            (.date, .text("2000-01-01"), .text("2000-12-31"), ["2000-01-01", "2000-12-31"], ["1999-12-31", "2001-01-01"]),
            (
                .timestamp, .integer(0), .integer(1_000_000), ["1970-01-01T00:00:00Z", "1970-01-01T01:00:01+01:00"],
                ["1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:01.000001Z"]
            ),
        ]
        for (type, minimum, maximum, within, outside) in ranges {
            let field = Self.field(type) {
                $0.minimum = minimum
                $0.maximum = maximum
            }
            for json in within { #expect(Self.outcome(field, json) == type.outcome(json), "\(type) \(json)") }
            for json in outside { #expect(Self.outcome(field, json) == .refused(.outOfRange), "\(type) \(json)") }
        }
    }

    @Test func `a range problem names the bound in its JSON form`() {
        let field = Self.field(.decimal(precision: 5, scale: 2)) {
            $0.minimum = .integer(50)
            $0.maximum = .integer(1050)
        }
        #expect(#expect(throws: ValueProblem.self) { try field.value(from: "0") }?.detail == "is less than the minimum \"0.50\"")
        #expect(#expect(throws: ValueProblem.self) { try field.value(from: "11") }?.detail == "is more than the maximum \"10.50\"")
    }

    @Test func `values are ordered by number, by code point and by byte`() {
        #expect(Value.integer(-1).isOrdered(before: .integer(0)))
        #expect(!Value.integer(0).isOrdered(before: .integer(0)))
        #expect(Value.double(-0.5).isOrdered(before: .double(0)))
        // By code point U+FF5E comes before U+1F600; by UTF-16 code unit it would not.
        #expect(Value.text("\u{FF5E}").isOrdered(before: .text("\u{1F600}")))
        #expect(Value.text("Z").isOrdered(before: .text("a")))
        #expect(Value.text("e\u{301}").isOrdered(before: .text("\u{E9}")))
        #expect(!Value.text("\u{E9}").isOrdered(before: .text("e\u{301}")))
        #expect(Value.bytes([1]).isOrdered(before: .bytes([1, 0])))
        #expect(!Value.bytes([2]).isOrdered(before: .bytes([1, 0])))
        #expect(!Value.null.isOrdered(before: .integer(0)))
        #expect(!Value.integer(0).isOrdered(before: .null))
    }
}
