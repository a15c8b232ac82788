import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct BatchTests {
    private func run(_ store: TestStore, _ operations: [(String, BatchOperation.Action, String?)], as caller: Caller = .anonymous)
        async throws -> [String]
    {
        let batch = try operations.map { entity, action, body in
            BatchOperation(try store.collection(entity), action, body: try body.map { try JSONParser.parse($0) })
        }
        return try await store.records.batch(batch, WriteRequest(caller, now: TestStore.now)).map { result in
            "\(result.isNew ? "new " : "")\(result.record?.body.text ?? "nothing")"
        }
    }

    private func failure(_ store: TestStore, _ operations: [(String, BatchOperation.Action, String?)]) async -> String {
        do {
            _ = try await run(store, operations)
            return "done"
        } catch let error as BatchError {
            return "\(error.index) " + (await refusal { throw error.underlying })
        } catch {
            return "\(error)"
        }
    }

    @Test func `operations see what those before them did, and use their results`() async throws {
        let store = try await Ledger.store()
        let results = try await run(
            store,
            [
                ("Customer", .create, #"{"Code":"a"}"#),
                ("Order", .create, #"{"ID":5,"CustomerID":{"$ref":"0.data.ID"},"lines":[{"Number":1},{"Number":2,"Quantity":7}]}"#),
                ("Line", .update(key: ["5", "1"]), #"{"Quantity":{"$ref":"1.data.lines.1.Quantity"}}"#),
                ("Line", .read(key: ["5", "1"]), nil),
                ("Order", .delete(key: ["5"], isPurge: false), nil), ("Order", .restore(key: ["5"]), nil),
                ("Customer", .put(key: ["1"]), #"{"Name":{"$ref":"0.data.Code"}}"#),
            ])
        #expect(results[0].hasPrefix(#"new {"data":{"ID":1,"Code":"a","Name":null"#))
        #expect(results[1].hasPrefix(#"new {"data":{"ID":5,"CustomerID":1,"#))
        #expect(results[3].hasPrefix(#"{"data":{"OrderID":5,"Number":1,"Quantity":7,"#))
        #expect(results[4] == "nothing")
        #expect(results[6].contains(#""Code":null,"Name":"a""#))
        #expect(try await store.list("Order", ["select": "ID,lines.Number"]).hasPrefix(#"{"data":[{"ID":5,"lines":[]}]"#))
    }

    @Test(arguments: [
        (
            #"{"CustomerID":{"$ref":"1.data.ID"}}"#,
            "/CustomerID/$ref reference_not_found: «1.data.ID» refers to an operation that is not done before this one"
        ),
        (#"{"CustomerID":{"$ref":"0.data.Nope"}}"#, "/CustomerID/$ref reference_not_found: «0.data.Nope»: there is no «Nope»"),
        (#"{"CustomerID":{"$ref":"0.data.ID.x"}}"#, "/CustomerID/$ref reference_not_found: «0.data.ID.x»: nothing is below «x»"),
        (
            #"{"CustomerID":{"$ref":"x"}}"#,
            "/CustomerID/$ref reference_not_found: «x» does not begin with the number of an operation, counted from 0"
        ),
        (#"{"CustomerID":{"$ref":0}}"#, #"/CustomerID/$ref reference_not_found: is a number; expected a text like "0.data.id""#),
        (#"{"lines":[{"Number":{"$ref":"0.data.0"}}]}"#, "/lines/0/Number/$ref reference_not_found: «0.data.0»: there is no «0»"),
    ])
    func `a reference that leads nowhere is refused`(_ body: String, _ problem: String) async throws {
        let store = try await Ledger.store()
        let refused = await failure(store, [("Customer", .create, "{}"), ("Order", .create, body)])
        #expect(refused == "1 invalid_record: The body refers to what no earlier operation gave.\n" + problem)
        #expect(try await store.count("customers") == 0)
    }

    @Test func `the first failure undoes all, history included, and names itself`() async throws {
        let store = try await Ledger.store()
        let refused = await failure(
            store,
            [
                ("Customer", .create, #"{"Code":"a"}"#), ("Customer", .create, #"{"Code":"b"}"#), ("Customer", .create, #"{"Code":"a"}"#),
                ("Customer", .create, "[]"),
            ])
        #expect(refused == "2 unique_conflict: Another Customer has the same Code.\n/Code unique_conflict: is taken already")
        #expect(try await store.count("customers") == 0)
        #expect(try await store.count("seaworthy_audit") == 0)
        #expect(
            await failure(store, [("Order", .delete(key: ["1"], isPurge: false), nil)]) == "0 record_not_found: There is no such Order.")
        #expect(await failure(store, [("Order", .read(key: ["x"]), nil)]).hasPrefix("0 invalid_key"))
    }

    @Test func `an operation's condition holds, or nothing is done`() async throws {
        let store = try await Ledger.store()
        let tag = try #require(try await store.created("Customer", #"{"Code":"a"}"#).tags.first)
        let customers = try store.collection("Customer")
        func batch(_ tag: String) async -> String {
            do {
                let operations = [
                    BatchOperation(customers, .create, body: ["Code": "b"]),
                    BatchOperation(customers, .update(key: ["1"]), body: ["Name": "x"], if: RecordCondition(ifMatch: { $0 == tag })),
                ]
                return "\(try await store.records.batch(operations, WriteRequest(now: 0)).count)"
            } catch let error as BatchError {
                return "\(error.index) \((error.underlying as? RecordError)?.code.rawValue ?? "?")"
            } catch {
                return "\(error)"
            }
        }
        #expect(await batch("stale") == "1 precondition_failed")
        #expect(try await store.count("customers") == 1)
        #expect(await batch(tag) == "2")
    }

    @Test func `references cannot multiply what they put in`() async throws {
        let store = try await TestStore(
            """
            Node:
              key: ID
              fields: { ID: { type: integer, generated: true }, J: { type: json } }
              \(TestStore.open)
            """)
        let start = ("Node", BatchOperation.Action.create, Optional("{\"J\":\"\(String(repeating: "x", count: 100))\"}"))
        let bomb = (1..<6).map { level -> (String, BatchOperation.Action, String?) in
            let references = Array(repeating: "{\"$ref\":\"\(level - 1).data.J\"}", count: 10).joined(separator: ",")
            return ("Node", .create, "{\"J\":[\(references)]}")
        }
        let refused = await failure(store, [start] + bomb)
        #expect(refused.contains("too_long: the references of the batch put in more than 1048576 bytes"), "\(refused.prefix(300))")
        #expect(try await store.count("nodes") == 0)
        let deep = (1..<80).map { level -> (String, BatchOperation.Action, String?) in
            ("Node", .create, "{\"J\":[{\"$ref\":\"\(level - 1).data.J\"}]}")
        }
        #expect(await failure(store, [start] + deep).hasSuffix(" too_long: is nested deeper than 64 levels once its references are put in"))
    }

    @Test func `its answers are bounded together`() async throws {
        let store = try await TestStore(
            """
            Node:
              key: ID
              fields: { ID: { type: integer, generated: true }, J: { type: json } }
              \(TestStore.open)
            """)
        try await store.create("Node", "{\"J\":\"\(String(repeating: "x", count: 900_000))\"}")
        let read = ("Node", BatchOperation.Action.read(key: ["1"]), String?.none)
        #expect(await failure(store, Array(repeating: read, count: 18)) == "done")
        #expect(await failure(store, Array(repeating: read, count: 19)).hasPrefix("18 batch_too_large"))
    }
}

@Suite struct NestedCreateTests {
    @Test func `records of relations to many are made along, three deep`() async throws {
        let store = try await Ledger.store()
        let made = try await store.create(
            "Customer", #"{"Code":"a","orders":[{"ID":1,"lines":[{"Number":1},{"Number":2}]},{"ID":2,"lines":[]}]}"#, as: Ledger.user)
        #expect(made.contains(#""orders":[{"ID":1,"CustomerID":1,"AgentID":null,"#))
        #expect(
            made.contains(#""lines":[{"OrderID":1,"Number":1,"Quantity":1,"deletedAt":null,"deletedBy":null},{"OrderID":1,"Number":2,"#))
        #expect(made.hasSuffix(#""lines":[]}]}}"#))
        #expect(
            try await store.list("Customer", ["select": "ID,orders.ID,orders.lines.Number"]).hasPrefix(
                #"{"data":[{"ID":1,"orders":[{"ID":1,"lines":[{"Number":1},{"Number":2}]},{"ID":2,"lines":[]}]}]"#))
        #expect(try await store.changes("Line", "1", "2") == ["create by u1, OrderID null→1, Number null→2, Quantity null→1"])
    }

    @Test(arguments: [
        (#"{"ID":1,"lines":[{"Number":1},{"Number":1}]}"#, "/lines/1/OrderID unique_conflict: is taken already"),
        (#"{"ID":1,"lines":[{"Number":1,"Quantity":0}]}"#, "/lines/0/Quantity out_of_range: is less than the minimum 1"),
        (
            #"{"ID":1,"lines":[{"Number":1,"OrderID":2}]}"#,
            "/lines/0/OrderID immutable_field: is given by the request's path or the record around"
        ),
        (#"{"ID":1,"lines":{"Number":1}}"#, "/lines wrong_type: is an object; expected a list of objects"),
        (#"{"ID":1,"lines":[5]}"#, "/lines/0 wrong_type: is a number; expected an object"),
        (#"{"ID":1,"customer":{"Code":"x"}}"#, "/customer relation_not_writable: is a relation to one record; set CustomerID to its key"),
    ])
    func `a wrong one undoes all and is named`(_ body: String, _ problem: String) async throws {
        let store = try await Ledger.store()
        let refused = await refusal { try await store.create("Order", body) }
        #expect(refused.contains("\n" + problem), "\(refused)")
        #expect(try await store.count("orders") == 0)
        #expect(try await store.count("lines") == 0)
        #expect(try await store.count("seaworthy_audit") == 0)
    }

    @Test func `the rules of the records within hold`() async throws {
        let store = try await Shop.store()
        // Nobody but a clerk may write into secrets, and no clerk makes people.
        #expect(
            await refusal { try await store.create("Person", #"{"ID":9,"Name":"x","secrets":[{"ID":5}]}"#) }
                == "invalid_record: The Person breaks a rule.\n/secrets unknown_field: is not a field of Person")
        #expect(
            try await store.create("Person", #"{"ID":9,"Name":"x","secrets":[{"ID":5}]}"#, as: Shop.clerk).contains(
                #""secrets":[{"ID":5,"PersonID":9}]"#))
        #expect(
            await refusal { try await store.create("Person", #"{"ID":9,"Name":"x","orders":[{"ID":77}]}"#) }.hasPrefix("unique_conflict"))
        // A caller who may not see what they make is told nothing of it.
        #expect(try await store.create("Person", #"{"ID":10,"Name":"x","orders":[{"ID":77}]}"#).contains(#""orders":[null]"#))
    }

    @Test func `their number is bounded`() async throws {
        let store = try await Ledger.store()
        let halves = (0..<2).map { order in
            let lines = (0..<RecordCollection.maximumNested / 2).map { "{\"Number\":\($0)}" }.joined(separator: ",")
            return "{\"ID\":\(order),\"lines\":[\(lines)]}"
        }
        // Two orders with five hundred lines each are two too many.
        let both = await refusal { try await store.create("Customer", "{\"orders\":[\(halves.joined(separator: ","))]}") }
        #expect(both.contains("/orders/1/lines/498 too_many_records: is beyond the 1000 records"), "\(both.prefix(300))")
        let lines = (0...RecordCollection.maximumNested).map { "{\"Number\":\($0)}" }.joined(separator: ",")
        #expect(
            await refusal { try await store.create("Order", "{\"ID\":1,\"lines\":[\(lines)]}") }.contains(
                "/lines too_many_records: has more than 1000 records"))
        let deep =
            #"{"Name":"1","staff":[{"ID":2,"Name":"2","staff":[{"ID":3,"Name":"3","staff":[{"ID":4,"Name":"4","staff":[{"ID":5,"Name":"5"}]}]}]}],"ID":1}"#
        let shop = try await TestStore(Shop.entities, preamble: Shop.preamble)
        #expect(await refusal { try await shop.create("Person", deep) }.contains("too_many_records: is nested deeper than 3 records"))
    }
}
