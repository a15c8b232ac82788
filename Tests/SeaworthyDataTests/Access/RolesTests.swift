import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct RolesTests {
    @Test func `a record is visible when any role admits it, with what any of them shows`() async throws {
        let store = try await Shop.store()
        let ids = { (text: String) in text.matches(of: #/"ID":(\d+)/#).compactMap { Int($0.output.1) } }
        #expect(ids(try await store.list("Order", ["select": "ID"])) == [10, 11, 14])
        #expect(ids(try await store.list("Order", ["select": "ID"], as: Shop.boss)) == [10, 11, 12, 14])
        #expect(ids(try await store.list("Order", ["select": "ID"], as: Shop.clerk)) == [10, 11, 12, 13, 14])
        #expect(try await store.read("Person", "1", as: Shop.payroll).contains(#""Salary":900"#))
        #expect(!(try await store.read("Person", "2", as: Shop.payroll)).contains("Salary"))
        #expect(try await store.read("Person", "2", as: Shop.admin).contains(#""Salary":500"#))
    }

    @Test func `what is not known of the user makes a rule false`() async throws {
        let store = try await Shop.store()
        let nobody = Caller(user: .init(id: "u9"), roles: ["boss"])
        #expect(await refusal { try await store.read("Order", "12", as: nobody) } == "record_not_found: There is no such Order.")
        #expect(await refusal { try await store.read("Order", "12", as: Shop.boss) } == "done")
        let null = Caller(user: .init(id: "u9", attributes: ["person": .null]), roles: ["boss"])
        #expect(await refusal { try await store.read("Order", "12", as: null) } == "record_not_found: There is no such Order.")
        // Without a user the roles alone help nobody.
        #expect(
            await refusal { try await store.read("Order", "12", as: Caller(roles: ["boss"])) }
                == "record_not_found: There is no such Order.")
    }

    @Test func `rules lead to other records, before a change and after it`() async throws {
        let store = try await Shop.store()
        // Order 13 is of Dee in the north, order 12 of Bob in the south.
        #expect(try await store.update("Order", "13", patch: #"{"Total":"5"}"#, as: Shop.clerk).contains(#""Total":"5.00""#))
        #expect(
            await refusal { try await store.update("Order", "12", patch: #"{"Total":"5"}"#, as: Shop.clerk) }
                == "forbidden: You may not update this Order.")
        #expect(
            await refusal { try await store.update("Order", "13", patch: #"{"PersonID":2}"#, as: Shop.clerk) }
                == "forbidden: You may not update this Order.")
        #expect(try await store.read("Order", "13", select: "PersonID", as: Shop.admin) == #"{"data":{"PersonID":4}}"#)
        #expect(try await store.update("Order", "13", patch: #"{"PersonID":1}"#, as: Shop.clerk).contains(#""PersonID":1"#))
    }

    @Test func `a create rule holds on the new record, also through relations`() async throws {
        let store = try await TestStore(
            """
            Team:
              key: ID
              fields: { ID: { type: integer }, Lead: { type: string } }
              access: { anyone: { read: true, create: true } }
            Task:
              key: ID
              fields:
                ID: { type: integer }
                TeamID: { references: Team, as: team, index: true }
                Slug: { type: string, unique: true }
              access: { authenticated: { read: true, create: { "team.Lead": { equals: $user.id } } } }
            """)
        try await store.create("Team", #"{"ID":1,"Lead":"u1"}"#)
        try await store.create("Team", #"{"ID":2,"Lead":"u2"}"#)
        let one = Caller(user: .init(id: "u1"))
        #expect(try await store.create("Task", #"{"ID":1,"TeamID":1,"Slug":"x"}"#, as: one) == #"{"data":{"ID":1,"TeamID":1,"Slug":"x"}}"#)
        #expect(
            await refusal { try await store.create("Task", #"{"ID":2,"TeamID":2,"Slug":"y"}"#, as: one) }
                == "forbidden: You may not create this Task.")
        #expect(
            await refusal { try await store.create("Task", #"{"ID":2,"Slug":"y"}"#, as: one) } == "forbidden: You may not create this Task."
        )
        // Not even that a value is taken is told of a record that may not be made.
        #expect(
            await refusal { try await store.create("Task", #"{"ID":2,"TeamID":2,"Slug":"x"}"#, as: one) }
                == "forbidden: You may not create this Task.")
        #expect(try await store.count("tasks") == 1)
        #expect(
            await refusal { try await store.create("Task", #"{"ID":2,"TeamID":1}"#) }
                == "unauthenticated: To create Task needs a role that nobody has without signing in.")
    }

    @Test func `a field is set only through a role that admits the record and may set it`() async throws {
        let store = try await TestStore(
            """
            Doc:
              key: ID
              fields:
                ID: { type: integer }
                Owner: { type: string }
                Title: { type: string }
                Price: { type: integer }
              access:
                anyone: { read: true }
                author: { create: true, update: { Owner: { equals: $user.id } }, readOnly: [Price] }
                pricing: { update: { Title: priced }, readOnly: [ID, Owner, Title] }
            """)
        let author = Caller(user: .init(id: "a"), roles: ["author"])
        let both = Caller(user: .init(id: "a"), roles: ["author", "pricing"])
        let readOnly = "invalid_record: The Doc breaks a rule.\n/Price read_only_field: is read-only for you"
        #expect(await refusal { try await store.create("Doc", #"{"ID":1,"Owner":"a","Price":5}"#, as: author) } == readOnly)
        try await store.create("Doc", #"{"ID":1,"Owner":"a","Title":"new"}"#, as: author)
        #expect(await refusal { try await store.update("Doc", "1", patch: #"{"Price":5}"#, as: author) } == readOnly)
        // Pricing may set it, but does not admit this record.
        #expect(await refusal { try await store.update("Doc", "1", patch: #"{"Price":5}"#, as: both) } == readOnly + " in this Doc")
        try await store.update("Doc", "1", patch: #"{"Title":"priced"}"#, as: both)
        #expect(
            try await store.update("Doc", "1", patch: #"{"Price":5}"#, as: both)
                == #"{"data":{"ID":1,"Owner":"a","Title":"priced","Price":5}}"#)
        // The role that admits it before has to admit it afterwards.
        #expect(
            await refusal { try await store.update("Doc", "1", patch: #"{"Price":6,"Title":"no"}"#, as: both) } == readOnly + " in this Doc"
        )
        #expect(
            await refusal { try await store.update("Doc", "1", patch: #"{"Owner":"b"}"#, as: author) }
                == "forbidden: You may not update this Doc.")
    }

    @Test func `a cursor belongs to the roles of the caller`() async throws {
        let store = try await Shop.store()
        guard case .cursor(let cursor)? = try await store.page("Order", ["limit": "1"], as: Shop.clerk).next else {
            Issue.record("no cursor")
            return
        }
        #expect(await refusal { try await store.page("Order", ["limit": "1", "cursor": cursor]) }.hasPrefix("cursor invalid_cursor"))
        #expect(
            await refusal { try await store.page("Order", ["limit": "1", "cursor": cursor], as: Shop.boss) }.hasPrefix(
                "cursor invalid_cursor"))
        #expect(await refusal { try await store.page("Order", ["limit": "1", "cursor": cursor], as: Shop.clerk) } == "done")
    }

    @Test func `a relation by a hidden field does not exist, in writes either`() async throws {
        let store = try await TestStore(
            """
            Node:
              key: ID
              fields: { ID: { type: integer } }
              \(TestStore.open)
            Sec:
              key: ID
              fields: { ID: { type: integer }, SecretRef: { references: Node, as: boss, inverse: secs, index: true } }
              access: { anyone: { read: true, create: true, update: true, hide: [SecretRef] } }
            """)
        try await store.create("Node", #"{"ID":1}"#)
        for refused in [
            await refusal { try await store.create("Sec", #"{"ID":1,"boss":1}"#) },
            await refusal { try await store.create("Node", #"{"ID":2,"secs":[{"ID":1}]}"#) },
            await refusal { try await store.update("Node", "1", patch: #"{"secs":[]}"#) },
        ] {
            #expect(refused.contains("unknown_field: is not a field of"), "\(refused)")
            #expect(!refused.contains("SecretRef"))
        }
    }

    @Test func `a change that moves what its own rule finds is judged by what is stored then`() async throws {
        let store = try await TestStore(
            """
            Own:
              key: ID
              fields: { ID: { type: integer }, X: { type: integer }, PID: { references: Own, as: parent, inverse: kids, index: true } }
              access: { anyone: { read: true, create: true, update: { "parent.X": 1 } } }
            """)
        try await store.create("Own", #"{"ID":1,"X":1,"PID":1}"#)
        #expect(await refusal { try await store.update("Own", "1", patch: #"{"X":2}"#) } == "forbidden: You may not update this Own.")
        #expect(try await store.read("Own", "1", select: "X") == #"{"data":{"X":1}}"#)
    }

    @Test func `a delete does not count records that the caller may not see`() async throws {
        let store = try await TestStore(
            """
            P:
              key: ID
              fields: { ID: { type: integer } }
              \(TestStore.open)
            R:
              key: ID
              fields: { ID: { type: integer }, Pub: { type: boolean }, PID: { references: P, as: p, index: true } }
              access: { anyone: { read: { Pub: true }, create: true } }
            """)
        try await store.create("P", #"{"ID":1}"#)
        try await store.create("R", #"{"ID":1,"Pub":false,"PID":1}"#)
        #expect(
            await refusal { try await store.delete("P", "1") }.hasPrefix(
                "record_referenced: This cannot be deleted: other records refer to it."))
    }

    @Test func `a hidden key finds its record all the same`() async throws {
        let store = try await TestStore(
            """
            K:
              key: ID
              fields: { ID: { type: integer, generated: true }, N: { type: integer } }
              access: { anyone: { read: true, create: true, update: true, hide: [ID] } }
            """)
        try await store.create("K", #"{"N":1}"#)
        #expect(try await store.read("K", "1") == #"{"data":{"N":1}}"#)
        #expect(await refusal { try await store.list("K", ["filter[ID]": "1"]) } == "filter[ID] unknown_field: «ID» is not a field of K")
    }

    @Test func `a replacement keeps what the caller does not see or may not set in this record`() async throws {
        let store = try await TestStore(
            """
            D:
              key: ID
              fields: { ID: { type: integer }, S: { type: string }, T: { type: string }, U: { type: string } }
              access:
                reader: { read: true, hide: [S] }
                writer: { create: true, update: true, readOnly: [U] }
                other: { update: { ID: 99 } }
            """)
        let writer = Caller(user: .init(id: "w"), roles: ["reader", "writer", "other"])
        let admin = Caller(user: .init(id: "a"), roles: ["admin"])
        try await store.create("D", #"{"ID":1,"S":"secret","T":"t","U":"u"}"#, as: admin)
        _ = try await store.put("D", "1", body: #"{"T":"new"}"#, as: writer)
        #expect(try await store.read("D", "1", as: admin) == #"{"data":{"ID":1,"S":"secret","T":"new","U":"u"}}"#)
        _ = try await store.put("D", "1", body: #"{"T":"x","U":"u","S":"named"}"#, as: writer)
        #expect(try await store.read("D", "1", as: admin) == #"{"data":{"ID":1,"S":"named","T":"x","U":"u"}}"#)
        #expect(await refusal { try await store.put("D", "1", body: #"{"U":"v"}"#, as: writer) }.contains("/U read_only_field"))
    }
}
