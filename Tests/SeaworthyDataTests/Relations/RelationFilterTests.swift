import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct RelationFilterTests {
    /// The IDs of the records that a filter selects.
    private func ids(_ entity: String, _ filter: String, sort: String = "ID", as caller: Caller = Shop.admin) async throws -> [Int] {
        let store = try await Shop.store()
        let text = try await store.list(entity, ["filter": filter, "select": "ID", "sort": sort, "count": "exact"], as: caller)
        let ids = text.matches(of: #/"ID":(\d+)/#).compactMap { Int($0.output.1) }
        #expect(text.contains(#""total":\#(ids.count)"#))
        return ids
    }

    @Test(arguments: [
        (#"{"person.Name":"Bob"}"#, [11, 12]), (#"{"person":{"Name":"Bob","region.Name":{"contains":"sou"}}}"#, [11, 12]),
        (#"{"person.boss.Name":"Ann"}"#, [11, 12]), (#"{"person.boss.region.Name":"North"}"#, [11, 12]),
        // Three values: where a relation leads nowhere, the field is null.
        (#"{"person.boss.Name":{"not":"Bob"}}"#, [11, 12]), (#"{"person.boss.Name":null}"#, [10, 14]),
        (#"{"NOT":{"person.boss.Name":"Bob"}}"#, [11, 12]), (#"{"person.Name":{"isNull":true}}"#, [14]),
        (#"{"person.Name":{"in":["Bob","Dee"]}}"#, [11, 12, 13]), (#"{"person.Name":{"notIn":["Bob"]}}"#, [10, 13]),
        (#"{"OR":[{"person.region.Code":"N"},{"Total":{"gt":"50"}}]}"#, [10, 12, 13]),
        (#"{"lines":{"some":{"Quantity":{"gte":5}}}}"#, [10]), (#"{"lines.some.Quantity":2}"#, [12]),
        (#"{"lines":{"none":{}}}"#, [11, 13, 14]), (#"{"lines":{"every":{"Quantity":{"lt":6}}}}"#, [11, 12, 13, 14]),
        (#"{"lines":{"some":{},"every":{"Quantity":2}}}"#, [12]), (#"{"NOT":{"lines":{"some":{}}}}"#, [11, 13, 14]),
        (#"{"lines.some.notes.some.Text":"a"}"#, [10]), (#"{"lines":{"some":{"order.person.Name":"Ann"}}}"#, [10]),
        (#"{"person.staff.some.Name":"Cid"}"#, [10]), (#"{"person.orders":{"every":{"Status":"sent"}}}"#, [10, 14]),
        (#"{"person.orders.none.Status":"open"}"#, [10, 14]),
        // A record that leaves a condition unknown does not meet it.
        (#"{"person":{"staff":{"every":{"region.Name":{"not":"x"}}}}}"#, [11, 12, 13, 14]),
    ])
    func `filters lead through relations`(_ filter: String, _ expected: [Int]) async throws {
        #expect(try await ids("Order", filter) == expected, "\(filter)")
    }

    @Test func `sorts lead through relations, null last, and a cursor walks them`() async throws {
        let store = try await Shop.store()
        #expect(try await ids("Order", "{}", sort: "person.Name,-ID") == [10, 12, 11, 13, 14])
        #expect(try await ids("Order", "{}", sort: "-person.boss.Name,ID") == [10, 14, 13, 11, 12])
        var walked: [Int] = []
        var cursor: String?
        repeat {
            let page: RecordPage =
                if let cursor {
                    try await store.page("Order", ["sort": "-person.Name", "limit": "1", "select": "ID", "cursor": cursor], as: Shop.admin)
                } else {
                    try await store.page("Order", ["sort": "-person.Name", "limit": "1", "select": "ID"], as: Shop.admin)
                }
            walked += page.body.text.matches(of: #/"ID":(\d+)/#).compactMap { Int($0.output.1) }
            cursor = if case .cursor(let next)? = page.next { next } else { nil }
        } while cursor != nil
        #expect(walked == [14, 13, 11, 12, 10])
    }

    @Test func `the other side's read rule holds in filters and sorts`() async throws {
        // To anyone order 12 is not there, and order 13's line neither.
        #expect(try await ids("Person", #"{"orders.some.ID":12}"#, as: .anonymous) == [])
        #expect(try await ids("Person", #"{"orders.some.ID":12}"#, as: Shop.clerk) == [2])
        #expect(try await ids("Person", #"{"orders":{"every":{"Status":"sent"}}}"#, as: .anonymous) == [1, 2, 3, 4])
        #expect(try await ids("Person", #"{"orders":{"every":{"Status":"sent"}}}"#, as: Shop.clerk) == [1, 3])
        // A field that is seen in some records only counts only there.
        #expect(try await ids("Person", #"{"boss.Salary":{"gt":0}}"#, as: Shop.payroll) == [2, 3])
        #expect(try await ids("Person", #"{"staff.some.Salary":500}"#, as: Shop.payroll) == [])
        #expect(try await ids("Person", #"{"staff.some.Salary":500}"#) == [1])
        #expect(try await ids("Person", #"{"Salary":{"isNull":true}}"#, as: Shop.payroll) == [4])
        #expect(try await ids("Person", "{}", sort: "Salary", as: Shop.payroll) == [1, 4])
    }

    @Test(arguments: [
        (#"{"boss.Salary":1}"#, "unknown_field"), (#"{"secrets":{"some":{}}}"#, "unknown_field"),
        (#"{"orders":{"some":{"lines.some.Secret":"s"}}}"#, "unknown_field"),
        (#"{"orders.ID":1}"#, "invalid_filter"), (#"{"orders":{"any":{}}}"#, "unknown_operator"), (#"{"orders":5}"#, "invalid_filter"),
        (#"{"orders":{}}"#, "invalid_filter"), (#"{"boss":5}"#, "invalid_filter"), (#"{"boss.boss.boss.boss.ID":1}"#, "filter_too_deep"),
        (#"{"boss.staff.some.boss.boss.ID":1}"#, "filter_too_deep"), (#"{"boss.Name":"$user.id"}"#, "variable_not_allowed"),
        (#"{"boss.Name":"$record.Name"}"#, "variable_not_allowed"), (#"{"boss.":1}"#, "unknown_field"), (#"{".Name":1}"#, "unknown_field"),
    ])
    func `a way that does not exist for the caller is refused`(_ filter: String, _ code: String) async throws {
        let store = try await Shop.store()
        let refused = await refusal { try await store.list("Person", ["filter": filter]) }
        #expect(refused.hasPrefix("filter \(code):"), "\(filter): \(refused)")
    }

    @Test func `brackets lead through relations too`() async throws {
        let store = try await Shop.store()
        for (name, value, ids) in [
            ("filter[person.Name]", "Bob", "11"), ("filter[person.region.Code][in]", "N,S", "10,11"),
            ("filter[lines.some.Quantity][gt]", "6", "10"), ("filter[person][Name]", "x", nil), ("filter[lines.some]", "x", nil),
        ] as [(String, String, String?)] {
            let text = await refusal { try await store.list("Order", ["sort": "ID"]) }
            #expect(text == "done")
            let found = try? await store.collection("Order").list(query: [(name, value), ("select", "ID")]).body.text
            #expect(found?.matches(of: #/"ID":(\d+)/#).map { String($0.output.1) }.joined(separator: ",") == ids, "\(name)")
        }
    }
}
