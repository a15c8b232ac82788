import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct KeyTests {
    static let entities = """
        Country:
          key: Code
          fields:
            Code: { type: string }
            Name: { type: string }
          \(TestStore.open)
        Day:
          key: Date
          fields: { Date: { type: date } }
          \(TestStore.open)
        Ticket:
          key: Number
          fields:
            Number: { type: bigint, generated: true }
            Name: { type: string }
          \(TestStore.open)
        Note:
          fields: { Body: { type: text } }
          \(TestStore.open)
        Line:
          key: [Order, Name]
          fields:
            Order: { type: integer }
            Name: { type: string }
            Quantity: { type: integer }
          \(TestStore.open)
        """

    @Test func `no key is made that was given, also at the same time`() async throws {
        let store = try await TestStore(Self.entities)
        let tickets = try store.collection("Ticket")
        let made = try await withThrowingTaskGroup(of: String?.self) { group in
            for task in 1...60 {
                group.addTask {
                    if task.isMultiple(of: 2) { return try await store.created("Ticket", #"{"Name":"made"}"#).keyPath }
                    let body = JSONValue.object(["Name": .string("given")])
                    _ = try await tickets.put(key: [String(task)], body, WriteRequest(now: TestStore.now))
                    return nil
                }
            }
            return try await group.reduce(into: [String]()) { keys, key in key.map { keys.append($0) } }
        }
        #expect(Set(made).count == 30)
        // A record that was made may be replaced by one that is put in its place, and by nothing else.
        let given = try await store.rows("SELECT Number FROM tickets WHERE Name = 'given' ORDER BY Number").compactMap { $0[0].integer }
        #expect(given == (1...59).filter { !$0.isMultiple(of: 2) })
        let next = try await store.created("Ticket", "{}").keyPath
        #expect((Int(next) ?? 0) > max(59, made.compactMap { Int($0) }.max() ?? 0))
    }

    @Test func `a given key of a refused record does no harm, and a smaller one moves nothing back`() async throws {
        let store = try await TestStore(Self.entities)
        let tickets = try store.collection("Ticket")
        let request = WriteRequest(now: TestStore.now)
        _ = try await tickets.put(key: ["40"], .object([:]), request)
        _ = try await tickets.put(key: ["7"], .object([:]), request)
        #expect(try await store.created("Ticket", "{}").keyPath == "41")
        #expect(try await store.importing("Ticket", TextSource("Number,Name\n50,a\n,b\n45,c\n,d\n")) == "4 imported, 0 bad")
        #expect(
            try await store.rows("SELECT Number, Name FROM tickets WHERE Number > 41 ORDER BY Number") == [
                [.integer(45), .text("c")], [.integer(50), .text("a")], [.integer(51), .text("b")], [.integer(52), .text("d")],
            ])
        try await store.delete("Ticket", "52")
        #expect(try await store.created("Ticket", "{}").keyPath == "53")
    }

    @Test func `a natural key is given, and percent-encoded in the path`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.created("Country", #"{"Code":"a/b, Ü-._~","Name":"x"}"#).keyPath == "a%2Fb%2C%20%C3%9C-._~")
        #expect(try await store.read("Country", "a/b, Ü-._~") == #"{"data":{"Code":"a/b, Ü-._~","Name":"x"}}"#)
        let missing = await refusal { try await store.create("Country", #"{"Name":"x"}"#) }
        #expect(missing == "invalid_record: The Country breaks a rule.\n/Code required: is missing")
    }

    @Test func `keys are told apart by their bytes, not by canonical equivalence`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("Country", #"{"Code":"\u00e9","Name":"composed"}"#)
        try await store.create("Country", #"{"Code":"e\u0301","Name":"decomposed"}"#)
        #expect(try await store.read("Country", "\u{E9}", select: "Name") == #"{"data":{"Name":"composed"}}"#)
        #expect(try await store.read("Country", "e\u{301}", select: "Name") == #"{"data":{"Name":"decomposed"}}"#)
    }

    @Test(arguments: ["query", "aggregate", "import", ".", "..", ""])
    func `a key that has a meaning in the path is refused`(key: String) async throws {
        let store = try await TestStore(Self.entities)
        let expected =
            "invalid_record: The Country breaks a rule.\n/Code reserved_key: cannot be a key, because it has a meaning in the path"
        #expect(await refusal { try await store.create("Country", "{\"Code\":\"\(key)\"}") } == expected)
        #expect(try await store.count("countries") == 0)
    }

    @Test(arguments: ["Query", "...", " ", "imports"])
    func `a key that only resembles a word of the path is taken`(key: String) async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.create("Country", "{\"Code\":\"\(key)\"}") == "{\"data\":{\"Code\":\"\(key)\",\"Name\":null}}")
    }

    @Test func `words of the path may be parts of a composite key`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.created("Line", #"{"Order":1,"Name":"query"}"#).keyPath == "1,query")
    }

    @Test func `generated keys count up and are never used again`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.create("Ticket", "{}") == #"{"data":{"Number":"1","Name":null}}"#)
        #expect(try await store.created("Ticket", "{}").keyPath == "2")
        try await store.delete("Ticket", "2")
        #expect(try await store.created("Ticket", "{}").keyPath == "3")
    }

    @Test func `a UUID key is of version 7, of the request's millisecond, and each its own`() async throws {
        let store = try await TestStore(Self.entities)
        var keys: Set<String> = []
        for _ in 0..<200 {
            let created = try await store.created("Note", #"{"Body":"b"}"#, now: 1_720_096_200_123_999)
            let key = created.keyPath
            #expect(created.body.text == "{\"data\":{\"id\":\"\(key)\",\"Body\":\"b\"}}")
            #expect(key.prefix(13) == Self.prefix(of: 1_720_096_200_123))
            let parts = key.split(separator: "-")
            #expect(parts.map(\.utf8.count) == [8, 4, 4, 4, 12])
            #expect(parts[2].first == "7")
            #expect(["8", "9", "a", "b"].contains(parts[3].first))
            keys.insert(key)
        }
        #expect(keys.count == 200)
        #expect(Set(keys.map { $0.dropFirst(19).prefix(1) }).count > 1, "the variant's free bits are random")
    }

    private static func prefix(of milliseconds: Int64) -> String {
        let digits = String(milliseconds, radix: 16)
        let padded = String(repeating: "0", count: 12 - digits.count) + digits
        return padded.prefix(8) + "-" + padded.suffix(4)
    }

    @Test func `UUID keys of later milliseconds sort later`() async throws {
        let store = try await TestStore(Self.entities)
        var keys: [String] = []
        for step in [0, 1, 2, 255, 256, 65_536, 100_000_000] {
            keys.append(try await store.created("Note", "{}", now: TestStore.now + Int64(step) * 1000).keyPath)
        }
        #expect(keys == keys.sorted())
    }

    @Test func `a UUID in the path may be in upper case`() async throws {
        let store = try await TestStore(Self.entities)
        let key = try await store.created("Note", "{}").keyPath
        #expect(try await store.read("Note", key.uppercased()) == "{\"data\":{\"id\":\"\(key)\",\"Body\":null}}")
    }

    @Test func `a composite key takes its parts in order`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.created("Line", #"{"Name":"a,b","Order":-7,"Quantity":1}"#).keyPath == "-7,a%2Cb")
        #expect(try await store.read("Line", "-7", "a,b") == #"{"data":{"Order":-7,"Name":"a,b","Quantity":1}}"#)
        #expect(
            try await store.update("Line", "-7", "a,b", patch: #"{"Quantity":2}"#) == #"{"data":{"Order":-7,"Name":"a,b","Quantity":2}}"#)
        try await store.create("Line", #"{"Order":-7,"Name":"c"}"#)
        try await store.delete("Line", "-7", "a,b")
        #expect(try await store.list("Line", ["select": "Name"]).hasPrefix(#"{"data":[{"Name":"c"}]"#))
    }

    @Test(
        arguments: [
            (["1"], "The key of Line has 2 part(s): Order,Name."), (["1", "a", "b"], "The key of Line has 2 part(s): Order,Name."),
            ([], "The key of Line has 2 part(s): Order,Name."), (["x", "a"], "The key part Order is not a whole number."),
        ] as [([String], String)])
    func `a key of the wrong form is refused by every operation`(key: [String], detail: String) async throws {
        let lines = try await TestStore(Self.entities).collection("Line")
        #expect(await refusal { try await lines.read(key: key, query: []) } == "invalid_key: \(detail)")
        #expect(await refusal { try await lines.update(key: key, [:], WriteRequest(now: 0)) } == "invalid_key: \(detail)")
        #expect(await refusal { try await lines.delete(key: key, WriteRequest(now: 0)) } == "invalid_key: \(detail)")
    }

    @Test func `a key that nothing has is not found by any operation`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("Line", #"{"Order":1,"Name":"a"}"#)
        #expect(await refusal { try await store.read("Line", "1", "b") } == "record_not_found: There is no such Line.")
        #expect(await refusal { try await store.update("Line", "1", "b", patch: "{}") } == "record_not_found: There is no such Line.")
        #expect(await refusal { try await store.delete("Line", "2", "a") } == "record_not_found: There is no such Line.")
        #expect(await refusal { try await store.read("Day", "2024-02-30") }.hasPrefix("invalid_key: The key part Date is not a date"))
        #expect(
            await refusal { try await store.read("Country", "a\0") }.hasPrefix(
                "invalid_key: The key part Code contains the character U+0000"))
        #expect(try await store.count("lines") == 1)
    }
}
