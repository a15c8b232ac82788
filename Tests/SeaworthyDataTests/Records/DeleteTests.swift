import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct DeleteTests {
    static let entities = """
        Company:
          key: Name
          fields: { Name: { type: string } }
          \(TestStore.open)
        Site:
          key: SiteID
          fields:
            SiteID: { type: integer }
            Company: { references: Company, onDelete: cascade, as: company }
          \(TestStore.open)
        Machine:
          key: [Site, Number]
          fields:
            Site: { references: Site, onDelete: cascade, as: site }
            Number: { type: integer }
          \(TestStore.open)
        Reading:
          key: ReadingID
          fields:
            ReadingID: { type: integer }
            Site: { type: integer }
            Number: { references: { entity: Machine, fields: [Site, Number] }, onDelete: cascade, as: number }
          \(TestStore.open)
        Alarm:
          key: AlarmID
          fields:
            AlarmID: { type: integer }
            Site: { type: integer }
            Number: { references: { entity: Machine, fields: [Site, Number] }, onDelete: setNull, as: number }
            Text: { type: string }
          \(TestStore.open)
        Contract:
          key: ContractID
          fields:
            ContractID: { type: integer }
            Site: { references: Site, as: site }
            Company: { references: Company, onDelete: cascade, as: company }
          \(TestStore.open)
        Person:
          key: PersonID
          fields:
            PersonID: { type: integer }
            Boss: { references: Person, onDelete: setNull, as: boss }
            Mentor: { references: Person, as: mentor, onDelete: restrict }
          \(TestStore.open)
        """

    private func store() async throws -> TestStore {
        let store = try await TestStore(Self.entities)
        for (entity, records) in [
            ("Company", [#"{"Name":"A"}"#, #"{"Name":"B"}"#]),
            ("Site", [#"{"SiteID":1,"Company":"A"}"#, #"{"SiteID":2,"Company":"A"}"#, #"{"SiteID":3,"Company":"B"}"#]),
            ("Machine", [#"{"Site":1,"Number":1}"#, #"{"Site":1,"Number":2}"#, #"{"Site":3,"Number":1}"#]),
            ("Reading", [#"{"ReadingID":1,"Site":1,"Number":1}"#, #"{"ReadingID":2,"Site":3,"Number":1}"#, #"{"ReadingID":3}"#]),
            ("Alarm", [#"{"AlarmID":1,"Site":1,"Number":2,"Text":"hot"}"#, #"{"AlarmID":2,"Site":3,"Number":1}"#]),
        ] {
            for record in records { try await store.create(entity, record) }
        }
        return store
    }

    private func counts(_ store: TestStore) async throws -> [Int] {
        var counts: [Int] = []
        for table in ["companies", "sites", "machines", "readings", "alarms", "contracts"] { counts.append(try await store.count(table)) }
        return counts
    }

    @Test func `deletes one record`() async throws {
        let store = try await store()
        try await store.delete("Reading", "2")
        #expect(try await counts(store) == [2, 3, 3, 2, 2, 0])
        #expect(await refusal { try await store.delete("Reading", "2") } == "record_not_found: There is no such Reading.")
    }

    @Test func `cascades over four levels, and sets null by a composite reference`() async throws {
        let store = try await store()
        try await store.delete("Company", "A")
        #expect(try await counts(store) == [1, 1, 1, 2, 2, 0])
        #expect(try await store.read("Alarm", "1") == #"{"data":{"AlarmID":1,"Site":null,"Number":null,"Text":"hot"}}"#)
        #expect(try await store.read("Alarm", "2") == #"{"data":{"AlarmID":2,"Site":3,"Number":1,"Text":null}}"#)
        #expect(try await store.rows("SELECT ReadingID FROM readings ORDER BY 1") == [[.integer(2)], [.integer(3)]])
    }

    @Test func `restrict counts those that point at the record, and everything stays`() async throws {
        let store = try await store()
        try await store.create("Contract", #"{"ContractID":1,"Site":1}"#)
        try await store.create("Contract", #"{"ContractID":2,"Site":1,"Company":"B"}"#)
        let expected = """
            record_referenced: This cannot be deleted: 2 Contract record(s) refer to it by Site.
             record_referenced: 2 Contract record(s) refer to it by Site
            """
        #expect(await refusal { try await store.delete("Site", "1") } == expected)
        // Nor when the site would only go along.
        #expect(await refusal { try await store.delete("Company", "A") } == expected)
        #expect(try await counts(store) == [2, 3, 3, 3, 2, 2])
        #expect(try await store.read("Alarm", "1") == #"{"data":{"AlarmID":1,"Site":1,"Number":2,"Text":"hot"}}"#)
        try await store.delete("Contract", "1")
        #expect(
            await refusal { try await store.delete("Site", "1") }.hasPrefix(
                "record_referenced: This cannot be deleted: 1 Contract record(s)"))
        try await store.delete("Contract", "2")
        try await store.delete("Site", "1")
        #expect(try await counts(store) == [2, 2, 1, 2, 2, 0])
    }

    @Test func `restrict does not hold among records that go along anyway`() async throws {
        let store = try await store()
        try await store.create("Contract", #"{"ContractID":1,"Site":1,"Company":"A"}"#)
        #expect(await refusal { try await store.delete("Site", "1") }.hasPrefix("record_referenced: This cannot be deleted: 1 Contract"))
        try await store.delete("Company", "A")
        #expect(try await counts(store) == [1, 1, 1, 2, 2, 0])
    }

    @Test func `self references are set to null, restricted, and point at the record itself`() async throws {
        let store = try await store()
        for record in [
            #"{"PersonID":1}"#, #"{"PersonID":2,"Boss":1}"#, #"{"PersonID":3,"Boss":3,"Mentor":3}"#, #"{"PersonID":4,"Mentor":2}"#,
        ] {
            try await store.create("Person", record)
        }
        try await store.delete("Person", "1")
        #expect(try await store.read("Person", "2") == #"{"data":{"PersonID":2,"Boss":null,"Mentor":null}}"#)
        try await store.delete("Person", "3")
        #expect(
            await refusal { try await store.delete("Person", "2") } == """
                record_referenced: This cannot be deleted: 1 Person record(s) refer to it by Mentor.
                 record_referenced: 1 Person record(s) refer to it by Mentor
                """)
        #expect(try await store.rows("SELECT PersonID FROM persons ORDER BY 1") == [[.integer(2)], [.integer(4)]])
    }

    static let circle = """
        Node:
          key: NodeID
          fields:
            NodeID: { type: integer }
            Next: { references: Node, onDelete: cascade, as: next, index: true }
            Twin: { references: Node, as: twin, index: true }
            Group: { references: Group, onDelete: cascade, as: group, index: true }
          \(TestStore.open)
        Group:
          key: GroupID
          fields: { GroupID: { type: integer } }
          \(TestStore.open)
        """

    @Test func `a circle of cascades goes as a whole`() async throws {
        let store = try await TestStore(Self.circle)
        for number in 1...4 { try await store.create("Node", "{\"NodeID\":\(number)}") }
        for (number, next) in [(1, 2), (2, 3), (3, 1)] { try await store.update("Node", "\(number)", patch: "{\"Next\":\(next)}") }
        try await store.delete("Node", "2")
        #expect(try await store.rows("SELECT NodeID FROM nodes") == [[.integer(4)]])
    }

    @Test func `a circle of restricting references goes along as a whole`() async throws {
        let store = try await TestStore(Self.circle)
        try await store.create("Group", #"{"GroupID":1}"#)
        for number in 1...3 { try await store.create("Node", "{\"NodeID\":\(number),\"Group\":1}") }
        for (number, twin) in [(1, 2), (2, 1), (3, 3)] { try await store.update("Node", "\(number)", patch: "{\"Twin\":\(twin)}") }
        #expect(
            await refusal { try await store.delete("Node", "1") }.hasPrefix("record_referenced: This cannot be deleted: 1 Node record(s)"))
        try await store.delete("Group", "1")
        #expect(try await store.count("nodes") == 0)
    }

    @Test(arguments: [0, 1])
    func `a delete takes the maximum along, and is refused with one more`(more: Int) async throws {
        let store = try await TestStore(Self.circle)
        try await store.create("Group", #"{"GroupID":1}"#)
        try await store.create("Group", #"{"GroupID":2}"#)
        let count = RecordCollection.maximumCascade + more
        #expect(RecordCollection.maximumCascade == 10_000)
        try await store.fill(
            "INSERT INTO nodes (NodeID, \"Group\") VALUES (?1, ?2)", (1...count).map { [.integer(Int64($0)), .integer(1)] })
        try await store.create("Node", "{\"NodeID\":\(count + 1),\"Group\":2}")
        let outcome = await refusal { try await store.delete("Group", "1") }
        if more == 0 {
            #expect(outcome == "done")
            #expect(try await store.count("nodes") == 1)
        } else {
            #expect(outcome == "cascade_too_large: Deleting this would delete more than 10000 records with it.")
            #expect(try await store.count("nodes") == count + 1)
            #expect(try await store.count("groups") == 2)
        }
    }

    @Test func `records found by two references are counted once`() async throws {
        let store = try await TestStore(Self.circle)
        try await store.create("Group", #"{"GroupID":1}"#)
        // Every node but the first is found both by its group and by the first node.
        try await store.fill(
            "INSERT INTO nodes (NodeID, \"Group\", Next) VALUES (?1, 1, ?2)",
            (1...RecordCollection.maximumCascade).map { [.integer(Int64($0)), $0 == 1 ? .null : .integer(1)] })
        try await store.delete("Group", "1")
        #expect(try await store.count("nodes") == 0)
    }
}
