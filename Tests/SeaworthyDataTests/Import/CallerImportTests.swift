import SeaworthyData
import SeaworthySchema
import SeaworthyStorage
import Testing

extension TestStore {
    /// What a caller's import did, a line for the sum or the error and one for each problem.
    func importing(
        _ entity: String, _ text: String, _ format: ImportFormat = .csv, skips: Bool = false, as caller: Caller
    ) async throws -> String {
        let request = WriteRequest(caller, now: Self.now, requestID: "r1")
        let task = RecordImport(
            into: try collection(entity), from: TextSource(text), options: .init(format: format, skipsBadRows: skips), for: request)
        do {
            return Self.text(try await task.run(), nil)
        } catch let error as ImportError {
            return Self.text(error.report, error)
        }
    }
}

@Suite struct `A caller's import` {
    static let entities = """
        Team:
          key: ID
          fields: { ID: { type: integer }, Lead: { type: string } }
          access: { anyone: { read: true } }
        Doc:
          key: ID
          fields:
            ID: { type: integer, generated: true }
            Title: { type: string, max: 5, required: true }
            Status: { type: enum, values: [open, closed], default: open }
            Price: { type: integer }
            Secret: { type: string }
            Fixed: { type: integer, readOnly: true, default: 3 }
            Code: { type: string }
            Team: { references: Team, as: team, inverse: docs }
          unique: [[Title], [Code]]
          timestamps: true
          access:
            anyone: { read: true, hide: [Secret, Code] }
            writer: { read: true, create: { Status: open }, hide: [Secret, Code], readOnly: [Price] }
            pricer: { create: { Title: { startsWith: p } }, hide: [Secret, Code] }
            lead: { read: true, create: { team.Lead: $user.id } }
            late: { read: true, create: { ID: { gt: 100 } } }
        """

    private static let writer = Caller(user: .init(id: "u1"), roles: ["writer"])

    @Test func `makes records by the caller's rules, and says who made them`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Doc", "ID,Title\n7,a\n,b\n", as: Self.writer) == "2 imported, 0 bad")
        #expect(
            try await store.rows("SELECT ID, Title, Status, Fixed, createdAt, updatedAt, createdBy, updatedBy FROM docs ORDER BY ID")
                == [("a", 7), ("b", 8)].map { title, id in
                    [
                        .integer(Int64(id)), .text(title), .text("open"), .integer(3), .integer(TestStore.now), .integer(TestStore.now),
                        .text("u1"), .text("u1"),
                    ]
                })
    }

    @Test func `judges each record by the create rules, and keeps nothing of a file with one that may not be made`() async throws {
        let store = try await TestStore(Self.entities)
        let text = "Title,Status\na,open\nb,closed\nc,open\n"
        let bad = "3:  forbidden: You may not create this Doc."
        #expect(
            try await store.importing("Doc", text, as: Self.writer)
                == "import.bad_rows: 1 row(s) are bad; nothing of this transaction was kept; 0 imported, 1 bad\n" + bad)
        #expect(try await store.count("docs") == 0)
        #expect(try await store.importing("Doc", text, skips: true, as: Self.writer) == "2 imported, 1 bad\n" + bad)
        #expect(try await store.rows("SELECT Title FROM docs ORDER BY 1") == [[.text("a")], [.text("c")]])
    }

    @Test func `sets only fields that the caller may set`() async throws {
        let store = try await TestStore(Self.entities)
        for (column, reason) in [
            ("Secret", "is not a field of Doc"), ("Price", "is read-only for you"), ("Fixed", "is read-only"),
            ("createdAt", "is read-only"),
        ] {
            #expect(
                try await store.importing("Doc", "Title,\(column)\na,1\n", as: Self.writer)
                    == "import.invalid_file: line 1: the column «\(column)» \(reason); 0 imported, 0 bad")
        }
        #expect(
            try await store.importing(
                "Doc", #"{"Title":"a","Secret":"x"}"# + "\n" + #"{"Title":"b","Price":1}"# + "\n" + #"{"Title":"c","Fixed":1}"#, .ndjson,
                skips: true, as: Self.writer) == """
                    0 imported, 3 bad
                    1: /Secret unknown_field: is not a field of Doc
                    2: /Price read_only_field: is read-only for you
                    3: /Fixed read_only_field: is read-only
                    """)
        // Whoever has both roles sets the field in those records that the other role admits.
        #expect(
            try await store.importing(
                "Doc", "Title,Price\npa,1\nb,2\n", skips: true, as: Caller(user: .init(id: "u2"), roles: ["writer", "pricer"]))
                == "1 imported, 1 bad\n3: /Price read_only_field: is read-only for you in this Doc")
    }

    @Test func `is for nobody who may not create`() async throws {
        let store = try await TestStore(Self.entities)
        let docs = try store.collection("Doc")
        #expect(await refusal { try docs.requireCreating(by: .anonymous) } == "forbidden: You may not create this Doc.")
        #expect(await refusal { try docs.requireCreating(by: Self.writer) } == "done")
    }

    @Test func `tells of a conflict by the line, and of hidden fields nothing`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.run("INSERT INTO docs (ID, Title, Code) VALUES (1, 'a', 'x')")
        #expect(
            try await store.importing("Doc", "ID,Title\n5,a\n1,b\n6,c\n6,d\n", skips: true, as: Self.writer) == """
                1 imported, 3 bad
                2: /Title unique_conflict: is taken already
                3: /ID unique_conflict: is taken already
                5: /ID unique_conflict: is taken already
                """)
    }

    @Test func `asks the database for rules that lead through relations`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.run("INSERT INTO teams (ID, Lead) VALUES (1, 'u1'), (2, 'other')")
        let lead = Caller(user: .init(id: "u1"), roles: ["lead"])
        #expect(
            try await store.importing("Doc", "Title,Team\na,1\nb,2\nc,\nd,1\n", skips: true, as: lead) == """
                2 imported, 2 bad
                3:  forbidden: You may not create this Doc.
                4:  forbidden: You may not create this Doc.
                """)
        #expect(
            try await store.rows("SELECT Title, createdBy FROM docs ORDER BY 1") == [
                [.text("a"), .text("u1")], [.text("d"), .text("u1")],
            ])
    }

    @Test func `judges by the key that the database makes`() async throws {
        let store = try await TestStore(Self.entities)
        let late = Caller(user: .init(id: "u1"), roles: ["late"])
        #expect(
            try await store.importing("Doc", "ID,Title\n,a\n101,b\n,c\n5,d\n", skips: true, as: late) == """
                2 imported, 2 bad
                2:  forbidden: You may not create this Doc.
                5:  forbidden: You may not create this Doc.
                """)
        #expect(
            try await store.rows("SELECT ID, Title FROM docs ORDER BY 1") == [[.integer(101), .text("b")], [.integer(102), .text("c")]])
    }

    @Test func `tells of no relation whose fields the caller does not see`() async throws {
        let store = try await TestStore(
            """
            Team:
              key: ID
              fields: { ID: { type: integer } }
              access: { anyone: { read: true, create: true } }
            Doc:
              key: ID
              fields: { ID: { type: integer, generated: true }, Team: { references: Team, as: team, inverse: docs } }
              access: { anyone: { read: true, create: true, hide: [Team] }, seer: { read: true, create: true } }
            """)
        for (entity, name, member) in [("Team", "docs", "[]"), ("Doc", "team", "{}")] {
            let text = #"{"ID":1,"\#(name)":\#(member)}"#
            #expect(
                try await store.importing(entity, text, .ndjson, skips: true, as: .anonymous)
                    == "0 imported, 1 bad\n1: /\(name) unknown_field: is not a field of \(entity)")
            let told = try await store.importing(
                entity, text, .ndjson, skips: true, as: Caller(user: .init(id: "s"), roles: ["seer"]))
            #expect(told.hasPrefix("0 imported, 1 bad\n1: /\(name) relation_not_writable: is a relation to"), "\(told)")
        }
    }

    @Test func `refuses lists within rows`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(
            try await store.importing("Team", TextSource(#"{"ID":1,"docs":[{"Title":"a"}]}"#), .ndjson, skips: true)
                == "0 imported, 1 bad\n1: /docs relation_not_writable: is a relation to many records, which are imported by themselves")
    }
}

@Suite struct `An import keeps` {
    static let entities = """
        Owner:
          key: [A, B]
          fields: { A: { type: integer }, B: { type: string } }
          softDelete: true
          access: { anyone: { read: true, create: true, delete: true } }
        Pet:
          key: ID
          fields:
            ID: { type: integer, generated: true }
            Name: { type: string }
            OwnerA: { type: integer }
            OwnerB: { type: string }
            Parent: { references: Pet, as: parent, inverse: children }
            Vet: { references: Vet, as: vet }
          unique: [[Name]]
          softDelete: true
          audit: true
          access: { anyone: { read: true, create: true, delete: true, history: true } }
        Vet:
          key: Code
          fields: { Code: { type: string } }
          softDelete: true
          access: { anyone: { read: true, create: true, delete: true } }
        Visit:
          key: ID
          fields: { ID: { type: integer, generated: true }, Vet: { references: Vet, as: vet } }
          softDelete: true
          access: { anyone: { read: true, create: true } }
        """

    private static let history = "SELECT key, action, actor, request_id, changes FROM seaworthy_audit ORDER BY id"

    @Test func `the history of each record, by whom and in which request`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(
            try await store.importing("Pet", "ID,Name\n5,a\n,b\n", as: Caller(user: .init(id: "u1"))) == "2 imported, 0 bad")
        #expect(
            try await store.rows(Self.history) == [
                [
                    .text("5"), .text("create"), .text("u1"), .text("r1"),
                    .text(#"{"ID":{"before":null,"after":5},"Name":{"before":null,"after":"a"}}"#),
                ],
                [
                    .text("6"), .text("create"), .text("u1"), .text("r1"),
                    .text(#"{"ID":{"before":null,"after":6},"Name":{"before":null,"after":"b"}}"#),
                ],
            ])
        #expect(try await store.importing("Pet", TextSource("Name\nc\n")) == "1 imported, 0 bad")
        #expect(
            try await store.rows(Self.history).last == [
                .text("7"), .text("create"), .null, .null,
                .text(#"{"ID":{"before":null,"after":7},"Name":{"before":null,"after":"c"}}"#),
            ])
    }

    @Test func `no history of rows that did not stay`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.run(
            "INSERT INTO seaworthy_audit (entity, key, action, at, changes) VALUES ('Pet', '3', 'purge', 0, '{}')",
            onPostgres: "INSERT INTO seaworthy_audit (entity, key, action, at, changes) VALUES ('Pet', '3', 'purge', to_timestamp(0), '{}')"
        )
        // One that is taken, one that points at nothing, and one that points further down.
        #expect(
            try await store.importing("Pet", TextSource("ID,Name,Parent\n1,a,4\n2,a,\n3,b,99\n4,c,\n"), skips: true) == """
                2 imported, 2 bad
                3: /Name unique_conflict: is taken already
                4: /Parent reference_not_found: there is no Pet with this key
                """)
        let kept = try await store.rows("SELECT ID FROM pets ORDER BY ID").map { $0[0] }
        let told = try await store.rows("SELECT key, action FROM seaworthy_audit ORDER BY id")
        #expect(told.first == [.text("3"), .text("purge")])
        #expect(
            Array(told.dropFirst())
                == kept.map { id in
                    guard case .integer(let number) = id else { return [] }
                    return [.text(String(number)), .text("create")]
                })
        let before = try await store.count("seaworthy_audit")
        #expect(try await store.importing("Pet", TextSource("Name\nx\nc\n")).hasPrefix("import.bad_rows"))
        #expect(try await store.count("seaworthy_audit") == before)
    }

    @Test func `references away from deleted records`() async throws {
        let store = try await TestStore(Self.entities)
        for code in ["v1", "v2"] { try await store.create("Vet", #"{"Code":"\#(code)"}"#) }
        try await store.delete("Vet", "v1")
        let expected = """
            2 imported, 2 bad
            2: /Vet reference_not_found: there is no Vet with this key
            5: /Vet reference_not_found: there is no Vet with this key
            """
        for entity in ["Visit", "Pet"] {
            #expect(
                try await store.importing(entity, TextSource("Vet\nv1\nv2\n\"\"\"\"\nv1\n"), skips: true).hasPrefix("1 imported, 3 bad"))
            #expect(try await store.importing(entity, "ID,Vet\n50,v1\n51,v2\n52,\n53,v1\n", skips: true, as: .anonymous) == expected)
            #expect(
                try await store.importing(entity, TextSource("Vet\nv1\n"))
                    == "import.bad_rows: 1 row(s) are bad; nothing of this transaction was kept; 0 imported, 1 bad\n2: /Vet reference_not_found: there is no Vet with this key"
            )
        }
        // What comes as deleted may point at what is: an export with all that is deleted can be read back.
        #expect(try await store.importing("Visit", TextSource("Vet,deletedAt\nv1,2024-01-01T00:00:00Z\n")) == "1 imported, 0 bad")
    }

    @Test func `the keys of deleted records for them`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("Vet", #"{"Code":"v1"}"#)
        try await store.delete("Vet", "v1")
        #expect(
            try await store.importing("Vet", TextSource("Code\nv1\nv2\nv2\n"), skips: true) == """
                1 imported, 2 bad
                2:  deleted_record_exists: restore the deleted record, or purge it before its key is used again
                4: /Code unique_conflict: is taken already
                """)
    }
}
