import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct AggregateAccessTests {
    @Test func `only records that the caller may read are counted`() async throws {
        let store = try await Shop.store()
        let query: KeyValuePairs<String, String> = ["groupBy": "Status", "measures": "count,sum(Total)"]
        #expect(try await store.aggregate("Order", query) == #"{"Status":"sent","count":3,"sum(Total)":"12.51"}"#)
        #expect(
            try await store.aggregate("Order", query, as: Shop.boss)
                == #"{"Status":"open","count":1,"sum(Total)":"99.00"},{"Status":"sent","count":3,"sum(Total)":"12.51"}"#)
        #expect(
            try await store.aggregate("Order", query, as: Shop.clerk)
                == #"{"Status":"open","count":2,"sum(Total)":"99.00"},{"Status":"sent","count":3,"sum(Total)":"12.51"}"#)
        #expect(await refusal { try await store.aggregate("Hidden") }.hasPrefix("unauthenticated: "))
        #expect(await refusal { try await store.aggregate("Hidden", as: Shop.boss) }.hasPrefix("forbidden: "))
    }

    @Test func `records at the end of a relation are those that the caller may read`() async throws {
        let store = try await Shop.store()
        // To anyone the lines of the open order 12 are not there, nor is the order to a note's line.
        #expect(try await store.aggregate("Line", ["groupBy": "order.Status"]) == #"{"order.Status":"sent","count":3}"#)
        #expect(
            try await store.aggregate("Line", ["groupBy": "order.Status", "measures": "sum(Quantity)"], as: Shop.clerk)
                == #"{"order.Status":"open","sum(Quantity)":2},{"order.Status":"sent","sum(Quantity)":13}"#)
        try await store.run("INSERT INTO notes VALUES (3, 12, 1, 'c')")
        let query: KeyValuePairs<String, String> = ["groupBy": "line.OrderID", "measures": "count,max(line.Quantity)"]
        #expect(
            try await store.aggregate("Note", query)
                == #"{"line.OrderID":10,"count":1,"max(line.Quantity)":7},{"line.OrderID":null,"count":2,"max(line.Quantity)":null}"#)
        #expect(try await store.aggregate("Note", query, as: Shop.clerk).contains(#"{"line.OrderID":12,"count":1,"max(line.Quantity)":2}"#))
    }

    @Test func `a field looks only at records in which the caller sees it`() async throws {
        let store = try await Shop.store()
        // Payroll sees the salaries of the north: Ann's, and Dee's, who has none.
        #expect(try await store.aggregate("Person", ["measures": "count"], as: Shop.payroll) == #"{"count":4}"#)
        for query: KeyValuePairs<String, String> in [
            ["measures": "count,sum(Salary)"], ["measures": "count,sum(Salary)", "having[sum(Salary)]": "900"],
            ["measures": "count,sum(Salary)", "filter[ID][gt]": "0"],
        ] {
            #expect(try await store.aggregate("Person", query, as: Shop.payroll) == #"{"count":2,"sum(Salary)":900}"#)
        }
        #expect(
            try await store.aggregate("Person", ["groupBy": "Salary"], as: Shop.payroll)
                == #"{"Salary":900,"count":1},{"Salary":null,"count":1}"#)
        #expect(
            try await store.aggregate("Person", ["groupBy": "boss.Salary"], as: Shop.payroll)
                == #"{"boss.Salary":900,"count":2},{"boss.Salary":null,"count":2}"#)
        #expect(
            try await store.aggregate("Person", ["measures": "sum(boss.Salary)"], as: Shop.payroll) == #"{"sum(boss.Salary)":1800}"#)
        #expect(
            try await store.aggregate("Person", ["groupBy": "boss.Salary"], as: Shop.admin)
                == #"{"boss.Salary":500,"count":1},{"boss.Salary":900,"count":2},{"boss.Salary":null,"count":1}"#)
        #expect(try await store.aggregate("Person", ["measures": "sum(Salary)"], as: Shop.admin) == #"{"sum(Salary)":1800}"#)
    }

    @Test(arguments: [
        ["groupBy": "Salary"], ["groupBy": "boss.Salary"], ["measures": "sum(Salary)"], ["measures": "count(boss.Salary)"],
        ["groupBy": "secrets.ID"], ["filter": #"{"Salary":1}"#], ["sort": "Salary"], ["having": #"{"Salary":1}"#],
        ["having[Salary]": "1"],
    ])
    func `a field that the caller never sees does not exist`(_ query: [String: String]) async throws {
        let store = try await Shop.store()
        let refused = await refusal { try await store.collection("Person").aggregate(query: query.map { ($0.key, $0.value) }) }
        #expect(refused.contains("unknown_field: "), "\(query): \(refused)")
        #expect(!refused.contains("did you mean «Salary»"))
    }
}
