import SeaworthyData
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct HistoryTests {
    @Test func `every change is told with who made it, oldest last`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a","Name":"A"}"#, as: Ledger.user)
        try await store.update("Customer", "1", patch: #"{"Name":"B"}"#, now: Ledger.later)
        // What changes nothing is no change.
        try await store.update("Customer", "1", patch: #"{"Name":"B"}"#, as: Ledger.user, now: Ledger.later)
        _ = try await store.put("Customer", "1", body: #"{"Code":"b"}"#, as: Ledger.user)
        try await store.remove("Customer", "1", isPurge: false, as: Ledger.user)
        try await store.restore("Customer", "1")
        try await store.remove("Customer", "1", isPurge: true)
        #expect(
            try await store.changes("Customer", "1") == [
                #"create by u1, ID null→1, Code null→"a", Name null→"A""#, #"update, Name "A"→"B""#,
                #"update by u1, Code "a"→"b", Name "B"→null"#, "delete by u1", "restore", #"purge, ID 1→null, Code "b"→null"#,
            ])
        let first = try await store.collection("Customer").history(key: ["1"], query: [("limit", "1")])
        #expect(
            first.body.text.hasPrefix(#"{"data":[{"action":"purge","actor":null,"time":"2024-07-04T12:30:01.000000Z","requestId":null,"#))
        guard case .cursor(let cursor)? = first.next else {
            Issue.record("no cursor")
            return
        }
        let second = try await store.collection("Customer").history(key: ["1"], query: [("limit", "1"), ("cursor", cursor)])
        #expect(second.body.text.hasPrefix(#"{"data":[{"action":"restore","#))
        #expect(
            await refusal { try await store.collection("Customer").history(key: ["2"], query: [("cursor", cursor)]) }
                .hasPrefix("cursor invalid_cursor"))
    }

    @Test func `it stands in the transaction of the change`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a"}"#)
        #expect(await refusal { try await store.create("Customer", #"{"Code":"a"}"#) }.hasPrefix("unique_conflict"))
        #expect(
            await refusal { try await store.create("Order", #"{"ID":1,"lines":[{"Number":1},{"Number":1}]}"#) }.hasPrefix("unique_conflict")
        )
        #expect(try await store.count("seaworthy_audit") == 1)
        #expect(try await store.count("orders") == 0)
        try await store.run("DROP TABLE seaworthy_audit")
        #expect(await refusal { try await store.update("Customer", "1", patch: #"{"Name":"x"}"#) } == "storage.failed")
        #expect(try await store.read("Customer", "1", select: "Name") == #"{"data":{"Name":null}}"#)
    }

    @Test func `it is for those who may see it, and of fields that they see`() async throws {
        let store = try await Ledger.store()
        let admin = Caller(user: .init(id: "root"), roles: ["admin"])
        try await store.create("Customer", #"{"Code":"a","Secret":"s"}"#, as: admin)
        #expect(try await store.changes("Customer", "1") == [#"create by root, ID null→1, Code null→"a""#])
        #expect(try await store.changes("Customer", "1", as: admin) == [#"create by root, ID null→1, Code null→"a", Secret null→"s""#])
        try await store.create("Order", #"{"ID":100}"#)
        try await store.create("Order", #"{"ID":99}"#)
        #expect(try await store.changes("Order", "99") == ["create, ID null→99"])
        #expect(await refusal { try await store.changes("Order", "100") } == "forbidden: You may not see the history of this Order.")
        #expect(await refusal { try await store.changes("Order", "1") } == "record_not_found: There is no such Order.")
        // What is gone for good is judged by what it was.
        for key in ["99", "100"] { try await store.remove("Order", key, isPurge: true) }
        #expect(try await store.changes("Order", "99") == ["create, ID null→99", "purge, ID 99→null"])
        #expect(await refusal { try await store.changes("Order", "100") } == "forbidden: You may not see the history of this Order.")
    }

    @Test func `what goes along and what lets go is told too`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a"}"#)
        try await store.create("Order", #"{"ID":1,"AgentID":1,"lines":[{"Number":1},{"Number":2}],"labels":[{"ID":7}]}"#)
        try await store.remove("Customer", "1", isPurge: false, as: Ledger.user)
        #expect(try await store.changes("Order", "1").last == "update by u1, AgentID 1→null")
        #expect(
            try await store.read("Order", "1", select: "updatedBy,updatedAt")
                == #"{"data":{"updatedAt":"2024-07-04T12:30:01.000000Z","updatedBy":"u1"}}"#)
        try await store.remove("Order", "1", isPurge: false, as: Ledger.user)
        #expect(try await store.changes("Line", "1", "2") == ["create, OrderID null→1, Number null→2, Quantity null→1", "delete by u1"])
        #expect(try await store.changes("Label", "7") == ["create, ID null→7, OrderID null→1", "delete by u1, ID 7→null, OrderID 1→null"])
    }

    @Test func `what is older than it is kept goes, in as many steps as it takes`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a"}"#)
        try await store.create("Order", #"{"ID":1}"#)
        try await store.run(
            """
            INSERT INTO seaworthy_audit (entity, key, action, at, changes) SELECT 'Customer', 'x', 'update', value, '{}' FROM \
            (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 2500) SELECT value FROM n)
            """,
            onPostgres: """
                INSERT INTO seaworthy_audit (entity, key, action, at, changes) SELECT 'Customer', 'x', 'update', \
                to_timestamp(0) + value * interval '1 microsecond', '{}' FROM generate_series(1, 2500) AS value
                """)
        let retention = AuditRetention(store.records)
        #expect(retention.isNeeded)
        let days: Int64 = 86_400_000_000
        #expect(try await retention.run(now: TestStore.now) == 2500)
        #expect(try await retention.run(now: TestStore.now + 30 * days) == 0)
        #expect(try await retention.run(now: TestStore.now + 30 * days + 1) == 1)
        // Orders are kept for ever.
        #expect(try await store.rows("SELECT entity FROM seaworthy_audit") == [[.text("Order")]])
        #expect(!AuditRetention(try await TestStore(Shop.entities, preamble: Shop.preamble).records).isNeeded)
    }

    @Test(
        arguments: [
            (["limit": "0"], "limit invalid_parameter: is not a whole number between 1 and 200"),
            (["limit": "201"], "limit invalid_parameter: is not a whole number between 1 and 200"),
            (["cursor": "x"], "cursor invalid_cursor: is not a cursor of this history; take nextCursor from an answer"),
            (["page": "1"], "page unknown_parameter: is not a parameter of this route; known are limit, cursor"),
        ] as [(KeyValuePairs<String, String>, String)])
    func `a wrong parameter is refused`(_ query: KeyValuePairs<String, String>, _ problem: String) async throws {
        let store = try await Ledger.store()
        try await store.create("Order", #"{"ID":1}"#)
        #expect(
            await refusal { try await store.collection("Order").history(key: ["1"], query: query.map { ($0.key, $0.value) }) } == problem)
    }

    @Test func `each life of a key is judged by itself`() async throws {
        let store = try await TestStore(
            """
            Doc:
              key: Code
              audit: true
              fields: { Code: { type: string, max: 5 }, Secret: { type: string }, Status: { type: string, default: public } }
              access:
                anyone: { read: { Status: public }, create: true, delete: true, history: true }
                auditor: { read: true, delete: true, history: true }
            """)
        let all = Caller(user: .init(id: "a"), roles: ["auditor"])
        try await store.create("Doc", #"{"Code":"z","Secret":"TOP","Status":"private"}"#)
        try await store.delete("Doc", "z", as: all)
        #expect(await refusal { try await store.changes("Doc", "z") } == "record_not_found: There is no such Doc.")
        try await store.create("Doc", #"{"Code":"z"}"#)
        #expect(try await store.changes("Doc", "z") == [#"create, Code null→"z", Status null→"public""#])
        #expect(try await store.changes("Doc", "z", as: all).count == 3)
        try await store.delete("Doc", "z")
        try await store.create("Doc", #"{"Code":"z","Secret":"new"}"#)
        #expect(try await store.changes("Doc", "z").map { $0.prefix(6) } == ["create", "delete", "create"])
        #expect(!(try await store.changes("Doc", "z")).contains { $0.contains("TOP") })
    }

    @Test func `an earlier life that cannot be judged is not passed over`() async throws {
        let store = try await Ledger.store()
        for _ in 0..<2 {
            try await store.create("Label", #"{"ID":1}"#)
            try await store.delete("Label", "1")
        }
        try await store.run("UPDATE seaworthy_audit SET changes = '[1]' WHERE id = 2")
        await #expect(throws: StorageError.self) { try await store.changes("Label", "1") }
    }

    @Test func `deep JSON is told whole`() async throws {
        let store = try await TestStore(
            """
            Doc:
              key: ID
              audit: true
              fields: { ID: { type: integer }, J: { type: json } }
              access: { anyone: { read: true, create: true, update: true, delete: true, history: true } }
            """)
        let deep = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
        try await store.create("Doc", "{\"ID\":1,\"J\":\(deep)}")
        #expect(try await store.changes("Doc", "1") == ["create, ID null→1, J null→\(deep)"])
        try await store.delete("Doc", "1")
        #expect(try await store.changes("Doc", "1").count == 2)
    }

    @Test func `a deleted record's is for those who may see deleted records`() async throws {
        let store = try await TestStore(
            """
            Doc:
              key: ID
              audit: true
              softDelete: true
              fields: { ID: { type: integer } }
              access: { anyone: { read: true, create: true, history: true }, boss: { delete: true } }
            """)
        let boss = Caller(user: .init(id: "b"), roles: ["boss"])
        try await store.create("Doc", #"{"ID":1}"#)
        try await store.delete("Doc", "1", as: boss)
        #expect(await refusal { try await store.changes("Doc", "1") } == "record_not_found: There is no such Doc.")
        #expect(try await store.changes("Doc", "1", as: boss).count == 2)
    }

    @Test func `who made a change is told to whoever sees it in the record`() async throws {
        let store = try await TestStore(
            """
            Doc:
              key: ID
              audit: true
              timestamps: true
              fields: { ID: { type: integer } }
              access:
                anyone: { read: true, create: true, history: true, hide: [updatedBy] }
                auditor: { read: true, history: true }
            """)
        try await store.create("Doc", #"{"ID":1}"#, as: Ledger.user)
        #expect(try await store.changes("Doc", "1") == ["create, ID null→1"])
        #expect(try await store.changes("Doc", "1", as: Caller(user: .init(id: "a"), roles: ["auditor"])) == ["create by u1, ID null→1"])
    }
}
