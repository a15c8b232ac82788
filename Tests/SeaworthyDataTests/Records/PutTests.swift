import Foundation
import SeaworthyData
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct PutTests {
    @Test func `makes a record with the key of its path, or replaces the one there`() async throws {
        let store = try await Ledger.store()
        let made = try await store.put("Customer", "50", body: #"{"Name":"A"}"#, as: Ledger.user)
        #expect(made.isNew)
        #expect(made.keyPath == "50")
        #expect(made.body.text.hasPrefix(#"{"data":{"ID":50,"Code":null,"Name":"A","createdAt":"2024-07-04T12:30:00.000000Z","#))
        let replaced = try await store.put("Customer", "50", body: #"{"ID":50,"Code":"c"}"#, now: Ledger.later)
        #expect(!replaced.isNew)
        #expect(
            replaced.body.text
                == #"{"data":{"ID":50,"Code":"c","Name":null,"createdAt":"2024-07-04T12:30:00.000000Z","updatedAt":"2024-07-04T12:30:01.000000Z","#
                + #""createdBy":"u1","updatedBy":null,"deletedAt":null,"deletedBy":null}}"#)
        // The sequence moves past a key that was given, and no key is given twice.
        #expect(try await store.create("Customer", "{}").contains(#""ID":51"#))
        try await store.remove("Customer", "51", isPurge: true)
        #expect(try await store.create("Customer", "{}").contains(#""ID":52"#))
    }

    @Test func `server-managed fields may be sent back as they are, hidden ones keep their value`() async throws {
        let store = try await Ledger.store()
        let admin = Caller(user: .init(id: "root"), roles: ["admin"])
        let made = try await store.create("Customer", #"{"Code":"a","Secret":"s"}"#, as: admin)
        guard case .object(let answer) = try JSONParser.parse(made), case .object(var record)? = answer["data"] else { return }
        record.members.removeAll { $0.name == "Secret" }
        let same = try await store.put("Customer", "1", body: JSONValue.object(record).compactText)
        #expect(same.body.text.contains(#""updatedBy":"root""#))
        #expect(try await store.rows("SELECT Secret FROM customers") == [[.text("s")]])
        _ = try await store.put("Customer", "1", body: #"{"Name":"B"}"#)
        #expect(try await store.rows("SELECT Secret, Code FROM customers") == [[.text("s"), .null]])
        for (body, problem) in [
            (#"{"createdAt":"2020-01-01T00:00:00Z"}"#, "/createdAt read_only_field: is read-only; send the stored value or none"),
            (#"{"ID":2}"#, "/ID immutable_field: is part of the key, which never changes"),
            (#"{"Secret":"x"}"#, "/Secret unknown_field: is not a field of Customer"),
            (
                #"{"orders":[]}"#,
                "/orders relation_not_writable: is a relation to many records, which are made along with a new record only"
            ),
        ] {
            #expect(
                await refusal { try await store.put("Customer", "1", body: body) } == "invalid_record: The Customer breaks a rule.\n"
                    + problem)
        }
    }

    @Test func `required fields are required, defaults come back`() async throws {
        let store = try await TestStore(
            """
            A:
              key: ID
              fields:
                ID: { type: string, max: 5 }
                N: { type: integer, required: true }
                D: { type: integer, default: 7 }
              \(TestStore.open)
            """)
        #expect(try await store.put("A", "x", body: #"{"N":1,"D":2}"#).body.text == #"{"data":{"ID":"x","N":1,"D":2}}"#)
        #expect(try await store.put("A", "x", body: #"{"N":1}"#).body.text == #"{"data":{"ID":"x","N":1,"D":7}}"#)
        #expect(
            await refusal { try await store.put("A", "x", body: "{}") } == "invalid_record: The A breaks a rule.\n/N required: is missing")
        #expect(await refusal { try await store.put("A", "toolong", body: #"{"N":1}"#) }.contains("/ID too_long"))
        #expect(await refusal { try await store.put("A", "y", body: "[]") }.contains("wrong_type: is an array; expected an object"))
        #expect(await refusal { try await store.put("A", "query", body: #"{"N":1}"#) }.contains("/ID reserved_key"))
    }

    @Test func `a given key leaves room for the server's own`() async throws {
        let store = try await Ledger.store()
        let refused = await refusal { try await store.put("Customer", "4503599627370497", body: "{}") }
        #expect(
            refused
                == "invalid_record: The Customer breaks a rule.\n/ID out_of_range: leaves too few keys behind it that the server could make"
        )
        #expect(try await store.put("Customer", "4503599627370496", body: "{}").isNew)
        #expect(try await store.create("Customer", "{}").contains(#""ID":4503599627370497"#))
    }

    @Test func `needs the right to create or to update, as the case may be`() async throws {
        let store = try await TestStore(
            """
            A:
              key: ID
              fields: { ID: { type: integer }, N: { type: integer } }
              access:
                anyone: { read: true }
                maker: { create: true }
                editor: { update: { N: { lt: 10 } } }
            """)
        let maker = Caller(user: .init(id: "m"), roles: ["maker"])
        let editor = Caller(user: .init(id: "e"), roles: ["editor"])
        #expect(await refusal { try await store.put("A", "1", body: "{}") } == "forbidden: You may not update this A.")
        #expect(await refusal { try await store.put("A", "1", body: "{}", as: editor) } == "record_not_found: There is no such A.")
        #expect(try await store.put("A", "1", body: #"{"N":1}"#, as: maker).isNew)
        #expect(await refusal { try await store.put("A", "1", body: "{}", as: maker) } == "forbidden: You may not update this A.")
        #expect(await refusal { try await store.put("A", "1", body: #"{"N":5}"#, as: editor) } == "done")
        #expect(await refusal { try await store.put("A", "1", body: #"{"N":50}"#, as: editor) } == "forbidden: You may not update this A.")
    }
}

@Suite struct ConditionTests {
    private func tag(_ store: TestStore, _ key: String = "1", as caller: Caller = .anonymous) async throws -> String {
        try #require(try await store.collection("Customer").read(key: [key], query: [], as: caller).tags.first)
    }

    @Test func `a tag changes with the stored record, also with what the caller does not see`() async throws {
        let store = try await Ledger.store()
        let made = try await store.created("Customer", #"{"Code":"a"}"#)
        let first = try await tag(store)
        #expect(made.tags == [first])
        #expect(try await tag(store) == first)
        let changed = try await store.collection("Customer").update(key: ["1"], ["Name": "B"], WriteRequest(now: TestStore.now))
        #expect(changed.tags.first != first)
        #expect(try await tag(store) == changed.tags.first)
        try await store.run("UPDATE customers SET Secret = 'x'")
        #expect(try await tag(store) != changed.tags.first)
        // Callers who see other fields have other representations.
        #expect(try await tag(store, as: Caller(user: .init(id: "r"), roles: ["admin"])) != tag(store))
        #expect(try await store.collection("Customer").read(key: ["1"], query: [("select", "Code")]).tags.isEmpty)
        #expect(try await store.collection("Customer").read(key: ["1"], query: [("include", "orders")]).tags.isEmpty)
    }

    @Test func `a write goes on only when its condition holds, and leaves all as it is otherwise`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a"}"#)
        let current = try await tag(store)
        let customers = try store.collection("Customer")
        let request = WriteRequest(now: Ledger.later)
        let failed =
            "precondition_failed: The Customer is not the one that If-Match or If-None-Match names: it has changed, or is there already."
        let stale = RecordCondition(ifMatch: { $0 == "stale" })
        let fresh = RecordCondition(ifMatch: { $0 == current })
        let isNew = RecordCondition(ifNoneMatch: { _ in true })
        #expect(await refusal { try await customers.update(key: ["1"], ["Name": "B"], request, if: stale) } == failed)
        #expect(await refusal { try await customers.put(key: ["1"], ["Name": "B"], request, if: stale) } == failed)
        #expect(await refusal { try await customers.delete(key: ["1"], request, if: stale) } == failed)
        #expect(await refusal { try await customers.put(key: ["1"], ["Name": "B"], request, if: isNew) } == failed)
        #expect(await refusal { try await customers.put(key: ["9"], ["Name": "B"], request, if: fresh) } == failed)
        #expect(try await tag(store) == current)
        #expect(try await store.count("customers") == 1)
        #expect(await refusal { try await customers.update(key: ["1"], ["Name": "B"], request, if: fresh) } == "done")
        #expect(await refusal { try await customers.update(key: ["1"], ["Name": "C"], request, if: fresh) } == failed)
        #expect(await refusal { try await customers.put(key: ["9"], ["Name": "B"], request, if: isNew) } == "done")
        let next = try await tag(store)
        #expect(await refusal { try await customers.delete(key: ["1"], request, if: RecordCondition(ifMatch: { $0 == next })) } == "done")
        #expect(await refusal { try await customers.restore(key: ["1"], request, if: stale) } == failed)
    }

    @Test func `tags of an earlier secret key are known, the first key's are given`() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-\(UUID().uuidString).db").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let old = try await TestStore(Ledger.entities, at: .file(path))
        try await old.create("Customer", #"{"Code":"a"}"#)
        let before = try await tag(old)
        await old.database.close()
        let new = try await TestStore(
            Ledger.entities, at: .file(path), secretKeys: [Array(repeating: 9, count: 32)] + TestStore.secretKeys)
        #expect(try await tag(new) != before)
        let condition = RecordCondition(ifMatch: { $0 == before })
        #expect(
            await refusal { try await new.collection("Customer").update(key: ["1"], ["Name": "B"], WriteRequest(now: 0), if: condition) }
                == "done")
        await new.database.close()
    }
}

@Suite struct IncrementTests {
    private static let entities = """
        A:
          key: ID
          fields:
            ID: { type: integer }
            I: { type: integer, max: 100 }
            B: { type: bigint }
            D: { type: decimal, precision: 5, scale: 2 }
            F: { type: double }
          \(TestStore.open)
        """

    @Test(arguments: [
        (#"{"I":{"$increment":5}}"#, #""I":15,"B":"9223372036854775800","D":"1.50","F":0.5"#),
        (#"{"I":{"$increment":-11},"D":{"$increment":"-2.25"}}"#, #""I":-1,"B":"9223372036854775800","D":"-0.75","F":0.5"#),
        (#"{"B":{"$increment":"7"},"F":{"$increment":0.25}}"#, #""I":10,"B":"9223372036854775807","D":"1.50","F":0.75"#),
    ])
    func `adds to a number what the patch says`(_ patch: String, _ expected: String) async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("A", #"{"ID":1,"I":10,"B":"9223372036854775800","D":"1.5","F":0.5}"#)
        #expect(try await store.update("A", "1", patch: patch) == #"{"data":{"ID":1,"# + expected + "}}")
    }

    @Test(arguments: [
        (#"{"I":{"$increment":91}}"#, "/I out_of_range: is more than the maximum 100"),
        (#"{"B":{"$increment":"8"}}"#, "/B out_of_range: $increment would leave the range of its type"),
        (#"{"D":{"$increment":"998.5"}}"#, "/D out_of_range"),
        (#"{"D":{"$increment":"0.001"}}"#, "/D out_of_range: $increment has 3 digits"),
        (#"{"F":{"$increment":1e308}}"#, "done"), (#"{"I":{"$increment":0.5}}"#, "/I wrong_type: $increment"),
        (#"{"ID":{"$increment":1}}"#, "/ID immutable_field"), (#"{"N":{"$increment":1}}"#, "/N unknown_field"),
    ])
    func `stays within the field`(_ patch: String, _ problem: String) async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("A", #"{"ID":1,"I":10,"B":"9223372036854775800","D":"1.5","F":0.5}"#)
        let refused = await refusal { try await store.update("A", "1", patch: patch) }
        #expect(refused.contains(problem), "\(refused)")
    }

    @Test func `adds to nothing`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("A", #"{"ID":1}"#)
        #expect(
            await refusal { try await store.update("A", "1", patch: #"{"I":{"$increment":1}}"#) }.contains(
                "/I wrong_type: is null, which cannot be incremented"))
    }

    @Test func `loses no addition of many at once`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("A", #"{"ID":1,"I":0}"#)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await store.update("A", "1", patch: #"{"I":{"$increment":2}}"#) } }
            try await group.waitForAll()
        }
        #expect(try await store.rows("SELECT I FROM \"as\"") == [[.integer(100)]])
    }
}
