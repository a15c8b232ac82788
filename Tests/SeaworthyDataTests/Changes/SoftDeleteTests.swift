import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct SoftDeleteTests {
    @Test func `a deleted record is not there, but for those who may delete and ask for it`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a","Name":"A"}"#)
        try await store.create("Customer", #"{"Code":"b","Name":"B"}"#)
        try await store.remove("Customer", "1", isPurge: false, as: Ledger.user)
        let gone = "record_not_found: There is no such Customer."
        #expect(await refusal { try await store.read("Customer", "1") } == gone)
        #expect(await refusal { try await store.update("Customer", "1", patch: #"{"Name":"x"}"#) } == gone)
        #expect(await refusal { try await store.remove("Customer", "1", isPurge: false) } == gone)
        func ids(_ query: KeyValuePairs<String, String>) async throws -> [String] {
            try await store.list("Customer", query).matches(of: #/"ID":(\d+)/#).map { String($0.output.1) }
        }
        #expect(try await ids([:]) == ["2"])
        #expect(try await ids(["deleted": "exclude"]) == ["2"])
        #expect(try await ids(["deleted": "include"]) == ["1", "2"])
        #expect(try await ids(["deleted": "only"]) == ["1"])
        #expect(try await ids(["search": "a"]) == [])
        #expect(try await store.list("Customer", ["count": "exact", "limit": "1"]).contains(#""total":1"#))
        let record = try await store.collection("Customer").read(
            key: ["1"], query: [("deleted", "only"), ("select", "deletedAt,deletedBy")])
        #expect(record.body.text == #"{"data":{"deletedAt":"2024-07-04T12:30:01.000000Z","deletedBy":"u1"}}"#)
        #expect(await refusal { try await store.collection("Customer").read(key: ["2"], query: [("deleted", "only")]) } == gone)
        #expect(
            await refusal { try await store.list("Customer", ["deleted": "all"]) }
                == "deleted invalid_parameter: is none of exclude, include, only")
        let label = await refusal { try await store.list("Label", ["deleted": "only"]) }
        #expect(label == "deleted invalid_parameter: is for entities whose deleted records stay, and Label is none")
    }

    @Test func `who may not delete sees no deleted record`() async throws {
        let store = try await TestStore(
            """
            A:
              key: ID
              softDelete: true
              fields: { ID: { type: integer } }
              access: { anyone: { read: true, create: true }, boss: { delete: true } }
            """)
        #expect(
            await refusal { try await store.list("A", ["deleted": "include"]) } == "forbidden: You may not see deleted records of this A.")
        #expect(
            await refusal { try await store.list("A", ["deleted": "include"], as: Caller(user: .init(id: "b"), roles: ["boss"])) } == "done"
        )
        #expect(await refusal { try await store.remove("A", "1", isPurge: true) } == "forbidden: You may not purge this A.")
        #expect(await refusal { try await store.restore("A", "1") } == "forbidden: You may not restore this A.")
    }

    @Test func `unique values are free again, keys are not`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a"}"#)
        try await store.create("Order", #"{"ID":5}"#)
        try await store.remove("Customer", "1", isPurge: false)
        try await store.remove("Order", "5", isPurge: false)
        #expect(try await store.create("Customer", #"{"Code":"a"}"#).contains(#""ID":2"#))
        let taken =
            "deleted_record_exists: A deleted Order has this key.\n deleted_record_exists: restore the deleted record, or purge it before its key is used again"
        #expect(await refusal { try await store.create("Order", #"{"ID":5}"#) } == taken)
        #expect(await refusal { try await store.put("Order", "5", body: "{}") } == taken)
        #expect(
            await refusal { try await store.restore("Customer", "1") }
                == "unique_conflict: Another Customer has the same Code.\n/Code unique_conflict: is taken already")
        try await store.remove("Order", "5", isPurge: true)
        #expect(await refusal { try await store.create("Order", #"{"ID":5}"#) } == "done")
        #expect(
            await refusal { try await store.create("Order", #"{"ID":5}"#) }
                == "unique_conflict: Another Order has the same ID.\n/ID unique_conflict: is taken already")
    }

    @Test func `restrict counts those who are not deleted`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a"}"#)
        for id in 1...2 { try await store.create("Order", #"{"ID":\#(id),"CustomerID":1}"#) }
        #expect(
            await refusal { try await store.remove("Customer", "1", isPurge: false) }.hasPrefix(
                "record_referenced: This cannot be deleted: 2 Order record(s) refer"))
        try await store.remove("Order", "1", isPurge: false)
        #expect(
            await refusal { try await store.remove("Customer", "1", isPurge: false) }.hasPrefix(
                "record_referenced: This cannot be deleted: 1 Order record(s) refer"))
        try await store.remove("Order", "2", isPurge: false)
        try await store.remove("Customer", "1", isPurge: false)
        // What goes for good leaves nothing behind that points at it.
        #expect(
            await refusal { try await store.remove("Customer", "1", isPurge: true) }
                .hasPrefix(
                    "record_referenced: This cannot be deleted: 2 deleted Order record(s) refer to it by CustomerID; purge them first."))
        for key in ["1", "2"] { try await store.remove("Order", key, isPurge: true) }
        try await store.remove("Customer", "1", isPurge: true)
        #expect(try await store.count("customers") == 0)
    }

    @Test func `cascade marks what can stay and deletes the rest, restore brings back one`() async throws {
        let store = try await Ledger.store()
        try await store.create("Order", #"{"ID":1,"lines":[{"Number":1},{"Number":2}],"labels":[{"ID":7}]}"#)
        try await store.delete("Line", "1", "1")
        try await store.remove("Order", "1", isPurge: false)
        #expect(try await store.count("lines") == 2)
        #expect(try await store.count("labels") == 0)
        #expect(try await store.list("Line", ["deleted": "only", "select": "Number"]).contains(#"[{"Number":1},{"Number":2}]"#))
        try await store.restore("Order", "1")
        #expect(try await store.read("Order", "1", select: "ID,lines.Number") == #"{"data":{"ID":1,"lines":[]}}"#)
        try await store.restore("Line", "1", "2")
        #expect(try await store.read("Order", "1", select: "ID,lines.Number") == #"{"data":{"ID":1,"lines":[{"Number":2}]}}"#)
        #expect(await refusal { try await store.restore("Line", "1", "2") } == "record_not_deleted: This Line is not deleted.")
        // A purge takes along what is deleted already.
        try await store.remove("Order", "1", isPurge: true)
        #expect(try await store.count("lines") == 0)
    }

    @Test func `nothing refers to a deleted record`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a","Name":"Ann"}"#)
        try await store.create("Order", #"{"ID":1,"CustomerID":1}"#)
        try await store.remove("Order", "1", isPurge: false)
        try await store.remove("Customer", "1", isPurge: false)
        let missing =
            "reference_not_found: The Order refers to what is not there.\n/CustomerID reference_not_found: there is no Customer with this key"
        #expect(await refusal { try await store.create("Order", #"{"ID":2,"CustomerID":1}"#) } == missing)
        #expect(await refusal { try await store.restore("Order", "1") } == missing)
        try await store.create("Order", #"{"ID":2}"#)
        #expect(await refusal { try await store.update("Order", "2", patch: #"{"CustomerID":1}"#) } == missing)
        #expect(await refusal { try await store.put("Order", "2", body: #"{"CustomerID":1}"#) } == missing)
        // In answers and filters a deleted record is not there.
        try await store.restore("Customer", "1")
        try await store.update("Order", "2", patch: #"{"CustomerID":1}"#)
        try await store.run("UPDATE customers SET deletedAt = 1", onPostgres: "UPDATE customers SET deletedAt = now()")
        #expect(try await store.read("Order", "2", select: "ID,customer.Name") == #"{"data":{"ID":2,"customer":null}}"#)
        #expect(try await store.list("Order", ["filter[customer.Name]": "Ann", "select": "ID"]).hasPrefix(#"{"data":[]"#))
        #expect(try await store.list("Order", ["filter[customer.Name][isNull]": "true", "select": "ID"]).hasPrefix(#"{"data":[{"ID":2}]"#))
    }

    @Test func `the period of a list is that of its creation`() async throws {
        let store = try await Ledger.store()
        try await store.create("Customer", #"{"Code":"a"}"#, now: TestStore.now)
        try await store.create("Customer", #"{"Code":"b"}"#, now: Ledger.later)
        func codes(_ query: KeyValuePairs<String, String>) async throws -> String {
            try await store.list("Customer", query).matches(of: #/"Code":"(.)"/#).map { String($0.output.1) }.joined()
        }
        #expect(try await codes(["dateFrom": "2024-07-04T12:30:00Z"]) == "ab")
        #expect(try await codes(["dateFrom": "2024-07-04T12:30:00.000001Z"]) == "b")
        #expect(try await codes(["dateTo": "2024-07-04T14:30:01+02:00"]) == "a")
        #expect(try await codes(["dateFrom": "2024-07-04", "dateTo": "2024-07-05"]) == "ab")
        #expect(try await codes(["dateTo": "2024-07-04", "filter[Code]": "a"]) == "")
        #expect(
            await refusal { try await store.list("Customer", ["dateFrom": "yesterday"]) }.hasPrefix(
                "dateFrom invalid_parameter: is neither a date nor a timestamp"))
        #expect(
            await refusal { try await store.list("Label", ["dateTo": "2024-07-04"]) }
                == "dateTo invalid_parameter: is for entities with timestamps, and Label has none")
    }

    @Test func `what refers to a record that goes for good goes for good`() async throws {
        let store = try await TestStore(
            """
            P:
              key: ID
              fields: { ID: { type: integer } }
              \(TestStore.open)
            C:
              key: ID
              table: c_s
              softDelete: true
              fields: { ID: { type: integer }, PID: { references: P, as: p, inverse: cs, required: true, onDelete: cascade, index: true } }
              access: { anyone: { read: true, create: true, update: true, delete: true, restore: true } }
            D:
              key: ID
              softDelete: true
              fields: { ID: { type: integer }, CID: { references: C, as: c, inverse: ds, onDelete: cascade, index: true } }
              access: { anyone: { read: true, create: true, update: true, delete: true, restore: true } }
            """)
        try await store.create("P", #"{"ID":1,"cs":[{"ID":1,"ds":[{"ID":1},{"ID":2}]},{"ID":2}]}"#)
        try await store.delete("D", "1")
        try await store.delete("C", "2")
        try await store.delete("P", "1")
        for table in ["ps", "c_s", "ds"] { #expect(try await store.count(table) == 0) }
        try await store.create("P", #"{"ID":2,"cs":[{"ID":3,"ds":[{"ID":3}]}]}"#)
        try await store.delete("C", "3")
        #expect(try await store.count("c_s") == 1)
        #expect(try await store.count("ds") == 1)
    }

    @Test func `a check of what goes along holds nobody up`() async throws {
        let store = try await TestStore(
            """
            T:
              key: ID
              fields: { ID: { type: integer } }
              \(TestStore.open)
            U:
              key: ID
              fields:
                ID: { type: integer }
                A: { references: T, as: first, onDelete: cascade, index: true }
                B: { references: T, as: second, onDelete: setNull, index: true }
              checks: { bThere: { B: { isNull: false } } }
              \(TestStore.open)
            """)
        for id in 1...2 { try await store.create("T", "{\"ID\":\(id)}") }
        try await store.create("U", #"{"ID":1,"A":1,"B":1}"#)
        #expect(await refusal { try await store.create("U", #"{"ID":2,"A":1,"B":2}"#) } == "done")
        #expect(await refusal { try await store.delete("T", "2") }.contains("would fail its check «bThere»"))
        try await store.delete("T", "1")
        #expect(try await store.count("us") == 0)
    }
}
