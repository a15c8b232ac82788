import SeaworthySchema
import Testing

@Suite struct ScalarValueTests {
    static let scalars: [FieldType] = [
        .string, .text, .email, .url, .integer, .bigint, .double, .decimal(precision: 9, scale: 2), .boolean, .date, .timestamp, .uuid,
        .enum(["open"]), .bytes,
    ]

    @Test func `null is null for every type`() {
        for type in Self.scalars + [.json, .array(.string)] { #expect(type.outcome(nil) == .value(.null), "\(type)") }
    }

    @Test func `every type refuses every kind of JSON that is not its own`() {
        let kinds: [(String, JSONValue)] = [
            ("boolean", true), ("number", 1), ("string", "x"), ("array", []), ("object", [:]),
        ]
        let taken: [String: [String]] = [
            "integer": ["number"], "bigint": ["number", "string"], "double": ["number"], "decimal": ["number", "string"],
            "boolean": ["boolean"],
        ]
        for type in Self.scalars {
            for (kind, json) in kinds where !(taken[type.name] ?? ["string"]).contains(kind) {
                #expect(type.outcome(json) == .refused(.wrongType), "\(type) of \(kind)")
            }
        }
        for (kind, json) in kinds {
            if kind != "array" { #expect(FieldType.array(.string).outcome(json) == .refused(.wrongType)) }
            #expect(FieldType.json.outcome(json) == .text(json.compactText))
        }
    }

    @Test func `a problem names the kind that came and what is expected`() throws {
        let problem = #expect(throws: ValueProblem.self) { try FieldType.boolean.value(from: "yes") }
        #expect(problem?.detail == "is a string; expected true or false")
        let other = #expect(throws: ValueProblem.self) { try FieldType.array(.integer).value(from: [1, "x"]) }
        #expect(other?.detail == "element 1: is a string; expected a whole number between −(2^53−1) and 2^53−1")
    }

    @Test func `an integer ends at 2^53−1 on both sides`() {
        for (digits, outcome): (String, ValueOutcome) in [
            ("9007199254740991", .integer(9_007_199_254_740_991)), ("-9007199254740991", .integer(-9_007_199_254_740_991)),
            ("9007199254740992", .refused(.outOfRange)), ("-9007199254740992", .refused(.outOfRange)),
            ("9223372036854775808", .refused(.outOfRange)), ("99999999999999999999999", .refused(.outOfRange)),
            ("0", .integer(0)), ("-0", .integer(0)), ("1.0", .integer(1)), ("1e3", .integer(1000)), ("1500e-2", .integer(15)),
            ("1.5e1", .integer(15)), ("9.007199254740991e15", .integer(9_007_199_254_740_991)), ("1.5", .refused(.wrongType)),
            ("1e-1", .refused(.wrongType)), ("0e999999", .integer(0)), ("1e15", .integer(1_000_000_000_000_000)),
            ("1e16", .refused(.outOfRange)), ("1e99999999999999999999", .refused(.outOfRange)),
            ("1e-99999999999999999999", .refused(.wrongType)),
        ] {
            #expect(FieldType.integer.outcome(.number(digits)) == outcome, "\(digits)")
            #expect(FieldType.integer.outcome(ofText: digits) == outcome, "\(digits)")
        }
        for text in ["", "+1", ".5", "1.", "0x10", " 1", "1 ", "1e", "1e+", "--1", "-", "١", "1_000", "NaN"] {
            #expect(FieldType.integer.outcome(ofText: text) == .refused(.invalidFormat), "\(text)")
        }
    }

    @Test func `a bigint has 64 bits, as a string or a number, without an exponent`() {
        for (digits, outcome): (String, ValueOutcome) in [
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .refused(.outOfRange)), ("-9223372036854775809", .refused(.outOfRange)),
            ("18446744073709551616", .refused(.outOfRange)), ("007", .integer(7)), ("-0", .integer(0)), ("1e3", .refused(.invalidFormat)),
            ("1.5", .refused(.wrongType)), ("9007199254740993", .integer(9_007_199_254_740_993)),
            (String(repeating: "0", count: 40) + "1", .integer(1)),
        ] {
            #expect(FieldType.bigint.outcome(.string(digits)) == outcome, "\(digits)")
            #expect(FieldType.bigint.outcome(.number(digits)) == outcome, "\(digits)")
        }
        #expect(FieldType.bigint.outcome("x") == .refused(.invalidFormat))
        #expect(FieldType.bigint.outcome("") == .refused(.invalidFormat))
    }

    @Test func `a decimal is exact and keeps no more digits than its scale`() {
        let cases: [(precision: Int, scale: Int, digits: String, outcome: ValueOutcome)] = [
            (18, 0, "999999999999999999", .integer(999_999_999_999_999_999)), (18, 0, "1000000000000000000", .refused(.outOfRange)),
            (18, 0, "-999999999999999999", .integer(-999_999_999_999_999_999)), (18, 0, "-1000000000000000000", .refused(.outOfRange)),
            (18, 0, "1.0", .refused(.outOfRange)), (18, 2, "9999999999999999.99", .integer(999_999_999_999_999_999)),
            (18, 2, "10000000000000000", .refused(.outOfRange)), (18, 2, "0.1", .integer(10)), (18, 2, "0.10", .integer(10)),
            (18, 2, "0.100", .refused(.outOfRange)), (18, 2, "0.101", .refused(.outOfRange)), (18, 2, "-0", .integer(0)),
            (18, 2, "-0.00", .integer(0)), (18, 2, "-0.01", .integer(-1)), (18, 2, "0001.5", .integer(150)),
            (18, 18, "0.999999999999999999", .integer(999_999_999_999_999_999)), (18, 18, "1", .refused(.outOfRange)),
            (18, 18, "0.000000000000000001", .integer(1)), (18, 18, "0.0000000000000000001", .refused(.outOfRange)),
            (3, 1, "99.9", .integer(999)), (3, 1, "100", .refused(.outOfRange)), (3, 1, "-100", .refused(.outOfRange)),
            (3, 1, "1e1", .refused(.invalidFormat)), (3, 1, ".5", .refused(.invalidFormat)), (3, 1, "5.", .refused(.invalidFormat)),
            (3, 1, "+5", .refused(.invalidFormat)), (3, 1, "", .refused(.invalidFormat)), (3, 1, "1,5", .refused(.invalidFormat)),
            (18, 2, "99999999999999999999999", .refused(.outOfRange)),
        ]
        for (precision, scale, digits, outcome) in cases {
            let type = FieldType.decimal(precision: precision, scale: scale)
            #expect(type.outcome(.string(digits)) == outcome, "\(type) \(digits)")
            #expect(type.outcome(.number(digits)) == outcome, "\(type) \(digits)")
            #expect(type.outcome(ofText: digits) == outcome, "\(type) \(digits)")
        }
    }

    @Test func `a decimal is written with exactly its scale`() {
        let cases: [(number: Int64, scale: Int, json: String)] = [
            (0, 2, "0.00"), (-1, 2, "-0.01"), (150, 2, "1.50"), (-150, 2, "-1.50"), (99, 2, "0.99"), (100, 2, "1.00"), (7, 0, "7"),
            (-7, 0, "-7"), (1, 18, "0.000000000000000001"), (999_999_999_999_999_999, 18, "0.999999999999999999"),
            (-999_999_999_999_999_999, 2, "-9999999999999999.99"),
        ]
        for (number, scale, json) in cases {
            #expect(FieldType.decimal(precision: 18, scale: scale).json(.integer(number)) == .string(json))
        }
    }

    @Test func `a double is finite, and what rounds to zero is zero`() {
        for (digits, outcome): (String, ValueOutcome) in [
            ("1.5", .value(.double(1.5))), ("1.7976931348623157e308", .value(.double(.greatestFiniteMagnitude))),
            ("1.7976931348623159e308", .refused(.outOfRange)), ("-1e309", .refused(.outOfRange)), ("1e99999", .refused(.outOfRange)),
            ("1e999999999999999999999", .refused(.outOfRange)), ("5e-324", .value(.double(.leastNonzeroMagnitude))),
            ("1e-400", .value(.double(0))), ("1e-999999999999999999999", .value(.double(0))), ("-0", .value(.double(0))),
        ] {
            #expect(FieldType.double.outcome(.number(digits)) == outcome, "\(digits)")
        }
        for text in ["nan", "inf", "Infinity", "0x1p3", "", "1e", ".5", "+1", "0x" + String(repeating: "0", count: 400) + "1"] {
            #expect(FieldType.double.outcome(ofText: text) == .refused(.invalidFormat), "\(text.prefix(20))")
        }
        #expect(FieldType.double.outcome(ofText: String(repeating: "0", count: 500) + "1") == .value(.double(1)))
    }

    @Test func `a boolean is true or false, in a text also 1 or 0`() {
        #expect(FieldType.boolean.outcome(true) == .integer(1))
        #expect(FieldType.boolean.outcome(false) == .integer(0))
        for (text, outcome): (String, ValueOutcome) in [
            ("true", .integer(1)), ("1", .integer(1)), ("false", .integer(0)), ("0", .integer(0)), ("TRUE", .refused(.invalidFormat)),
            ("", .refused(.invalidFormat)), ("yes", .refused(.invalidFormat)), ("2", .refused(.invalidFormat)),
        ] {
            #expect(FieldType.boolean.outcome(ofText: text) == outcome, "\(text)")
        }
        #expect(FieldType.boolean.json(.integer(1)) == true)
        #expect(FieldType.boolean.json(.integer(0)) == false)
    }
}
