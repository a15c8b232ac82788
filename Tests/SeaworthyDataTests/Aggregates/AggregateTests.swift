import SeaworthyData
import SeaworthySchema
import Testing

extension TestStore {
    func aggregated(_ entity: String, _ query: KeyValuePairs<String, String> = [:], as caller: Caller = .anonymous) async throws
        -> RecordPage
    {
        try await collection(entity).aggregate(query: query.map { ($0.key, $0.value) }, as: caller)
    }

    /// The rows, without the brackets around them.
    func aggregate(_ entity: String, _ query: KeyValuePairs<String, String> = [:], as caller: Caller = .anonymous) async throws -> String {
        let text = try await aggregated(entity, query, as: caller).body.text
        let rows = try #require(text.wholeMatch(of: #/\{"data":\[(.*)\],"meta":\{"limit":\d+,"hasMore":(true|false)(,"page":\d+)?\}\}/#))
        return String(rows.output.1)
    }
}

@Suite struct AggregateTests {
    @Test func `rows have the groups, then the measures, named and ordered as asked`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.aggregate("Order", ["groupBy": "Status", "measures": "sum(Total),count,avg(Total)"], as: Shop.admin)
                == #"{"Status":"open","sum(Total)":"99.00","count":2,"avg(Total)":"99.000000"},"#
                + #"{"Status":"sent","sum(Total)":"12.51","count":3,"avg(Total)":"4.170000"}"#)
        #expect(
            try await store.aggregated("Order", ["groupBy": "Status"], as: Shop.admin).body.text
                == #"{"data":[{"Status":"open","count":2},{"Status":"sent","count":3}],"meta":{"limit":25,"hasMore":false}}"#)
        #expect(
            try await store.aggregate("Order", ["measures": "count(Total),min(Total),max(Status),countDistinct(PersonID)"], as: Shop.admin)
                == #"{"count(Total)":4,"min(Total)":"0.01","max(Status)":"sent","countDistinct(PersonID)":3}"#)
    }

    @Test func `groups and measures lead through relations to one, null where one leads nowhere`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.aggregate("Order", ["groupBy": "person.Name", "measures": "count,sum(Total)"], as: Shop.admin)
                == #"{"person.Name":"Ann","count":1,"sum(Total)":"10.00"},{"person.Name":"Bob","count":2,"sum(Total)":"101.50"},"#
                + #"{"person.Name":"Dee","count":1,"sum(Total)":null},{"person.Name":null,"count":1,"sum(Total)":"0.01"}"#)
        #expect(
            try await store.aggregate(
                "Line",
                [
                    "groupBy": "order.person.region.Name",
                    "measures": "sum(Quantity),avg(Quantity),max(order.Total),countDistinct(order.person.Name)",
                ], as: Shop.admin)
                == #"{"order.person.region.Name":"North","sum(Quantity)":13,"avg(Quantity)":4.333333333333333,"max(order.Total)":"10.00","countDistinct(order.person.Name)":1},"#
                + #"{"order.person.region.Name":"South","sum(Quantity)":2,"avg(Quantity)":2,"max(order.Total)":"99.00","countDistinct(order.person.Name)":1}"#
        )
    }

    @Test func `over nothing there is one row without groups, and none with them`() async throws {
        let store = try await Shop.store()
        let measures = "count,count(Total),countDistinct(Total),sum(Total),avg(Total),min(Total),max(Total)"
        #expect(
            try await store.aggregate("Order", ["measures": measures, "filter": #"{"ID":0}"#], as: Shop.admin)
                == #"{"count":0,"count(Total)":0,"countDistinct(Total)":0,"sum(Total)":null,"avg(Total)":null,"min(Total)":null,"max(Total)":null}"#
        )
        #expect(try await store.aggregate("Order", ["groupBy": "Status", "filter": #"{"ID":0}"#], as: Shop.admin) == "")
        #expect(try await store.aggregate("Order", ["having": #"{"count":{"gt":5}}"#], as: Shop.admin) == "")
    }

    @Test func `filter, search, having and sort decide which rows there are in which order`() async throws {
        let store = try await Shop.store()
        func rows(_ query: KeyValuePairs<String, String>) async throws -> String {
            try await store.aggregate("Order", query, as: Shop.admin).replacing(#""person.Name":"#, with: "").replacing(
                #""count":"#, with: "")
        }
        #expect(try await rows(["groupBy": "person.Name", "filter": #"{"lines":{"some":{}}}"#]) == #"{"Ann",1},{"Bob",1}"#)
        #expect(try await rows(["groupBy": "person.Name", "filter[Total][gt]": "2"]) == #"{"Ann",1},{"Bob",2}"#)
        #expect(try await rows(["groupBy": "person.Name", "having[count][gt]": "1"]) == #"{"Bob",2}"#)
        #expect(try await rows(["groupBy": "person.Name", "having": #"{"person.Name":null}"#]) == #"{null,1}"#)
        #expect(
            try await rows(["groupBy": "person.Name", "having": #"{"OR":[{"count":2},{"person.Name":{"contains":"AN"}}]}"#])
                == #"{"Ann",1},{"Bob",2}"#)
        #expect(try await rows(["groupBy": "person.Name", "sort": "-count"]) == #"{"Bob",2},{"Ann",1},{"Dee",1},{null,1}"#)
        #expect(try await rows(["groupBy": "person.Name", "sort": "count,-person.Name"]) == #"{null,1},{"Dee",1},{"Ann",1},{"Bob",2}"#)
        #expect(
            try await store.aggregate(
                "Order", ["groupBy": "Status", "measures": "sum(Total)", "having[sum(Total)][gt]": "12.51"], as: Shop.admin)
                == #"{"Status":"open","sum(Total)":"99.00"}"#)
        #expect(try await store.aggregate("Person", ["measures": "count,max(Name)", "search": "e"]) == #"{"count":1,"max(Name)":"Dee"}"#)
    }

    @Test func `rows come in pages`() async throws {
        let store = try await Shop.store()
        func page(_ query: KeyValuePairs<String, String>) async throws -> (text: String, next: RecordPage.Next?) {
            let page = try await store.aggregated("Order", query, as: Shop.admin)
            return (page.body.text.replacing(#""person.Name":"#, with: "").replacing(#""count":"#, with: ""), page.next)
        }
        let first = try await page(["groupBy": "person.Name", "limit": "2"])
        #expect(first.text == #"{"data":[{"Ann",1},{"Bob",2}],"meta":{"limit":2,"hasMore":true}}"#)
        #expect(first.next == .page(2))
        let second = try await page(["groupBy": "person.Name", "limit": "2", "page": "2"])
        #expect(second.text == #"{"data":[{"Dee",1},{null,1}],"meta":{"limit":2,"hasMore":false,"page":2}}"#)
        #expect(second.next == nil)
        let middle = try await page(["groupBy": "person.Name", "limit": "1", "page": "2"])
        #expect(middle.text == #"{"data":[{"Bob",2}],"meta":{"limit":1,"hasMore":true,"page":2}}"#)
        #expect(middle.next == .page(3))
        let last = try await page(["groupBy": "person.Name", "limit": "4"])
        #expect(last.next == nil)
        #expect(
            try await page(["groupBy": "person.Name", "page": "9"]).text == #"{"data":[],"meta":{"limit":25,"hasMore":false,"page":9}}"#)
    }

    @Test func `deleted records are left out unless they are asked for by who may delete`() async throws {
        let store = try await TestStore(
            """
            Item:
              key: ID
              fields: { ID: { type: integer }, Kind: { type: string } }
              softDelete: true
              timestamps: true
              access:
                anyone: { read: true, create: true }
                keeper: { read: true, delete: true }
            Part:
              key: ID
              fields: { ID: { type: integer }, ItemID: { references: Item, as: item, index: true } }
              access: { anyone: { read: true, create: true } }
            """)
        let keeper = Caller(roles: ["keeper"])
        for (id, kind) in [(1, "a"), (2, "a"), (3, "b")] {
            try await store.create("Item", "{\"ID\":\(id),\"Kind\":\"\(kind)\"}", now: TestStore.now + Int64(id) * 86_400_000_000)
        }
        try await store.delete("Item", "1", as: keeper)
        // Past the server, which would not let a record refer to a deleted one.
        try await store.run("INSERT INTO parts VALUES (1, 1), (2, 2), (3, 3)")
        #expect(try await store.aggregate("Item", ["groupBy": "Kind"]) == #"{"Kind":"a","count":1},{"Kind":"b","count":1}"#)
        #expect(try await store.aggregate("Item", ["deleted": "include"], as: keeper) == #"{"count":3}"#)
        #expect(try await store.aggregate("Item", ["deleted": "only"], as: keeper) == #"{"count":1}"#)
        #expect(await refusal { try await store.aggregate("Item", ["deleted": "only"]) }.hasPrefix("forbidden: "))
        #expect(
            try await store.aggregate("Part", ["groupBy": "item.Kind"])
                == #"{"item.Kind":"a","count":1},{"item.Kind":"b","count":1},{"item.Kind":null,"count":1}"#)
        // Created on the 5th, 6th and 7th of July.
        #expect(try await store.aggregate("Item", ["dateFrom": "2024-07-06", "dateTo": "2024-07-07"]) == #"{"count":1}"#)
        #expect(
            try await store.aggregate("Item", ["groupBy": "day(createdAt)"])
                == #"{"day(createdAt)":"2024-07-06","count":1},{"day(createdAt)":"2024-07-07","count":1}"#)
    }
}
