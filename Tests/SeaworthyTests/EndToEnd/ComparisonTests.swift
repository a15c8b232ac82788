import Foundation
import NIOHTTP1
import SeaworthySchema
import Testing

/// The API's answers against the sqlite3 shell's on the same file: every operator, sort and page.
@Suite struct `The API and the sqlite3 shell agree` {
    /// A filter as the API takes it, and the condition that means the same in SQL by hand.
    private struct Comparison {
        var path: String
        var table: String
        var key: String
        var filter: String
        var sql: String
    }

    private static func orders(_ filter: String, _ sql: String) -> Comparison {
        Comparison(path: "orders", table: "orders", key: "OrderID", filter: filter, sql: sql)
    }

    private static func customers(_ filter: String, _ sql: String) -> Comparison {
        Comparison(path: "customers", table: "customers", key: "CustomerID", filter: filter, sql: sql)
    }

    // Decimals are stored in ten-thousandths, timestamps in microseconds.
    private static let comparisons: [Comparison] = [
        orders(#"{"ShipVia":1}"#, "ShipVia = 1"),
        orders(#"{"ShipVia":{"equals":2}}"#, "ShipVia = 2"),
        orders(#"{"ShipVia":{"not":2}}"#, "ShipVia <> 2"),
        orders(#"{"ShipVia":{"in":[1,3]}}"#, "ShipVia IN (1, 3)"),
        orders(#"{"ShipVia":{"notIn":[1,3]}}"#, "ShipVia NOT IN (1, 3)"),
        orders(#"{"ShipVia":{"in":[]}}"#, "0"),
        orders(#"{"ShipVia":{"notIn":[]}}"#, "ShipVia IS NOT NULL"),
        orders(#"{"Freight":{"gt":"50"}}"#, "Freight > 500000"),
        orders(#"{"Freight":{"gte":"50.0"}}"#, "Freight >= 500000"),
        orders(#"{"Freight":{"lt":"10.5"}}"#, "Freight < 105000"),
        orders(#"{"Freight":{"lte":"10.5"}}"#, "Freight <= 105000"),
        orders(#"{"ShippedDate":null}"#, "ShippedDate IS NULL"),
        orders(#"{"ShippedDate":{"isNull":false}}"#, "ShippedDate IS NOT NULL"),
        orders(#"{"ShippedDate":{"not":null}}"#, "ShippedDate IS NOT NULL"),
        orders(#"{"NOT":{"ShippedDate":{"gt":"2024-06-01T00:00:00Z"}}}"#, "NOT ShippedDate > 1717200000000000"),
        orders(#"{"OrderDate":{"gte":"2024-06-01T02:00:00+02:00"}}"#, "OrderDate >= 1717200000000000"),
        orders(#"{"OR":[{"ShipVia":1},{"ShippedDate":null}]}"#, "ShipVia = 1 OR ShippedDate IS NULL"),
        orders(#"{"AND":[{"ShipVia":1},{"Freight":{"gt":"20"}}]}"#, "ShipVia = 1 AND Freight > 200000"),
        orders(#"{"NOT":[{"ShipVia":1},{"ShipVia":2}]}"#, "NOT ShipVia = 1 AND NOT ShipVia = 2"),
        orders(#"{"OR":[]}"#, "0"),
        orders(#"{"AND":[]}"#, "1"),
        customers(#"{"Country":{"contains":"a","mode":"sensitive"}}"#, "instr(Country, 'a') > 0"),
        customers(#"{"Country":{"startsWith":"S","mode":"sensitive"}}"#, "substr(Country, 1, 1) = 'S'"),
        customers(#"{"Country":{"endsWith":"y","mode":"sensitive"}}"#, "substr(Country, -1) = 'y'"),
        // The shell folds ASCII only, so the texts here do not reach beyond it.
        customers(#"{"CustomerID":{"contains":"ar"}}"#, "instr(upper(CustomerID), 'AR') > 0"),
        customers(#"{"CustomerID":{"startsWith":"b"}}"#, "CustomerID LIKE 'B%'"),
        customers(#"{"CustomerID":{"endsWith":"n"}}"#, "CustomerID LIKE '%N'"),
        customers(#"{"City":{"gt":"M"}}"#, "City > 'M'"),
        customers(#"{"CompanyName":"x' OR '1'='1"}"#, "CompanyName = 'x'' OR ''1''=''1'"),
        Comparison(
            path: "order-details", table: "order_details", key: "OrderID || ',' || ProductID", filter: #"{"Discount":{"gt":0.05}}"#,
            sql: "Discount > 0.05"),
        Comparison(path: "employees", table: "employees", key: "EmployeeID", filter: #"{"ReportsTo":null}"#, sql: "ReportsTo IS NULL"),
    ]

    @Test func `on every operator`() async throws {
        try await ExampleServer.with { server in
            for comparison in Self.comparisons {
                let answer = try await server.api.get("/v1/\(comparison.path)?limit=200&count=exact&filter=\(comparison.filter.escaped)")
                #expect(answer.status == 200, "\(comparison.filter): \(answer.body)")
                let expected = try await server.shell(
                    "SELECT \(comparison.key) FROM \(comparison.table) WHERE \(comparison.sql) ORDER BY \(comparison.table == "order_details" ? "OrderID, ProductID" : comparison.key)"
                )
                let keys = try answer.list("data").map { record in try Self.key(record, comparison) }
                #expect(keys == Array(expected.map { $0[0] }.prefix(200)), "\(comparison.filter)")
                #expect(try answer.value("meta.total") == .number(String(expected.count)), "\(comparison.filter)")
            }
        }
    }

    private static func key(_ record: JSONValue, _ comparison: Comparison) throws -> String {
        let names = comparison.table == "order_details" ? ["OrderID", "ProductID"] : [comparison.key]
        guard case .object(let object) = record else { return "?" }
        return names.map { name in
            switch object[name] {
            case .string(let text)?: text
            case .number(let digits)?: digits
            default: "?"
            }
        }.joined(separator: ",")
    }

    @Test(arguments: [
        ("sort=Freight", "Freight, OrderID"), ("sort=-Freight,OrderID", "Freight DESC, OrderID"),
        ("sort=ShippedDate", "ShippedDate IS NULL, ShippedDate, OrderID"),
        ("sort=-ShippedDate", "ShippedDate IS NOT NULL, ShippedDate DESC, OrderID"),
        ("sort=ShipCountry,-OrderDate", "ShipCountry, OrderDate DESC, OrderID"), ("sort=-OrderID", "OrderID DESC"), ("", "OrderID"),
    ])
    func `on sorts, by page and by cursor`(query: String, order: String) async throws {
        try await ExampleServer.with { server in
            let expected = try await server.shell("SELECT OrderID FROM orders ORDER BY \(order)").map { $0[0] }
            #expect(expected.count == 120)
            for limit in [7, 50] {
                var byPage: [String] = []
                for page in 1...((expected.count + limit - 1) / limit + 1) {
                    let answer = try await server.api.get("/v1/orders?\(query)&limit=\(limit)&page=\(page)&select=OrderID")
                    byPage += try answer.list("data").map { try Self.key($0, Self.orders("", "")) }
                    #expect(try answer.value("meta.total") == .number("120"))
                    #expect(try answer.value("meta.totalPages") == .number(String((120 + limit - 1) / limit)))
                }
                #expect(byPage == expected)
                var byCursor: [String] = []
                var next: String? = "/v1/orders?\(query)&limit=\(limit)&select=OrderID"
                while let path = next {
                    let answer = try await server.api.get(path)
                    byCursor += try answer.list("data").map { try Self.key($0, Self.orders("", "")) }
                    // What a client follows is the Link; it must lead to the same place as nextCursor.
                    next = answer.headers.first(name: "Link").map { String($0.dropFirst().prefix { $0 != ">" }) }
                    #expect((next != nil) == (try answer.value("meta.hasMore") == .bool(true)))
                }
                #expect(byCursor == expected)
            }
        }
    }

    @Test(arguments: [
        (
            "groupBy=ShipCountry&measures=count,sum(Freight),max(Freight)",
            "SELECT ShipCountry, count(*), sum(Freight), max(Freight) FROM orders GROUP BY 1 ORDER BY ShipCountry IS NULL, ShipCountry"
        ),
        (
            "groupBy=month(OrderDate)&measures=count&sort=-count",
            "SELECT strftime('%Y-%m', OrderDate / 1000000, 'unixepoch'), count(*) FROM orders GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        (
            "groupBy=customer.Country&measures=countDistinct(ShipVia),sum(Freight)&having[sum(Freight)][gt]=100&limit=5",
            "SELECT c.Country, count(DISTINCT ShipVia), sum(Freight) FROM orders LEFT JOIN customers c USING (CustomerID) GROUP BY 1 "
                + "HAVING sum(Freight) > 1000000 ORDER BY c.Country IS NULL, 1 LIMIT 5"
        ),
    ])
    func `on aggregates`(query: String, sql: String) async throws {
        try await ExampleServer.with { server in
            let answer = try await server.api.get("/v1/orders/aggregate?\(query)\(query.contains("limit=") ? "" : "&limit=200")")
            #expect(answer.status == 200, "\(answer.body)")
            let expected = try await server.shell(sql)
            #expect(expected.count > 3)
            let rows = try answer.list("data").map { row -> [String] in
                guard case .object(let object) = row else { return [] }
                return object.members.map { member in
                    switch member.value {
                    case .number(let digits): digits
                    // Ten-thousandths, as the shell has them.
                    case .string(let text) where member.name.hasSuffix("(Freight)"):
                        String(Int(text.replacing(".", with: "")) ?? -1)
                    case .string(let text): text
                    default: "?"
                    }
                }
            }
            #expect(rows == expected.map { row in row.map { SQLiteShell.isNull($0) ? "?" : $0 } })
        }
    }

    @Test func `on every value of every record`() async throws {
        try await ExampleServer.with { server in
            let rows = try await server.shell(
                "SELECT OrderID, CustomerID, OrderDate, Freight, ShipName, ShipRegion FROM orders ORDER BY OrderID")
            let records = try await server.api.get("/v1/orders?limit=200").list("data")
            #expect(records.count == rows.count)
            for (record, row) in zip(records, rows) {
                guard case .object(let object) = record else { continue }
                #expect(object["OrderID"] == .number(row[0]))
                #expect(object["CustomerID"] == (SQLiteShell.isNull(row[1]) ? .null : .string(row[1])))
                let microseconds = try #require(Int64(row[2]))
                let formatter = ISO8601DateFormatter()
                let seconds = formatter.string(from: Date(timeIntervalSince1970: Double(microseconds / 1_000_000)))
                #expect(object["OrderDate"] == .string(seconds.dropLast() + ".000000Z"))
                let tenThousandths = try #require(Int(row[3]))
                let fraction = String(tenThousandths % 10_000 + 10_000).dropFirst()
                #expect(object["Freight"] == .string("\(tenThousandths / 10_000).\(fraction)"))
                #expect(object["ShipName"] == (SQLiteShell.isNull(row[4]) ? .null : .string(row[4])))
                #expect(object["ShipRegion"] == (SQLiteShell.isNull(row[5]) ? .null : .string(row[5])))
            }
        }
    }

    @Test func `a walk by cursor meets each record once while others are inserted and deleted`() async throws {
        try await ExampleServer.with { server in
            let before = Set(try await server.shell("SELECT OrderID FROM orders").map { $0[0] })
            var met: [String] = []
            var next: String? = "/v1/orders?sort=Freight&limit=9&select=OrderID,Freight"
            var round = 0
            var made: [String] = []
            while let path = next {
                let answer = try await server.api.get(path)
                met += try answer.list("data").map { try Self.key($0, Self.orders("", "")) }
                next = answer.headers.first(name: "Link").map { String($0.dropFirst().prefix { $0 != ">" }) }
                let created = try await server.api.post("/v1/orders", #"{"Freight":"\#(round * 7).5","CustomerID":"BJORN"}"#)
                #expect(created.status == 201, "\(created.body)")
                made.append(try #require(created.headers.first(name: "Location")))
                if round % 2 == 1 { #expect(try await server.api.delete(made[round - 1]).status == 204) }
                round += 1
                try #require(round < 60, "the walk does not end")
            }
            #expect(Set(met).count == met.count)
            #expect(before.isSubset(of: Set(met)))
        }
    }
}
