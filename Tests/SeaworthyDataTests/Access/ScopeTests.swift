import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `Scopes of a key` {
    private static let entities = """
        Order:
          key: id
          softDelete: true
          audit: true
          fields:
            id: { type: integer }
            total: { type: integer }
            note: { type: string }
            buyerId: { references: Person, as: buyer, inverse: orders, index: true }
          access:
            anyone: { read: true }
            clerk: { read: true, create: true, update: true, hide: [note] }
            boss: { read: true, create: true, update: true, delete: true, restore: true, purge: true, history: true }
        Person:
          key: id
          fields: { id: { type: integer }, name: { type: string } }
          access:
            clerk: { read: true }
            boss: { read: true, create: true, update: true, delete: true }
        """

    private static func caller(_ roles: Set<String>, _ scopes: [String]?) -> Caller {
        var caller = Caller(user: .init(id: "u"), roles: roles)
        caller.scopes = scopes.map { Set($0.compactMap(AccessScope.init)) }
        return caller
    }

    private static func store() async throws -> TestStore {
        let store = try await TestStore(entities)
        let admin = caller(["admin"], nil)
        try await store.create("Person", #"{"id":1,"name":"Ann"}"#, as: admin)
        try await store.create("Person", #"{"id":2,"name":"Bob"}"#, as: admin)
        for id in 1...3 { try await store.create("Order", #"{"id":\#(id),"total":5,"note":"n","buyerId":1}"#, as: admin) }
        return store
    }

    @Test(
        arguments: [
            ("*", "*"), ("Order:read", "Order:read"), ("*:history", "*:history"), ("Order:write", "Order:write"),
            ("Order:purge", "Order:purge"),
            ("", nil), (":", nil), ("Order", nil), ("Order:", nil), (":read", nil), ("Order:*", nil), ("Order:Read", nil),
            ("Order:create", nil),
            ("Order:read:read", nil), (" *", nil), ("**", nil),
        ] as [(String, String?)])
    func `are read and written`(_ text: String, _ result: String?) {
        #expect(AccessScope(text)?.text == result)
    }

    @Test func `bound what every role gives, and give nothing`() async throws {
        let store = try await Self.store()
        let choices = [
            "*", "*:read", "*:write", "*:purge", "*:history", "Order:read", "Order:write", "Order:purge", "Order:history", "Person:read",
            "Person:write", "Gone:read",
        ]
        let actions: [RecordCollection.Operation: String] = [
            .read: "read", .create: "write", .update: "write", .delete: "write", .restore: "write", .purge: "purge", .history: "history",
        ]
        let lists = [[]] + choices.map { [$0] } + choices.flatMap { first in choices.map { [first, $0] } }
        var count = 0
        for name in ["Order", "Person"] {
            let collection = try store.collection(name)
            for roles in [[], ["clerk"], ["boss"], ["clerk", "boss"], ["admin"], ["admin", "clerk"]] as [Set<String>] {
                for scopes in lists {
                    func isNamed(_ action: String) -> Bool {
                        scopes.contains("*") || scopes.contains("*:\(action)") || scopes.contains("\(name):\(action)")
                    }
                    for operation in RecordCollection.Operation.allCases {
                        let owns = collection.allows(operation, to: Self.caller(roles, nil))
                        let takesReading = operation != .read && operation != .create
                        let expected = owns && isNamed(actions[operation] ?? "") && (!takesReading || isNamed("read"))
                        let allowed = collection.allows(operation, to: Self.caller(roles, scopes))
                        #expect(allowed == expected, "\(operation) \(name) by \(roles) with \(scopes)")
                        count += allowed ? 1 : 0
                    }
                }
            }
        }
        #expect(count > 500)
    }

    @Test(arguments: ["admin", "boss"]) func `hold for every request`(_ role: String) async throws {
        let store = try await Self.store()
        func by(_ scopes: String...) -> Caller { Self.caller([role], scopes) }
        let read = by("Order:read")
        #expect(try await store.list("Order", ["select": "id"], as: read).contains(#"{"id":3}"#))
        #expect(try await store.read("Order", "1", as: read).contains(#""note":"n""#))
        for refused in [
            await refusal { try await store.create("Order", #"{"id":4}"#, as: read) },
            await refusal { try await store.update("Order", "1", patch: #"{"total":6}"#, as: read) },
            await refusal { try await store.delete("Order", "1", as: read) },
            await refusal { try await store.collection("Order").history(key: ["1"], query: [], as: read) },
            await refusal { try await store.collection("Order").delete(key: ["1"], WriteRequest(read, now: 0), isPurge: true) },
            await refusal { try await store.collection("Order").restore(key: ["1"], WriteRequest(read, now: 0)) },
            await refusal { try await store.list("Order", ["deleted": "include"], as: read) },
            await refusal { try await store.list("Person", as: read) },
            await refusal { try await store.list("Order", as: by("Person:read")) },
            await refusal { try await store.read("Order", "1", as: by("Order:write", "Order:purge", "Order:history")) },
            await refusal { try await store.update("Order", "1", patch: #"{"total":6}"#, as: by("Order:write")) },
            await refusal { try await store.list("Order", as: by()) },
        ] { #expect(refused.hasPrefix("forbidden: "), "\(refused)") }
        // What is related and out of scope is not there at all.
        for query in [["include": "buyer"], ["select": "id,buyer.name"], ["filter": #"{"buyer.name":"Ann"}"#], ["sort": "buyer.name"]] {
            let items = query.map { ($0.key, $0.value) }
            let refused = await refusal { try await store.collection("Order").list(query: items, as: read) }
            #expect(refused != "done" && !refused.hasPrefix("forbidden"), "\(query): \(refused)")
            await #expect(refusal { try await store.collection("Order").list(query: items, as: by("*:read")) } == "done", "\(query)")
        }
        let written = try await store.create("Order", #"{"id":4,"total":1}"#, as: by("Order:write"))
        #expect(!written.contains("total"))
        let both = by("Order:read", "Order:write")
        #expect(try await store.update("Order", "4", patch: #"{"total":6}"#, as: both).contains(#""total":6"#))
        try await store.delete("Order", "4", as: both)
        await #expect(refusal { try await store.list("Order", ["deleted": "include"], as: both) } == "done")
        // One caller is not taken for another: the same person in a session may do everything.
        await #expect(refusal { try await store.update("Order", "1", patch: #"{"total":6}"#, as: Self.caller([role], nil)) } == "done")
        await #expect(
            refusal { try await store.update("Order", "1", patch: #"{"total":6}"#, as: read) }
                == "forbidden: You may not update this Order.")
    }

    @Test func `leave rows and fields as narrow as the role has them`() async throws {
        let store = try await Self.store()
        let clerk = Self.caller(["clerk"], ["*"])
        // The clerk's role hides it, and anyone's, which also holds, does not.
        #expect(try await store.read("Order", "1", as: clerk).contains("note"))
        await #expect(refusal { try await store.update("Order", "1", patch: #"{"note":"x"}"#, as: clerk) } != "done")
        await #expect(refusal { try await store.delete("Order", "1", as: clerk) } == "forbidden: You may not delete this Order.")
        await #expect(
            refusal { try await store.create("Person", #"{"id":3}"#, as: clerk) } == "forbidden: You may not create this Person.")
    }

    @Test func `hold in a batch, which is done as a whole or not at all`() async throws {
        let store = try await Self.store()
        let key = Self.caller(["admin"], ["Order:read", "Order:write"])
        func batch(_ last: String) async -> String {
            await refusal {
                do {
                    let operations = [
                        BatchOperation(try store.collection("Order"), .create, body: ["id": 8, "total": 1]),
                        BatchOperation(try store.collection(last), .create, body: ["id": 9]),
                    ]
                    _ = try await store.records.batch(operations, WriteRequest(key, now: TestStore.now))
                } catch let error as BatchError {
                    throw error.underlying
                }
            }
        }
        await #expect(batch("Person") == "forbidden: You may not create Person: none of your roles may, or your key is not for it.")
        #expect(try await store.count("orders") == 3)
        await #expect(batch("Order") == "done")
    }

    @Test func `belong to a cursor`() async throws {
        let store = try await Self.store()
        let (session, key) = (Self.caller(["boss"], nil), Self.caller(["boss"], ["Order:read"]))
        func next(_ caller: Caller) async throws -> String {
            guard case .cursor(let cursor)? = try await store.page("Order", ["limit": "1"], as: caller).next else { return "none" }
            return cursor
        }
        let cursors = [try await next(session), try await next(key)]
        await #expect(refusal { try await store.list("Order", ["limit": "1", "cursor": cursors[0]], as: session) } == "done")
        await #expect(refusal { try await store.list("Order", ["limit": "1", "cursor": cursors[1]], as: key) } == "done")
        await #expect(refusal { try await store.list("Order", ["limit": "1", "cursor": cursors[0]], as: key) } != "done")
        await #expect(refusal { try await store.list("Order", ["limit": "1", "cursor": cursors[1]], as: session) } != "done")
    }
}
