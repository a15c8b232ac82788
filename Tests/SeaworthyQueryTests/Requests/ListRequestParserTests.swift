import SeaworthyQuery
import SeaworthySchema
import Testing

@Suite struct ListRequestParserTests {
    static let entity = Entity(
        name: "Sample", table: "samples", path: "samples", key: [0],
        fields: [Field(name: "id", column: "id", type: .integer), Field(name: "name", column: "name", type: .string, searchWeight: 1)]
            + (1...8).map { Field(name: "f\($0)", column: "f\($0)", type: .integer) } + [
                Field(name: "tags", column: "tags", type: .array(.string)), Field(name: "extra", column: "extra", type: .json),
                Field(name: "secret", column: "secret", type: .string),
            ],
        references: [Reference(name: "parent", inverse: nil, target: "Sample", fields: [2])])
    static let visible = Array(0..<12)

    static func parse(_ items: [(String, String)], entity: Entity = entity, hidden: Set<Int> = [12]) throws -> ListRequest {
        try ListRequestParser.parse(
            items.map { (name: $0.0, value: $0.1) }, entity: entity, api: Schema.API(pageSize: 25, maxPageSize: 200)
        ) { !hidden.contains($0) }
    }

    /// The problems as `code parameter`.
    static func problems(_ items: [(String, String)]) -> [String] {
        details(items).map { "\($0.code) \($0.parameter)" }
    }

    static func details(_ items: [(String, String)]) -> [QueryProblem] {
        do {
            _ = try parse(items)
            return []
        } catch let error as QueryProblems {
            return error.problems
        } catch {
            return []
        }
    }

    @Test func `a request without parameters has the defaults`() throws {
        let request = try Self.parse([])
        #expect(request.filter == .all([]))
        #expect(request.searchTerms.isEmpty)
        #expect(request.sort.isEmpty)
        #expect(request.projection.fields == Self.visible)
        #expect(request.limit == 25)
        #expect(request.position == .start)
        #expect(request.count == .none)
        #expect(!request.isByRelevance)
    }

    @Test func `limit is a whole number from 1 to the schema's largest`() throws {
        for (text, limit) in [("1", 1), ("25", 25), ("200", 200), ("007", 7)] { #expect(try Self.parse([("limit", text)]).limit == limit) }
        for text in [
            "0", "201", "-1", "+5", "1e2", "", " 5", "5.0", "x", "٥", "99999999999999999999999", String(repeating: "9", count: 500),
        ] {
            #expect(Self.problems([("limit", text)]) == ["invalid_parameter limit"], "\(text)")
        }
        #expect(Self.details([("limit", "0")]).map(\.detail) == ["is not a whole number between 1 and 200"])
    }

    @Test func `page is a whole number from 1 to a million and counts exactly`() throws {
        for (text, page) in [("1", 1), ("2", 2), ("1000000", 1_000_000)] {
            let request = try Self.parse([("page", text)])
            #expect(request.position == .page(page))
            #expect(request.count == .exact)
        }
        for text in ["0", "1000001", "-1", "x", ""] { #expect(Self.problems([("page", text)]) == ["invalid_parameter page"], "\(text)") }
    }

    @Test func `count is none, exact or estimated`() throws {
        for (text, count): (String, ListRequest.Count) in [("none", .none), ("exact", .exact), ("estimated", .estimated)] {
            #expect(try Self.parse([("count", text)]).count == count)
            #expect(try Self.parse([("count", text), ("page", "2")]).count == count)
        }
        #expect(Self.problems([("count", "all")]) == ["invalid_parameter count"])
        #expect(Self.problems([("count", "Exact")]) == ["invalid_parameter count"])
    }

    @Test func `a cursor stands neither beside page nor with a search by relevance`() throws {
        let request = try Self.parse([("cursor", "abc")])
        #expect(request.position == .cursor("abc"))
        #expect(request.count == .none)
        #expect(Self.problems([("cursor", "abc"), ("page", "1")]) == ["conflicting_parameters cursor"])
        #expect(Self.problems([("cursor", "abc"), ("search", "x")]) == ["conflicting_parameters cursor"])
        #expect(try Self.parse([("cursor", "abc"), ("search", "x"), ("sort", "id")]).position == .cursor("abc"))
        #expect(try Self.parse([("cursor", "abc"), ("search", " ")]).position == .cursor("abc"))
    }

    @Test func `a search gives terms in upper case and is paged by page`() throws {
        let request = try Self.parse([("search", "  straße\tCaf\u{E9}\u{2003}x ")])
        #expect(request.searchTerms == ["STRASSE", "CAF\u{C9}", "X"])
        // Unicode's White_Space parts words, scalar by scalar; other invisible characters do not.
        #expect(
            try Self.parse([("search", "a\u{85}b \u{301}c\u{1C}d\u{FEFF}e\u{3000}f")]).searchTerms == [
                "A", "B", "\u{301}C\u{1C}D\u{FEFF}E", "F",
            ])
        #expect(request.isByRelevance)
        #expect(request.position == .page(1))
        #expect(request.count == .exact)
        #expect(try Self.parse([("search", "x"), ("page", "3")]).position == .page(3))
        let sorted = try Self.parse([("search", "x"), ("sort", "id")])
        #expect(!sorted.isByRelevance)
        #expect(sorted.position == .start)
        #expect(sorted.count == .none)
        let empty = try Self.parse([("search", " ")])
        #expect(empty.searchTerms.isEmpty)
        #expect(empty.position == .start)
    }

    @Test func `a search has at most sixteen terms, no NUL, and needs a field`() throws {
        let terms = { (count: Int) in Array(repeating: "a", count: count).joined(separator: " ") }
        #expect(try Self.parse([("search", terms(16))]).searchTerms.count == 16)
        #expect(Self.problems([("search", terms(17))]) == ["invalid_parameter search"])
        #expect(Self.problems([("search", "a\0b")]) == ["invalid_parameter search"])
        for hidden: Set<Int> in [[1], [1, 12]] {
            let error = #expect(throws: QueryProblems.self) { try Self.parse([("search", "a")], hidden: hidden) }
            #expect(error?.problems.map(\.code) == ["not_searchable"])
        }
    }

    @Test func `sort names up to eight fields, each once, with a minus for descending`() throws {
        #expect(
            try Self.parse([("sort", "-f1,id")]).sort == [SortKey(2, isDescending: true), SortKey(0, isDescending: false)])
        let eight = (1...8).map { "f\($0)" }.joined(separator: ",")
        #expect(try Self.parse([("sort", eight)]).sort.count == 8)
        #expect(Self.problems([("sort", eight + ",id")]) == ["invalid_parameter sort"])
        #expect(Self.problems([("sort", "f1,-f1")]) == ["invalid_parameter sort"])
        #expect(Self.problems([("sort", "tags,extra")]) == ["invalid_parameter sort", "invalid_parameter sort"])
        #expect(Self.problems([("sort", "")]) == ["unknown_field sort"])
        #expect(Self.problems([("sort", "id,")]) == ["unknown_field sort"])
        #expect(Self.problems([("sort", "--id")]) == ["unknown_field sort"])
        #expect(Self.problems([("sort", "+id")]) == ["unknown_field sort"])
        #expect(Self.problems([("sort", "secret,nam")]) == ["unknown_field sort", "unknown_field sort"])
        #expect(Self.details([("sort", "nam")]).map(\.detail) == ["«nam» is not a field of Sample; did you mean «name»?"])
        #expect(Self.details([("sort", "secret")]).map(\.detail) == ["«secret» is not a field of Sample"])
        #expect(Self.problems([("sort", "parent.name")]) == ["unknown_field sort"])
    }

    @Test func `select names visible fields, in the entity's order`() throws {
        #expect(try Self.parse([("select", "name,id")]).projection.fields == [0, 1])
        #expect(try Self.parse([("select", "extra")]).projection.fields == [11])
        #expect(Self.problems([("select", "id,id")]) == ["invalid_parameter select"])
        #expect(Self.problems([("select", "secret")]) == ["unknown_field select"])
        #expect(Self.problems([("select", "")]) == ["unknown_field select"])
        #expect(Self.problems([("select", "parent")]) == ["unknown_field select"])
        #expect(Self.problems([("select", "id,nothing,-name")]) == ["unknown_field select", "unknown_field select"])
    }

    @Test func `filters of both forms are joined by AND`() throws {
        let id = Filter.compare(field: 0, .equals, .value(.integer(5)))
        let name = Filter.compare(field: 1, .equals, .value(.text("a")))
        #expect(try Self.parse([("filter", #"{"id":5}"#)]).filter == id)
        #expect(try Self.parse([("filter[name]", "a")]).filter == .all([name]))
        #expect(try Self.parse([("filter[name]", "a"), ("filter", #"{"id":5}"#)]).filter == .all([id, .all([name])]))
        #expect(
            try Self.parse([("filter[name][in]", "a"), ("filter[name][in]", "b,c")]).filter
                == .all([.isIn(field: 1, [.text("a"), .text("b"), .text("c")])]))
    }

    @Test func `what is wrong with a filter stands at its parameter`() {
        #expect(Self.problems([("filter", "{")]) == ["invalid_parameter filter"])
        #expect(Self.problems([("filter", #"{"id":5,"id":6}"#)]) == ["invalid_parameter filter"])
        #expect(Self.problems([("filter", "[]")]) == ["invalid_filter filter"])
        #expect(Self.problems([("filter", #"{"id":"x"}"#)]) == ["wrong_type filter"])
        #expect(Self.details([("filter", #"{"AND":[{"id":"x"}]}"#)]).first?.detail.hasPrefix("/AND/0/id: is a string") == true)
        #expect(Self.problems([("filter[id]", "x")]) == ["wrong_type filter[id]"])
        #expect(Self.details([("filter[id]", "x")]).first?.detail.hasPrefix("is a string") == true)
        #expect(Self.problems([("filter[secret]", "x")]) == ["unknown_field filter[secret]"])
        #expect(Self.problems([("filter", #"{"name":"$user.id"}"#)]) == ["variable_not_allowed filter"])
        let many = (0..<33).map { _ in #"{"f1":{"gt":1,"lt":2}}"# }.joined(separator: ",")
        #expect(Self.problems([("filter", #"{"AND":[\#(many)]}"#)]) == ["filter_too_large filter"])
    }

    @Test func `sixty-four conditions are counted over both forms`() throws {
        let json = { (count: Int) in #"{"AND":["# + Array(repeating: #"{"id":1}"#, count: count).joined(separator: ",") + "]}" }
        _ = try Self.parse([("filter", json(63)), ("filter[id]", "1")])
        #expect(Self.problems([("filter", json(64)), ("filter[id]", "1")]) == ["filter_too_large filter"])
    }

    @Test func `unknown parameters are refused with the nearest name`() {
        #expect(
            Self.details([("limt", "1")]) == [
                QueryProblem(.unknownParameter, parameter: "limt", "is not a parameter of this route; did you mean «limit»?")
            ])
        #expect(
            Self.details([("zzzzzz", "1")]).map(\.detail)
                == [
                    "is not a parameter of this route; known are filter, search, sort, select, include, limit, cursor, page, count, deleted, dateFrom, dateTo"
                ])
        for name in ["Limit", "", "filter[]", "filter[a", "filter[a]b", "filter[a][b][c]", "filter[a][]", "filter[[a]]", "filter]"] {
            #expect(Self.problems([(name, "1")]) == ["unknown_parameter \(name)"], "\(name)")
        }
    }

    @Test func `deleted and the period are for entities that have them`() {
        for name in ["deleted", "dateFrom", "dateTo"] { #expect(Self.problems([(name, "x")]) == ["invalid_parameter \(name)"]) }
    }

    @Test func `a parameter may stand once`() {
        for (name, value) in [("limit", "1"), ("sort", "id"), ("filter", "{}"), ("cursor", "a")] {
            #expect(Self.problems([(name, value), (name, value)]) == ["duplicate_parameter \(name)"])
        }
    }

    @Test func `all problems come at once`() {
        let codes = Self.problems([
            ("limit", "0"), ("sort", "x1y2z3"), ("filter", "{"), ("filter[id]", "x"), ("count", "x"), ("page", "0"), ("cursor", "a"),
            ("include", "x"),
            ("selct", "x"), ("select", "x1y2z3"),
        ])
        #expect(
            codes.sorted() == [
                "conflicting_parameters cursor", "invalid_parameter count", "invalid_parameter filter", "invalid_parameter limit",
                "invalid_parameter page", "unknown_field include", "unknown_field select", "unknown_field sort", "unknown_parameter selct",
                "wrong_type filter[id]",
            ])
    }

    @Test func `a single record takes select and include`() throws {
        func parse(_ items: [(name: String, value: String)]) throws -> [Int] {
            try ListRequestParser.parseRecord(items, at: 0, model: .alone(Self.entity) { $0 != 12 }).projection.fields
        }
        #expect(try parse([]) == Self.visible)
        #expect(try parse([(name: "select", value: "name,id")]) == [0, 1])
        for (name, code) in [
            ("limit", "unknown_parameter"), ("filter", "unknown_parameter"), ("filter[id]", "unknown_parameter"),
            ("include", "unknown_field"),
        ] {
            let error = #expect(throws: QueryProblems.self) { try parse([(name: name, value: "x")]) }
            #expect(error?.problems.map { "\($0.code) \($0.parameter)" } == ["\(code) \(name)"])
        }
    }
}
