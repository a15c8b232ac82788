import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct ListTests {
    static let entities = """
        Item:
          key: ItemID
          fields:
            ItemID: { type: integer }
            Name: { type: string, search: 2 }
            Text: { type: string, search: 1 }
            Rank: { type: integer }
            Day: { type: date }
          \(TestStore.open)
        """

    private func store() async throws -> TestStore {
        let store = try await TestStore(Self.entities)
        try await store.fill(
            "INSERT INTO items (ItemID, Name, Text, Rank) VALUES (?1, ?2, ?3, ?4)",
            [
                [.integer(1), .text("Rope"), .text("long sail"), .integer(2)], [.integer(2), .text("Sail"), .text("white"), .null],
                [.integer(3), .text("Anchor"), .text("iron"), .integer(1)], [.integer(4), .text("SAIL rope"), .null, .integer(2)],
                [.integer(5), .null, .null, .null],
            ])
        return store
    }

    @Test(
        arguments: [
            (["limit": "5"], "1,2,3,4,5", #"{"limit":5,"hasMore":false,"nextCursor":null}"#),
            (["limit": "6", "count": "exact"], "1,2,3,4,5", #"{"limit":6,"hasMore":false,"nextCursor":null,"total":5}"#),
            (["count": "estimated", "filter": #"{"Rank":2}"#], "1,4", #"{"limit":25,"hasMore":false,"nextCursor":null,"total":2}"#),
            (["count": "none"], "1,2,3,4,5", #"{"limit":25,"hasMore":false,"nextCursor":null}"#),
            (["page": "3", "limit": "2"], "5", #"{"limit":2,"hasMore":false,"nextCursor":null,"page":3,"total":5,"totalPages":3}"#),
            (["page": "4", "limit": "2"], "", #"{"limit":2,"hasMore":false,"nextCursor":null,"page":4,"total":5,"totalPages":3}"#),
            (
                ["page": "1", "limit": "5"], "1,2,3,4,5",
                #"{"limit":5,"hasMore":false,"nextCursor":null,"page":1,"total":5,"totalPages":1}"#
            ),
            (
                ["page": "1", "filter": #"{"ItemID":9}"#], "",
                #"{"limit":25,"hasMore":false,"nextCursor":null,"page":1,"total":0,"totalPages":0}"#
            ),
            (["page": "3", "limit": "2", "count": "none"], "5", #"{"limit":2,"hasMore":false,"nextCursor":null,"page":3}"#),
            (["search": "sail"], "2,4,1", #"{"limit":25,"hasMore":false,"nextCursor":null,"page":1,"total":3,"totalPages":1}"#),
            (["search": "sail", "limit": "2"], "2,4", #"{"limit":2,"hasMore":true,"nextCursor":null,"page":1,"total":3,"totalPages":2}"#),
            (["search": "rope sail"], "1,4", #"{"limit":25,"hasMore":false,"nextCursor":null,"page":1,"total":2,"totalPages":1}"#),
            (["search": "sail", "sort": "-ItemID"], "4,2,1", #"{"limit":25,"hasMore":false,"nextCursor":null}"#),
            (["sort": "Rank"], "3,1,4,2,5", #"{"limit":25,"hasMore":false,"nextCursor":null}"#),
            (["sort": "-Rank,-ItemID"], "5,2,4,1,3", #"{"limit":25,"hasMore":false,"nextCursor":null}"#),
        ] as [([String: String], String, String)])
    func `a list has its rows and what is known of the whole`(query: [String: String], ids: String, meta: String) async throws {
        let store = try await store()
        let items: [(name: String, value: String)] = query.map { ($0.key, $0.value) } + [("select", "ItemID")]
        let page = try await store.collection("Item").list(query: items)
        let rows = ids.isEmpty ? "" : ids.split(separator: ",").map { "{\"ItemID\":\($0)}" }.joined(separator: ",")
        #expect(page.body.text == "{\"data\":[\(rows)],\"meta\":\(meta)}")
        #expect((page.next != nil) == meta.contains("\"hasMore\":true"))
    }

    @Test func `a list without parameters has the page size of the schema`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.list("Item") == #"{"data":[],"meta":{"limit":25,"hasMore":false,"nextCursor":null}}"#)
        try await store.fill("INSERT INTO items (ItemID) VALUES (?1)", (1...26).map { [.integer($0)] })
        let page = try await store.page("Item")
        #expect(
            page.body.text.contains(
                #"{"ItemID":25,"Name":null,"Text":null,"Rank":null,"Day":null}],"meta":{"limit":25,"hasMore":true,"nextCursor":""#))
        guard case .cursor(let cursor) = page.next else { throw NoCursor() }
        #expect(page.body.text.hasSuffix("\"nextCursor\":\"\(cursor)\"}}"))
        #expect(
            try await store.list("Item", ["cursor": cursor, "select": "ItemID"]).hasPrefix(
                #"{"data":[{"ItemID":26}],"meta":{"limit":25,"hasMore":false"#))
    }

    @Test func `the next page is named by its number where pages are counted`() async throws {
        let store = try await store()
        #expect(try await store.page("Item", ["page": "1", "limit": "2"]).next == .page(2))
        #expect(try await store.page("Item", ["page": "2", "limit": "2"]).next == .page(3))
        #expect(try await store.page("Item", ["page": "3", "limit": "2"]).next == nil)
        #expect(try await store.page("Item", ["search": "sail", "limit": "1"]).next == .page(2))
        // A cursor goes on from a page, too.
        let body = try await store.list("Item", ["page": "2", "limit": "2", "select": "ItemID"])
        let cursor = try #require(body.firstRange(of: "\"nextCursor\":\"").map { body[$0.upperBound...].prefix { $0 != "\"" } })
        #expect(try await store.list("Item", ["cursor": String(cursor), "select": "ItemID"]).hasPrefix(#"{"data":[{"ItemID":5}]"#))
    }

    @Test(
        arguments: [
            (["limit": "0"], "limit invalid_parameter: is not a whole number between 1 and 200"),
            (["limit": "201"], "limit invalid_parameter: is not a whole number between 1 and 200"),
            (["page": "0"], "page invalid_parameter: is not a whole number between 1 and 1000000"),
            (["include": "x"], "include unknown_field: «x» is not a relation of Item"),
            (["sort": "Nope"], "sort unknown_field: «Nope» is not a field of Item; did you mean «Name»?"),
        ] as [([String: String], String)])
    func `a wrong parameter is refused`(query: [String: String], problem: String) async throws {
        let items = try await store().collection("Item")
        #expect(await refusal { try await items.list(query: query.map { ($0.key, $0.value) }) } == problem)
    }
}

struct NoCursor: Error {}
