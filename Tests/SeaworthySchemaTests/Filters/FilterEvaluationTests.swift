import SeaworthySchema
import Testing

@Suite struct FilterEvaluationTests {
    static let yes = Filter.all([])
    static let no = Filter.any([])
    /// A comparison with null.
    static let unknown = Filter.compare(field: 0, .equals, .value(.integer(1)))

    static func evaluate(_ filter: Filter, _ record: [Value] = [.null]) -> Bool? {
        filter.evaluate(record)
    }

    @Test func `AND, OR and NOT know three values`() {
        let table: [(Filter, Filter, and: Bool?, or: Bool?)] = [
            (Self.yes, Self.yes, true, true), (Self.yes, Self.no, false, true), (Self.yes, Self.unknown, nil, true),
            (Self.no, Self.yes, false, true), (Self.no, Self.no, false, false), (Self.no, Self.unknown, false, nil),
            (Self.unknown, Self.yes, nil, true), (Self.unknown, Self.no, false, nil), (Self.unknown, Self.unknown, nil, nil),
        ]
        for (left, right, and, or) in table {
            #expect(Self.evaluate(.all([left, right])) == and)
            #expect(Self.evaluate(.any([left, right])) == or)
        }
        #expect(Self.evaluate(.not(Self.yes)) == false)
        #expect(Self.evaluate(.not(Self.no)) == true)
        #expect(Self.evaluate(.not(Self.unknown)) == .some(nil))
    }

    @Test func `comparisons hold as their signs say`() {
        let table: [(Filter.Comparison, less: Bool, equal: Bool, more: Bool)] = [
            (.equals, false, true, false), (.not, true, false, true), (.lt, true, false, false), (.lte, true, true, false),
            (.gt, false, false, true), (.gte, false, true, true),
        ]
        let triples: [(Value, Value, Value)] = [
            (.integer(1), .integer(2), .integer(3)), (.double(-1), .double(0), .double(0.5)), (.text("A"), .text("Z"), .text("a")),
            (.bytes([]), .bytes([1]), .bytes([1, 0])),
        ]
        for (comparison, less, equal, more) in table {
            for (low, middle, high) in triples {
                let filter = Filter.compare(field: 0, comparison, .value(middle))
                #expect(filter.evaluate([low]) == less, "\(comparison) \(low)")
                #expect(filter.evaluate([middle]) == equal, "\(comparison)")
                #expect(filter.evaluate([high]) == more, "\(comparison) \(high)")
                #expect(filter.evaluate([.null]) == nil)
                let fields = Filter.compare(field: 0, comparison, .field(1))
                #expect(fields.evaluate([low, middle]) == less)
                #expect(fields.evaluate([middle, .null]) == nil)
                #expect(fields.evaluate([.null, .null]) == nil)
            }
        }
    }

    @Test func `isNull is never unknown`() {
        #expect(Filter.isNull(field: 0, true).evaluate([.null]) == true)
        #expect(Filter.isNull(field: 0, true).evaluate([.integer(0)]) == false)
        #expect(Filter.isNull(field: 0, false).evaluate([.null]) == false)
        #expect(Filter.isNull(field: 0, false).evaluate([.text("")]) == true)
    }

    @Test func `in of nothing is false even for null, else null is unknown`() {
        let list = Filter.isIn(field: 0, [.text("a"), .text("\u{E9}")])
        #expect(list.evaluate([.text("a")]) == true)
        #expect(list.evaluate([.text("A")]) == false)
        #expect(list.evaluate([.text("e\u{301}")]) == false)
        #expect(list.evaluate([.null]) == nil)
        #expect(Filter.isIn(field: 0, []).evaluate([.null]) == false)
        #expect(Filter.not(.isIn(field: 0, [])).evaluate([.null]) == true)
        #expect(Filter.not(list).evaluate([.null]) == nil)
    }

    @Test func `text tests fold by full upper case, and never by accents or normalisation`() {
        let cases: [(match: Filter.TextMatch, stored: String, part: String, insensitive: Bool, sensitive: Bool)] = [
            (.contains, "Hauptstraße", "STRASSE", true, false), (.contains, "HAUPTSTRASSE", "straße", true, false),
            (.contains, "ΟΔΟΣ", "οδος", true, false), (.contains, "οδος", "οδοσ", true, false), (.startsWith, "Ärger", "är", true, false),
            (.startsWith, "Ärger", "ar", false, false), (.startsWith, "\u{E9}", "e", false, false),
            (.startsWith, "e\u{301}", "e", true, true),
            (.contains, "e\u{301}", "\u{E9}", false, false), (.endsWith, "ﬁ", "I", true, false), (.endsWith, "abc", "bc", true, true),
            (.endsWith, "abc", "ab", false, false), (.startsWith, "abc", "bc", false, false), (.contains, "abc", "b", true, true),
            (.contains, "abc", "abcd", false, false), (.contains, "", "", true, true), (.startsWith, "a", "", true, true),
            (.endsWith, "a", "", true, true), (.contains, "", "a", false, false), (.contains, "a😀b", "😀B", true, false),
            (.contains, "100%_x", "%_", true, true), (.contains, "i", "İ", false, false),
        ]
        for (match, stored, part, insensitive, sensitive) in cases {
            #expect(Filter.text(field: 0, match, part, .insensitive).evaluate([.text(stored)]) == insensitive, "\(match) \(stored) \(part)")
            #expect(Filter.text(field: 0, match, part, .sensitive).evaluate([.text(stored)]) == sensitive, "\(match) \(stored) \(part)")
        }
        #expect(Filter.text(field: 0, .contains, "", .insensitive).evaluate([.null]) == nil)
    }

    @Test func `has compares whole elements by their JSON form`() {
        let cases: [(stored: String, element: Value, has: Bool)] = [
            (#"["a","b"]"#, .text("b"), true), (#"["ab"]"#, .text("a"), false), (#"[]"#, .text("a"), false), (#"["A"]"#, .text("a"), false),
            ("[1,2]", .integer(2), true), ("[12]", .integer(1), false), ("[true]", .integer(1), true), ("[false]", .integer(0), true),
            ("[true]", .integer(0), false), ("[1.5,2]", .double(2), true), ("[1.5]", .double(1.5), true), ("[1.5]", .double(1), false),
            (#"["é"]"#, .text("e\u{301}"), false), (#"["a\"b"]"#, .text("a\"b"), true), (#"["1"]"#, .integer(1), false),
        ]
        for (stored, element, has) in cases {
            #expect(Filter.has(field: 0, element).evaluate([.text(stored)]) == has, "\(stored) \(element)")
        }
        #expect(Filter.has(field: 0, .text("a")).evaluate([.null]) == nil)
        #expect(Filter.has(field: 0, .text("a")).evaluate([.text("not json")]) == false)
    }
}
