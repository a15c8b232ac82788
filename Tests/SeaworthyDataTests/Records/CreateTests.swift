import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct CreateTests {
    static let entities = """
        Order:
          key: OrderID
          fields:
            OrderID: { type: integer, generated: true }
            Title: { type: string, required: true, min: 2, max: 5, pattern: '^[A-Z]' }
            Status: { type: enum, values: [open, shipped], default: open }
            Freight: { type: decimal, precision: 6, scale: 2, min: 0, max: 100, default: "1.5" }
            Placed: { type: timestamp, default: now }
            Day: { type: date, default: now }
            Shipped: { type: timestamp }
            Locked: { type: integer, readOnly: true, default: 3 }
            Secret: { type: string, default: hidden }
            Parent: { references: Order, as: parent }
          checks: { shippedAfterPlaced: { Shipped: { gte: $record.Placed } } }
          access: { anyone: { read: true, create: true, update: true, delete: true, hide: [Secret] } }
        """

    @Test func `fills in defaults, the time of the request among them, and makes the key`() async throws {
        let store = try await TestStore(Self.entities)
        let created = try await store.created("Order", #"{"Title":"Abc"}"#, now: TestStore.now + 123)
        let expected =
            #"{"data":{"OrderID":1,"Title":"Abc","Status":"open","Freight":"1.50","Placed":"2024-07-04T12:30:00.000123Z","#
            + #""Day":"2024-07-04","Shipped":null,"Locked":3,"Parent":null}}"#
        #expect(created.body.text == expected)
        #expect(created.keyPath == "1")
        #expect(try await store.read("Order", "1") == expected)
        #expect(try await store.rows("SELECT Secret FROM orders") == [[.text("hidden")]])
    }

    @Test func `a default gives way to what is sent, null included`() async throws {
        let store = try await TestStore(Self.entities)
        let body = try await store.create("Order", #"{"Title":"Abc","Status":null,"Freight":2,"Placed":null,"Day":"2020-01-01"}"#)
        #expect(body.contains(#""Status":null,"Freight":"2.00","Placed":null,"Day":"2020-01-01""#))
    }

    static let refused: [(String, String)] = [
        (#"{}"#, "/Title required: is missing"),
        (#"{"Title":null}"#, "/Title required: may not be null"),
        (#"{"Title":"A"}"#, "/Title too_short: has 1 characters; at least 2 are required"),
        (#"{"Title":"Abcdef"}"#, "/Title too_long: has 6 characters; at most 5 are allowed"),
        (#"{"Title":"abc"}"#, "/Title pattern_mismatch: does not match the pattern ^[A-Z]"),
        (#"{"Title":7}"#, "/Title wrong_type: is a number; expected a string"),
        (#"{"Title":"A\u0000"}"#, "/Title nul_character: contains the character U+0000, which cannot be stored"),
        (#"{"Title":"Abc","OrderID":5}"#, "/OrderID generated_field: is made by the server and cannot be set"),
        (#"{"Title":"Abc","OrderID":null}"#, "/OrderID generated_field: is made by the server and cannot be set"),
        (#"{"Title":"Abc","Locked":3}"#, "/Locked read_only_field: is read-only"),
        (#"{"Title":"Abc","Titel":"x"}"#, "/Titel unknown_field: is not a field of Order; did you mean «Title»?"),
        (#"{"Title":"Abc","zzzzzzz":1}"#, "/zzzzzzz unknown_field: is not a field of Order"),
        (#"{"Title":"Abc","a/b~c":1}"#, "/a~1b~0c unknown_field: is not a field of Order"),
        (#"{"Title":"Abc","title":"Abc"}"#, "/title unknown_field: is not a field of Order; did you mean «Title»?"),
        (#"{"Title":"Abc","Secret":"x"}"#, "/Secret unknown_field: is not a field of Order"),
        (#"{"Title":"Abc","parent":{"Title":"Up"}}"#, "/parent relation_not_writable: is a relation to one record; set Parent to its key"),
        (#"{"Title":"Abc","Status":"Open"}"#, "/Status value_not_allowed: is not an allowed value; expected one of «open», «shipped»"),
        (#"{"Title":"Abc","Freight":-0.01}"#, #"/Freight out_of_range: is less than the minimum "0.00""#),
        (#"{"Title":"Abc","Freight":100.01}"#, #"/Freight out_of_range: is more than the maximum "100.00""#),
        (#"{"Title":"Abc","Freight":1.001}"#, "/Freight out_of_range: has 3 digits after the point; at most 2 are kept"),
        (#"{"Title":"Abc","Shipped":"2024-07-04T12:29:59.999999Z"}"#, " check_failed: the check «shippedAfterPlaced» fails"),
    ]

    @Test(arguments: Self.refused)
    func `refuses a record that breaks a rule and keeps nothing`(body: String, problem: String) async throws {
        let store = try await TestStore(Self.entities)
        #expect(await refusal { try await store.create("Order", body) } == "invalid_record: The Order breaks a rule.\n" + problem)
        #expect(try await store.count("orders") == 0)
    }

    @Test(arguments: [
        #"{"Title":"Abcde"}"#, #"{"Title":"Ab"}"#, #"{"Title":"Abc","Freight":0}"#, #"{"Title":"Abc","Freight":100}"#,
        // A check fails only when it is false.
        #"{"Title":"Abc","Shipped":null}"#, #"{"Title":"Abc","Placed":null,"Shipped":"2000-01-01T00:00:00Z"}"#,
        #"{"Title":"Abc","Shipped":"2024-07-04T12:30:00Z"}"#,
    ])
    func `takes a record at the bounds of its rules`(body: String) async throws {
        let store = try await TestStore(Self.entities)
        #expect(await refusal { try await store.create("Order", body) } == "done")
        #expect(try await store.count("orders") == 1)
    }

    @Test func `names every problem at once, each once`() async throws {
        let store = try await TestStore(Self.entities)
        let body = #"{"Titel":1,"OrderID":1,"Status":"x","Shipped":"soon","Freight":"x"}"#
        let expected = """
            invalid_record: The Order breaks 6 rules.
            /Titel unknown_field: is not a field of Order; did you mean «Title»?
            /OrderID generated_field: is made by the server and cannot be set
            /Status value_not_allowed: is not an allowed value; expected one of «open», «shipped»
            /Shipped invalid_format: is not a timestamp; expected a time as RFC 3339 has it, at most microseconds, like 2024-07-04T12:30:00.000000Z
            /Freight invalid_format: is not a decimal number; expected a string with a decimal number of at most 6 digits, 2 of them after the point
            /Title required: is missing
            """
        #expect(await refusal { try await store.create("Order", body) } == expected)
    }

    @Test(arguments: [("[]", "an array"), ("null", "null"), ("1", "a number"), (#""x""#, "a string"), ("true", "a boolean")])
    func `refuses what is no object`(body: String, kind: String) async throws {
        let store = try await TestStore(Self.entities)
        let expected = "invalid_record: The Order breaks a rule.\n wrong_type: is \(kind); expected an object"
        #expect(await refusal { try await store.create("Order", body) } == expected)
        try await store.create("Order", #"{"Title":"Abc"}"#)
        #expect(await refusal { try await store.update("Order", "1", patch: body) } == expected)
    }
}
