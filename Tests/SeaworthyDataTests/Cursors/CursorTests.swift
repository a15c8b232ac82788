import SeaworthyData
import SeaworthySQL
import SeaworthySchema
import Testing

@Suite struct CursorTests {
    static let entities = """
        Item:
          key: ItemID
          fields:
            ItemID: { type: integer }
            Name: { type: string, search: 1 }
            Rank: { type: integer }
            Share: { type: double }
          \(TestStore.open)
        Other:
          key: ItemID
          fields:
            ItemID: { type: integer }
            Name: { type: string, search: 1 }
          \(TestStore.open)
        """

    private static let invalid =
        "cursor invalid_cursor: is not a cursor of this query; take nextCursor from an answer and send the same filter, search and sort"

    private func store(rows: Int = 5, secretKeys: [[UInt8]] = TestStore.secretKeys) async throws -> TestStore {
        let store = try await TestStore(Self.entities, secretKeys: secretKeys)
        for table in ["items", "others"] {
            try await store.fill(
                "INSERT INTO \(table) (ItemID, Name) VALUES (?1, ?2)", (1...rows).map { [.integer(Int64($0)), .text("name \($0)")] })
        }
        return store
    }

    private func cursor(_ store: TestStore, _ entity: String = "Item", _ query: KeyValuePairs<String, String> = [:]) async throws -> String
    {
        let query: [(name: String, value: String)] = query.map { ($0.key, $0.value) } + [("limit", "2")]
        guard case .cursor(let cursor) = try await store.collection(entity).list(query: query).next else { throw NoCursor() }
        return cursor
    }

    @Test func `a cursor fits a URL and never is the same twice`() async throws {
        let store = try await store()
        var cursors: Set<String> = []
        for _ in 0..<50 {
            let cursor = try await cursor(store)
            #expect(
                cursor.utf8.allSatisfy { byte in
                    Unicode.Scalar(byte).properties.isAlphabetic || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
                })
            #expect(!cursor.contains("name"))
            cursors.insert(cursor)
        }
        #expect(cursors.count == 50)
    }

    @Test(arguments: ["ItemID", "-ItemID", "Name", "-Name,ItemID", "Rank"])
    func `a cursor with any one character changed is refused`(sort: String) async throws {
        let store = try await store()
        let cursor = try await cursor(store, "Item", ["sort": sort])
        #expect(await refusal { try await store.list("Item", ["cursor": cursor, "sort": sort]) } == "done")
        let characters = Array(cursor)
        for index in characters.indices {
            for other in ["A", "B", "z", "-", "_", "0"] as [Character] where other != characters[index] {
                var changed = characters
                changed[index] = other
                #expect(await refusal { try await store.list("Item", ["cursor": String(changed), "sort": sort]) } == Self.invalid)
            }
        }
    }

    @Test func `what is no cursor is refused`() async throws {
        let store = try await store()
        let cursor = try await cursor(store)
        for text in [
            "", "x", "AAAA", "null", cursor + "=", cursor + "A", String(cursor.dropLast()), String(cursor.dropFirst()), " " + cursor,
            cursor + "\n", cursor.uppercased(), "ü" + cursor, String(repeating: "A", count: 20_000),
        ] {
            #expect(await refusal { try await store.list("Item", ["cursor": text]) } == Self.invalid)
        }
    }

    @Test func `a cursor belongs to its entity, filter, search and sort`() async throws {
        let store = try await store()
        let plain = try await cursor(store)
        #expect(await refusal { try await store.list("Other", ["cursor": plain]) } == Self.invalid)
        #expect(await refusal { try await store.list("Item", ["cursor": plain, "filter": #"{"ItemID":{"gt":0}}"#]) } == Self.invalid)
        #expect(await refusal { try await store.list("Item", ["cursor": plain, "sort": "-ItemID"]) } == Self.invalid)
        #expect(await refusal { try await store.list("Item", ["cursor": plain, "sort": "Name"]) } == Self.invalid)
        #expect(await refusal { try await store.list("Item", ["cursor": plain, "search": "name", "sort": "ItemID"]) } == Self.invalid)
        let filtered = try await cursor(store, "Item", ["filter": #"{"ItemID":{"gt":0}}"#])
        #expect(await refusal { try await store.list("Item", ["cursor": filtered, "filter": #"{"ItemID":{"gt":1}}"#]) } == Self.invalid)
        #expect(await refusal { try await store.list("Item", ["cursor": filtered, "filter": #"{"ItemID":{"gte":0}}"#]) } == Self.invalid)
        #expect(await refusal { try await store.list("Item", ["cursor": filtered]) } == Self.invalid)
        let searched = try await cursor(store, "Item", ["search": "name", "sort": "ItemID"])
        #expect(await refusal { try await store.list("Item", ["cursor": searched, "search": "nam", "sort": "ItemID"]) } == Self.invalid)
    }

    @Test func `another limit or selection, or the default sort written out, takes the cursor`() async throws {
        let store = try await store()
        let plain = try await cursor(store)
        #expect(try await store.list("Item", ["cursor": plain, "limit": "1", "select": "ItemID"]).hasPrefix(#"{"data":[{"ItemID":3}],"#))
        #expect(
            try await store.list("Item", ["cursor": plain, "sort": "ItemID", "select": "ItemID"]).hasPrefix(#"{"data":[{"ItemID":3},"#))
    }

    @Test func `an older key still opens, a removed one does not`() async throws {
        let old: [UInt8] = Array(repeating: 1, count: 32)
        let new: [UInt8] = Array(repeating: 2, count: 32)
        let store = try await store(secretKeys: [old])
        func records(_ keys: [[UInt8]]) throws -> RecordCollection {
            let records = RecordStore(schema: store.records.schema, database: store.database, dialect: store.dialect, secretKeys: keys)
            return try #require(records.collection(named: "Item"))
        }
        let cursor = try await cursor(store)
        #expect(await refusal { try await records([new, old]).list(query: [("cursor", cursor)]) } == "done")
        #expect(await refusal { try await records([new]).list(query: [("cursor", cursor)]) } == Self.invalid)
        // The first key seals.
        guard case .cursor(let fresh) = try await records([new, old]).list(query: [("limit", "2")]).next else { throw NoCursor() }
        #expect(await refusal { try await records([new]).list(query: [("cursor", fresh)]) } == "done")
        #expect(await refusal { try await records([old]).list(query: [("cursor", fresh)]) } == Self.invalid)
    }

    @Test(arguments: ["", "ItemID", "-ItemID", "Rank", "-Rank", "Rank,-Name", "-Rank,Share", "Share,-ItemID", "-Share,Rank,Name"])
    func `a walk meets each row once while rows come and go`(sort: String) async throws {
        let store = try await TestStore(Self.entities)
        let insert = "INSERT INTO items (ItemID, Name, Rank, Share) VALUES (?1, ?2, ?3, ?4)"
        func row(_ id: Int) -> [Value] {
            [
                .integer(Int64(id)), .text(id % 7 == 0 ? "Ü" : "n\(id % 13)"), id % 5 == 0 ? .null : .integer(Int64(id % 4)),
                id % 6 == 0 ? .null : .double(Double(id % 3) / 3),
            ]
        }
        // Even ids stay for the whole walk; odd ones are deleted and inserted meanwhile.
        try await store.fill(insert, (1...500).map { row($0 * 2) })
        try await store.fill(insert, (0..<100).map { row($0 * 10 + 1) })
        var seen: [String] = []
        var query: [(name: String, value: String)] = [("limit", "37"), ("select", "ItemID")]
        if !sort.isEmpty { query.append(("sort", sort)) }
        let items = try store.collection("Item")
        var pages = 0
        while true {
            let page = try await items.list(query: query)
            let text = page.body.text
            seen += text.split(separator: "{\"ItemID\":").dropFirst().map { String($0.prefix { $0.isNumber }) }
            guard case .cursor(let cursor) = page.next else { break }
            query.removeAll { $0.name == "cursor" }
            query.append(("cursor", cursor))
            try await store.run("DELETE FROM items WHERE ItemID = \(pages * 10 + 1) OR ItemID = \((99 - pages) * 10 + 1)")
            try await store.fill(insert, [row(pages * 10 + 3), row(2001 + pages * 2)])
            pages += 1
        }
        let stayed = seen.compactMap { Int($0) }.filter { $0 % 2 == 0 }
        #expect(stayed.count == 500)
        #expect(Set(stayed) == Set((1...500).map { $0 * 2 }))
        #expect(Set(seen).count == seen.count)
        #expect(pages >= 500 / 37)
    }
}
