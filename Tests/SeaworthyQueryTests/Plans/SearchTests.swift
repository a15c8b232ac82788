import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct SearchTests {
    static let entity = Entity(
        name: "Place", table: "places", path: "places", key: [0],
        fields: [
            Field(name: "id", column: "id", type: .integer), Field(name: "name", column: "name", type: .string, searchWeight: 5),
            Field(name: "street", column: "street", type: .string, searchWeight: 2),
            Field(name: "note", column: "note", type: .text, searchWeight: 1), Field(name: "other", column: "other", type: .text),
        ])

    /// What a search finds, the same on every database.
    static func found(_ search: String, sort: String? = nil, isVisible: @escaping (Int) -> Bool = { _ in true }) async throws -> [Int64] {
        let found = try await found(search, sort: sort, isVisible: isVisible, on: .sqlite)
        #expect(try await Self.found(search, sort: sort, isVisible: isVisible, on: .postgres) == found)
        return found
    }

    private static func found(
        _ search: String, sort: String?, isVisible: @escaping (Int) -> Bool, on kind: DatabaseKind
    ) async throws -> [Int64] {
        let sample = try await SampleDatabase([entity], on: kind)
        let texts: [[String?]] = [
            ["Hauptstraße", "x", "y", "secret"], ["x", "HAUPTSTRASSE", nil, nil], ["x", "y", "an der hauptstrasse", nil],
            ["hauptstraße", "Hauptstraße", nil, nil], ["Caf\u{E9}", nil, "strasse", nil], [nil, nil, nil, "hauptstraße"],
        ]
        let records = texts.enumerated().map { index, row in [Value.integer(Int64(index + 1))] + row.map { $0.map(Value.text) ?? .null } }
        try await sample.insert(records, into: entity)
        var items = [(name: "search", value: search)]
        if let sort { items.append((name: "sort", value: sort)) }
        let request = try ListRequestParser.parse(items, entity: entity, api: Schema.API(), isVisible: isVisible)
        let plan = request.plan(entity, start: request.isByRelevance ? .offset(0) : .first, isVisible: isVisible)
        let rows = try await sample.rows(plan)
        let count = try await sample.count(plan)
        #expect(count == [[.integer(Int64(rows.count))]])
        await sample.close()
        return rows.compactMap { if case .integer(let id) = $0[0] { id } else { nil } }
    }

    @Test func `rows are ordered by the summed weight of the matching fields, then by key`() async throws {
        #expect(try await Self.found("hauptstraße") == [4, 1, 2, 3])
        #expect(try await Self.found("HAUPTSTRASSE") == [4, 1, 2, 3])
        #expect(try await Self.found("strasse") == [4, 1, 2, 3, 5])
    }

    @Test func `every term is contained in some field`() async throws {
        #expect(try await Self.found("strasse caf\u{E9}") == [5])
        #expect(try await Self.found(" x \t hauptstraße\n") == [1, 2, 3])
        #expect(try await Self.found("strasse nothing").isEmpty)
        #expect(try await Self.found("cafe").isEmpty)
        #expect(try await Self.found("cafe\u{301}").isEmpty)
    }

    @Test func `a search with sort keeps that order, and one without terms finds all`() async throws {
        #expect(try await Self.found("strasse", sort: "-id") == [5, 4, 3, 2, 1])
        #expect(try await Self.found("   ") == [1, 2, 3, 4, 5, 6])
    }

    @Test func `neither fields without weight nor hidden fields are searched`() async throws {
        #expect(try await Self.found("secret").isEmpty)
        #expect(try await Self.found("hauptstraße") { $0 != 1 } == [2, 4, 3])
        #expect(try await Self.found("hauptstraße") { $0 != 2 } == [1, 4, 3])
    }
}
