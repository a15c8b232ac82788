import SeaworthyData
import SeaworthySQL
import SeaworthySchema
import Testing

@Suite struct AccessTests {
    /// An entity with these rules, and three records that no rule was asked about: open 1 and 2, closed 3.
    private func store(_ access: String) async throws -> TestStore {
        let store = try await TestStore(
            """
            Doc:
              key: DocID
              fields:
                DocID: { type: integer }
                Status: { type: string, default: open }
                Secret: { type: string, search: 1 }
                Title: { type: string }
              access: { \(access) }
            """)
        try await store.run(
            "INSERT INTO docs VALUES (1, 'open', 's1', 'a'), (2, 'open', 's2', 'b'), (3, 'closed', 's3', 'c')")
        return store
    }

    private static let read401 = "unauthenticated: To read Doc needs a role that nobody has without signing in."
    private static let notFound = "record_not_found: There is no such Doc."

    private static func to(_ action: String) -> String {
        "unauthenticated: To \(action) Doc needs a role that nobody has without signing in."
    }

    @Test(arguments: ["", "anyone: {}", "anyone: { read: false, create: false, update: false, delete: false }"])
    func `what is given to nobody is denied, and asks for a sign-in`(access: String) async throws {
        let store = try await store(access)
        #expect(await refusal { try await store.list("Doc") } == Self.read401)
        #expect(await refusal { try await store.read("Doc", "1") } == Self.read401)
        #expect(await refusal { try await store.read("Doc", "99") } == Self.read401)
        #expect(await refusal { try await store.create("Doc", "{}") } == Self.to("create"))
        #expect(await refusal { try await store.update("Doc", "1", patch: "{}") } == Self.to("update"))
        #expect(await refusal { try await store.delete("Doc", "1") } == Self.to("delete"))
        #expect(try await store.count("docs") == 3)
    }

    @Test func `who may read, but not write, is forbidden to`() async throws {
        let store = try await store("anyone: { read: true }")
        #expect(await refusal { try await store.create("Doc", #"{"DocID":9}"#) } == "forbidden: You may not create this Doc.")
        #expect(await refusal { try await store.update("Doc", "1", patch: "{}") } == "forbidden: You may not update this Doc.")
        #expect(await refusal { try await store.update("Doc", "99", patch: "{}") } == "forbidden: You may not update this Doc.")
        #expect(await refusal { try await store.delete("Doc", "1") } == "forbidden: You may not delete this Doc.")
        #expect(try await store.count("docs") == 3)
    }

    @Test func `who may write, but not read, may create blindly and change nothing`() async throws {
        let store = try await store("anyone: { create: true, update: true, delete: true }")
        #expect(try await store.create("Doc", #"{"DocID":9}"#) == #"{"data":null}"#)
        #expect(try await store.count("docs") == 4)
        #expect(await refusal { try await store.update("Doc", "9", patch: "{}") } == Self.read401)
        #expect(await refusal { try await store.delete("Doc", "9") } == Self.read401)
        #expect(try await store.count("docs") == 4)
    }

    private static let filtered =
        "anyone: { read: { Status: open }, create: { Title: { startsWith: a } }, update: { Title: a }, delete: { Title: a } }"

    @Test func `a read rule decides what is found, listed and counted`() async throws {
        let store = try await store(Self.filtered)
        #expect(try await store.read("Doc", "1") == #"{"data":{"DocID":1,"Status":"open","Secret":"s1","Title":"a"}}"#)
        #expect(await refusal { try await store.read("Doc", "3") } == Self.notFound)
        #expect(await refusal { try await store.read("Doc", "3", select: "DocID") } == Self.notFound)
        #expect(
            try await store.list("Doc", ["select": "DocID", "page": "1"])
                == #"{"data":[{"DocID":1},{"DocID":2}],"meta":{"limit":25,"hasMore":false,"nextCursor":null,"page":1,"total":2,"totalPages":1}}"#
        )
        #expect(try await store.list("Doc", ["filter": #"{"OR":[{"Status":"closed"},{"DocID":3}]}"#]).hasPrefix(#"{"data":[],"#))
    }

    @Test func `a record that is not visible cannot be changed, whatever the other rules say`() async throws {
        let store = try await store("anyone: { read: { Status: open }, update: true, delete: true }")
        #expect(await refusal { try await store.update("Doc", "3", patch: #"{"Title":"x"}"#) } == Self.notFound)
        #expect(await refusal { try await store.delete("Doc", "3") } == Self.notFound)
        #expect(try await store.count("docs") == 3)
    }

    @Test func `a create rule holds on the new record, and nothing is kept when it does not`() async throws {
        let store = try await store(Self.filtered)
        let created = try await store.create("Doc", #"{"DocID":9,"Title":"abc"}"#)
        #expect(created == #"{"data":{"DocID":9,"Status":"open","Secret":null,"Title":"abc"}}"#)
        // The default is part of the new record: written, but not visible.
        #expect(try await store.create("Doc", #"{"DocID":10,"Title":"abc","Status":"closed"}"#) == #"{"data":null}"#)
        for body in [#"{"DocID":11,"Title":"b"}"#, #"{"DocID":11}"#, #"{"DocID":11,"Title":null}"#] {
            #expect(await refusal { try await store.create("Doc", body) } == "forbidden: You may not create this Doc.")
        }
        #expect(try await store.count("docs") == 5)
    }

    @Test func `a forbidden write learns nothing of other records`() async throws {
        let store = try await store(Self.filtered)
        // 1 exists: who may make it would be told of the conflict.
        for body in [#"{"DocID":1,"Title":"b"}"#, #"{"DocID":1,"Title":null}"#] {
            #expect(await refusal { try await store.create("Doc", body) } == "forbidden: You may not create this Doc.")
        }
        #expect(
            await refusal { try await store.create("Doc", #"{"DocID":1,"Title":"abc"}"#) }.hasPrefix("unique_conflict: "))
    }

    @Test func `a failing create rule asks for a sign-in where nobody may read`() async throws {
        let store = try await store("anyone: { create: { Title: { equals: a } } }")
        #expect(try await store.create("Doc", #"{"DocID":9,"Title":"a"}"#) == #"{"data":null}"#)
        #expect(await refusal { try await store.create("Doc", #"{"DocID":10,"Title":"b"}"#) } == Self.to("create"))
        #expect(await refusal { try await store.create("Doc", #"{"DocID":10}"#) } == Self.to("create"))
    }

    @Test func `an update rule holds on the record before and after`() async throws {
        let store = try await store(Self.filtered)
        let forbidden = "forbidden: You may not update this Doc."
        #expect(await refusal { try await store.update("Doc", "2", patch: #"{"Title":"a"}"#) } == forbidden)
        #expect(await refusal { try await store.update("Doc", "1", patch: #"{"Title":"b"}"#) } == forbidden)
        #expect(await refusal { try await store.update("Doc", "1", patch: #"{"Title":null}"#) } == forbidden)
        #expect(try await store.rows("SELECT Title FROM docs ORDER BY DocID") == [[.text("a")], [.text("b")], [.text("c")]])
        // An empty patch is allowed where a patch would be, and only there.
        #expect(try await store.update("Doc", "1", patch: "{}").hasPrefix(#"{"data":{"DocID":1,"#))
        #expect(await refusal { try await store.update("Doc", "2", patch: "{}") } == forbidden)
        // A change may take the record out of the caller's sight.
        #expect(try await store.update("Doc", "1", patch: #"{"Status":"closed"}"#) == #"{"data":null}"#)
        #expect(await refusal { try await store.update("Doc", "1", patch: #"{"Status":"open"}"#) } == Self.notFound)
    }

    @Test func `a delete rule holds on the record`() async throws {
        let store = try await store(Self.filtered)
        #expect(await refusal { try await store.delete("Doc", "2") } == "forbidden: You may not delete this Doc.")
        try await store.delete("Doc", "1")
        #expect(try await store.rows("SELECT DocID FROM docs") == [[.integer(2)], [.integer(3)]])
    }

    @Test func `a hidden field is in no answer and cannot be asked for`() async throws {
        let store = try await store("anyone: { read: true, create: true, update: true, hide: [Secret, Status] }")
        #expect(try await store.read("Doc", "1") == #"{"data":{"DocID":1,"Title":"a"}}"#)
        #expect(try await store.list("Doc", ["limit": "1"]).hasPrefix(#"{"data":[{"DocID":1,"Title":"a"}],"#))
        #expect(try await store.create("Doc", #"{"DocID":9}"#) == #"{"data":{"DocID":9,"Title":null}}"#)
        #expect(try await store.update("Doc", "1", patch: #"{"Title":"z"}"#) == #"{"data":{"DocID":1,"Title":"z"}}"#)
        let unknown = "unknown_field: «Secret» is not a field of Doc"
        #expect(
            await refusal { try await store.list("Doc", ["filter": #"{"Secret":"s1"}"#]) }
                == "filter unknown_field: /Secret: «Secret» is not a field of Doc")
        #expect(await refusal { try await store.list("Doc", ["filter[Secret]": "s1"]) }.contains(unknown))
        #expect(await refusal { try await store.list("Doc", ["sort": "-Secret"]) } == "sort " + unknown)
        #expect(await refusal { try await store.list("Doc", ["select": "Secret"]) } == "select " + unknown)
        #expect(await refusal { try await store.read("Doc", "1", select: "Secret") } == "select " + unknown)
        #expect(
            await refusal { try await store.list("Doc", ["search": "s1"]) } == "search not_searchable: Doc has no field that is searched")
    }

    @Test func `a rule may look at a field that the caller does not see`() async throws {
        let store = try await store("anyone: { read: { Status: open }, hide: [Status] }")
        #expect(try await store.list("Doc", ["select": "DocID"]).hasPrefix(#"{"data":[{"DocID":1},{"DocID":2}],"#))
    }

    @Test func `a view is read and never written`() async throws {
        let database = try await TestStore("Doc: { key: DocID, fields: { DocID: { type: integer }, Title: { type: string } } }")
        try await database.run("INSERT INTO docs VALUES (1, 'a'), (2, 'b')")
        try await database.run("CREATE VIEW titles AS SELECT DocID, upper(Title) AS Title FROM docs")
        let schema = try TestStore.schema(
            """
            Title:
              readOnly: true
              key: DocID
              fields: { DocID: { type: integer }, Title: { type: string } }
              access: { anyone: { read: true } }
            """)
        let records = RecordStore(schema: schema, database: database.database, dialect: database.dialect, secretKeys: TestStore.secretKeys)
        let titles = try #require(records.collection(named: "Title"))
        #expect(try await titles.read(key: ["2"], query: []).body.text == #"{"data":{"DocID":2,"Title":"B"}}"#)
        #expect(try await titles.list(query: []).body.text.hasPrefix(#"{"data":[{"DocID":1,"Title":"A"},{"DocID":2,"Title":"B"}],"#))
        let refused = "read_only_entity: Title is a view: it can only be read."
        #expect(await refusal { try await titles.create(["DocID": 3], WriteRequest(now: 0)) } == refused)
        #expect(await refusal { try await titles.update(key: ["1"], [:], WriteRequest(now: 0)) } == refused)
        #expect(await refusal { try await titles.delete(key: ["1"], WriteRequest(now: 0)) } == refused)
    }
}
