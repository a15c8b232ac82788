import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct BoundsTests {
    @Test func `a reference is not taken away from a record that would then fail a check`() async throws {
        let store = try await TestStore(
            """
            Site:
              key: K
              fields: { K: { type: string } }
              \(TestStore.open)
            Visit:
              key: K
              fields: { K: { type: string }, Site: { references: Site, as: place, onDelete: setNull }, Note: { type: string } }
              checks: { placed: { OR: [{ Site: { isNull: false } }, { Note: { isNull: false } }] } }
              \(TestStore.open)
            """)
        try await store.run("INSERT INTO sites VALUES ('a'), ('b')")
        try await store.run("INSERT INTO visits VALUES ('1', 'a', 'n'), ('2', 'a', NULL), ('3', 'b', 'n')")
        let refused = await refusal { try await store.delete("Site", "a") }
        #expect(
            refused.hasPrefix("record_referenced: This cannot be deleted: a Visit that refers to it would fail its check «placed» without"))
        #expect(try await store.rows("SELECT count(*) FROM visits WHERE Site = 'a'") == [[.integer(2)]])
        try await store.delete("Site", "b")
        #expect(try await store.rows("SELECT Site FROM visits WHERE K = '3'") == [[.null]])
    }

    @Test func `a text in a key has at most 2,048 bytes`() async throws {
        let store = try await TestStore("T:\n  key: K\n  fields: { K: { type: string } }\n  \(TestStore.open)")
        let longest = String(repeating: "ü", count: 1024)
        let created = try await store.created("T", #"{"K":"\#(longest)"}"#)
        #expect(created.keyPath.utf8.count == 6 * 1024)
        #expect(try await store.read("T", longest) == #"{"data":{"K":"\#(longest)"}}"#)
        #expect(
            await refusal { try await store.create("T", #"{"K":"\#(longest)a"}"#) }.contains("/K too_long: is longer than the 2048 bytes"))
    }

    @Test func `no key beyond 2^53−1 is given out`() async throws {
        let store = try await TestStore("T:\n  key: K\n  fields: { K: { type: integer, generated: true } }\n  \(TestStore.open)")
        try await store.run("INSERT INTO ts VALUES (9007199254740990)")
        if TestStore.isOnPostgres { try await store.run("SELECT setval(pg_get_serial_sequence('ts', 'K'), 9007199254740990)") }
        #expect(try await store.create("T", "{}") == #"{"data":{"K":9007199254740991}}"#)
        #expect(await refusal { try await store.create("T", "{}") } == "keys_exhausted: There is no key left for another T.")
        #expect(try await store.count("ts") == 2)
    }

    @Test func `a page whose last record sorts by more than a cursor holds has none`() async throws {
        let store = try await TestStore("T:\n  key: K\n  fields: { K: { type: string }, V: { type: text } }\n  \(TestStore.open)")
        // A position is the text with a tag and a length before it, then the key with the same.
        for (key, length) in [("a", 8192 - 9 - 9 - 1), ("b", 8192 - 9 - 9)] {
            try await store.run("INSERT INTO ts VALUES ('\(key)', '\(String(repeating: key, count: length))')")
        }
        try await store.run("INSERT INTO ts VALUES ('c', 'c')")
        let first = try await store.page("T", ["sort": "V", "limit": "1", "select": "K"])
        guard case .cursor(let cursor)? = first.next else { return #expect(Bool(false), "no cursor") }
        let second = try await store.page("T", ["sort": "V", "limit": "1", "select": "K", "cursor": cursor])
        #expect(second.next == nil)
        #expect(second.body.text == #"{"data":[{"K":"b"}],"meta":{"limit":1,"hasMore":true,"nextCursor":null}}"#)
        let page = try await store.page("T", ["sort": "V", "limit": "1", "select": "K", "page": "3"])
        #expect(page.body.text.hasPrefix(#"{"data":[{"K":"c"}]"#))
    }
}
