import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct UpdateTests {
    static let entities = """
        Item:
          key: Code
          fields:
            Code: { type: string }
            Title: { type: string, required: true, max: 5 }
            Count: { type: integer, default: 4 }
            Price: { type: decimal, precision: 6, scale: 2 }
            Big: { type: bigint }
            Share: { type: double }
            Low: { type: integer }
            High: { type: integer }
            Note: { type: json }
            Locked: { type: integer, readOnly: true, default: 3 }
            Secret: { type: string, default: s }
            Other: { references: Item, as: other }
          checks: { lowBelowHigh: { Low: { lte: $record.High } } }
          access: { anyone: { read: true, create: true, update: true, hide: [Secret] } }
        Ticket:
          key: Number
          fields:
            Number: { type: integer, generated: true }
            Name: { type: string }
          \(TestStore.open)
        """

    private func store() async throws -> TestStore {
        let store = try await TestStore(Self.entities)
        try await store.create("Item", #"{"Code":"a","Title":"Abc","Price":"1","Low":1,"High":5,"Note":{"x":1,"y":{"z":2}}}"#)
        try await store.create("Item", #"{"Code":"b","Title":"Def"}"#)
        return store
    }

    private static func item(
        title: String = "Abc", count: String = "4", price: String = #""1.00""#, low: String = "1", high: String = "5",
        note: String = #"{"x":1,"y":{"z":2}}"#
    ) -> String {
        "{\"data\":{\"Code\":\"a\",\"Title\":\"\(title)\",\"Count\":\(count),\"Price\":\(price),\"Big\":null,\"Share\":null,"
            + "\"Low\":\(low),\"High\":\(high),\"Note\":\(note),\"Locked\":3,\"Other\":null}}"
    }

    @Test(arguments: [
        (#"{}"#, Self.item()),
        (#"{"Title":"New"}"#, Self.item(title: "New")),
        (#"{"Count":null}"#, Self.item(count: "null")),
        (#"{"Price":2.5,"Count":9}"#, Self.item(count: "9", price: #""2.50""#)),
        (#"{"Low":5}"#, Self.item(low: "5")),
        (#"{"Low":9,"High":9}"#, Self.item(low: "9", high: "9")),
        (#"{"High":null,"Low":9}"#, Self.item(low: "9", high: "null")),
        (#"{"Code":"a"}"#, Self.item()),
        (#"{"Code":"a","Title":"New"}"#, Self.item(title: "New")),
        (#"{"Note":{"y":{"w":3}}}"#, Self.item(note: #"{"x":1,"y":{"z":2,"w":3}}"#)),
        (#"{"Note":null}"#, Self.item(note: "null")),
    ])
    func `changes what the patch names and nothing else`(patch: String, expected: String) async throws {
        let store = try await store()
        let other = try await store.read("Item", "b")
        #expect(try await store.update("Item", "a", patch: patch) == expected)
        #expect(try await store.read("Item", "a") == expected)
        #expect(try await store.read("Item", "b") == other)
        #expect(try await store.rows("SELECT Secret FROM items") == [[.text("s")], [.text("s")]])
    }

    @Test(arguments: [
        (#"{"Title":null}"#, "/Title required: may not be null"),
        (#"{"Title":5}"#, "/Title wrong_type: is a number; expected a string"),
        (#"{"Title":"Abcdef"}"#, "/Title too_long: has 6 characters; at most 5 are allowed"),
        (#"{"Code":"b"}"#, "/Code immutable_field: is part of the key, which never changes"),
        (#"{"Code":null}"#, "/Code immutable_field: is part of the key, which never changes"),
        (#"{"Code":5}"#, "/Code wrong_type: is a number; expected a string"),
        (#"{"Locked":3}"#, "/Locked read_only_field: is read-only"),
        (#"{"Secret":"x"}"#, "/Secret unknown_field: is not a field of Item"),
        (#"{"Titel":"x"}"#, "/Titel unknown_field: is not a field of Item; did you mean «Title»?"),
        (#"{"other":null}"#, "/other relation_not_writable: is a relation to one record; set Other to its key"),
        (#"{"Count":{"increment":1}}"#, #"/Count wrong_type: is an object with «increment»; expected a number or {"$increment": number}"#),
        (
            #"{"Count":{"$increment":"x"}}"#,
            "/Count wrong_type: $increment is a string; expected a whole number between −(2^53−1) and 2^53−1"
        ),
        (#"{"Count":{"$increment":null}}"#, "/Count wrong_type: $increment cannot be incremented by null"),
        (
            #"{"Count":{"$increment":1,"x":2}}"#,
            #"/Count wrong_type: is an object with «$increment»; expected a number or {"$increment": number}"#
        ),
        (#"{"Title":{"$increment":1}}"#, "/Title wrong_type: is an object; expected a string"),
        (#"{"Low":6}"#, " check_failed: the check «lowBelowHigh» fails"),
        (#"{"High":0}"#, " check_failed: the check «lowBelowHigh» fails"),
    ])
    func `refuses a patch that breaks a rule and changes nothing`(patch: String, problem: String) async throws {
        let store = try await store()
        #expect(
            await refusal { try await store.update("Item", "a", patch: patch) } == "invalid_record: The Item breaks a rule.\n" + problem)
        #expect(try await store.read("Item", "a") == Self.item())
    }

    @Test func `names every problem of a patch at once, each once`() async throws {
        let store = try await store()
        let refused = await refusal { try await store.update("Item", "a", patch: #"{"Title":7,"Count":"x","Nope":1,"Code":"z","Low":9}"#) }
        #expect(
            refused == """
                invalid_record: The Item breaks 5 rules.
                /Title wrong_type: is a number; expected a string
                /Count wrong_type: is a string; expected a whole number between −(2^53−1) and 2^53−1
                /Nope unknown_field: is not a field of Item; did you mean «Note»?
                /Code immutable_field: is part of the key, which never changes
                 check_failed: the check «lowBelowHigh» fails
                """)
    }

    @Test func `a generated key may be repeated in a patch, not changed`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("Ticket", "{}")
        #expect(try await store.update("Ticket", "1", patch: #"{"Number":1,"Name":"x"}"#) == #"{"data":{"Number":1,"Name":"x"}}"#)
        let refused = await refusal { try await store.update("Ticket", "1", patch: #"{"Number":2}"#) }
        #expect(refused == "invalid_record: The Ticket breaks a rule.\n/Number immutable_field: is part of the key, which never changes")
    }

    /// The test cases of RFC 7396, appendix A: a stored document, a patch and the result.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        // Beyond the RFC's own: nothing stored, nulls within arrays, order of members, a scalar stored, names by their bytes.
        ("null", #"{"a":{"b":null,"c":1}}"#, #"{"a":{"c":1}}"#),
        (#"{"a":1}"#, #"{"a":[null,{"b":null}]}"#, #"{"a":[null,{"b":null}]}"#),
        (#"{"c":1,"a":2,"b":3}"#, #"{"d":4,"a":9}"#, #"{"c":1,"a":9,"b":3,"d":4}"#),
        ("5", #"{"a":1}"#, #"{"a":1}"#),
        (#"{"é":1}"#, #"{"e\u0301":2}"#, "{\"é\":1,\"e\u{301}\":2}"),
    ])
    func `merges a json field as RFC 7396 has it`(stored: String, patch: String, result: String) async throws {
        let store = try await store()
        try await store.create("Item", "{\"Code\":\"m\",\"Title\":\"M\",\"Note\":\(stored)}")
        #expect(try await store.update("Item", "m", patch: "{\"Note\":\(patch)}").contains("\"Note\":\(result),\"Locked\""))
        #expect(try await store.read("Item", "m", select: "Note") == "{\"data\":{\"Note\":\(result)}}")
    }

    @Test func `merges objects of thousands of members, by their bytes`() async throws {
        let store = try await TestStore(
            """
            N:
              key: ID
              fields: { ID: { type: integer }, J: { type: json } }
              \(TestStore.open)
            """)
        let old = (0..<20_000).map { "\"a\($0)\":1" }.joined(separator: ",")
        let new = (0..<20_000).map { "\"b\($0)\":2" }.joined(separator: ",")
        try await store.create("N", "{\"ID\":1,\"J\":{\(old),\"e\u{301}\":1}}")
        let merged = try await store.update("N", "1", patch: "{\"J\":{\(new),\"a5\":null,\"a6\":{\"x\":null,\"y\":1},\"\u{E9}\":2}}")
        #expect(merged.contains("\"a4\":1,\"a6\":{\"y\":1},\"a7\":1"))
        #expect(merged.contains("\"a19999\":1,\"e\u{301}\":1,\"b0\":2"))
        #expect(merged.hasSuffix("\"b19999\":2,\"\u{E9}\":2}}}"))
    }
}
