import Foundation
import NIOHTTP1
import PostgresServing
import SeaworthySchema
import Testing

/// One application on SQLite and on PostgreSQL, the same requests to both: the same bytes in answer, but for times, UUIDs and cursors.
@Suite struct `SQLite and PostgreSQL give the same answers` {
    private struct Step {
        var method: HTTPMethod = .GET
        var path: String
        var body: String?
        var type = "application/json"
        var headers: HTTPHeaders = [:]
        /// Where in the answer something stands that later steps name as `{name}`.
        var keeps: [String: String] = [:]
        /// What both have to answer.
        var status = 200
    }

    private static func get(_ path: String, _ status: Int = 200, headers: HTTPHeaders = [:], keeps: [String: String] = [:]) -> Step {
        Step(path: path, headers: headers, keeps: keeps, status: status)
    }

    private static func post(_ path: String, _ body: String, _ status: Int = 201, keeps: [String: String] = [:]) -> Step {
        Step(method: .POST, path: path, body: body, keeps: keeps, status: status)
    }

    private static func patch(_ path: String, _ body: String, _ status: Int = 200, headers: HTTPHeaders = [:]) -> Step {
        Step(method: .PATCH, path: path, body: body, type: "application/merge-patch+json", headers: headers, status: status)
    }

    private static func put(_ path: String, _ body: String, _ status: Int) -> Step {
        Step(method: .PUT, path: path, body: body, status: status)
    }

    private static func delete(_ path: String, _ status: Int = 204) -> Step { Step(method: .DELETE, path: path, status: status) }

    private static func imported(_ path: String, _ type: String, _ body: String, _ status: Int = 200) -> Step {
        Step(method: .POST, path: path, body: body, type: type, status: status)
    }

    // MARK: Northwind

    private static let reads: [Step] = [
        get("/v1/orders"), get("/v1/orders?limit=3&count=exact"), get("/v1/orders?limit=3&count=estimated"),
        get("/v1/orders?limit=5&page=3&sort=-Freight,OrderID"), get("/v1/orders?sort=ShippedDate&limit=200"),
        get("/v1/orders?sort=-ShippedDate,customer.CompanyName&limit=200"), get("/v1/customers?sort=City,-CompanyName"),
        get("/v1/orders?sort=customer.City,employee.manager.LastName&limit=200&select=OrderID,customer.City"),
        get("/v1/orders?limit=7&sort=ShippedDate,-Freight", keeps: ["cursor": "meta.nextCursor"]),
        get("/v1/orders?limit=7&sort=ShippedDate,-Freight&cursor={cursor}", keeps: ["cursor": "meta.nextCursor"]),
        get("/v1/orders?limit=7&sort=ShippedDate,-Freight&cursor={cursor}"),
        get("/v1/orders?filter[customer.Country][in]=Norway,Sweden&filter[Freight][gte]=20&limit=100"),
        get("/v1/orders?filter=\(#"{"details":{"some":{"Quantity":{"gt":40}}}}"#.escaped)&select=OrderID&limit=100"),
        get("/v1/orders?filter=\(#"{"details":{"none":{"Discount":{"gt":0}}}}"#.escaped)&select=OrderID&limit=100"),
        get("/v1/orders?filter=\(#"{"details":{"every":{"Quantity":{"gte":5}}}}"#.escaped)&select=OrderID&limit=100"),
        get("/v1/orders?filter=\(#"{"NOT":{"ShipVia":{"notIn":[1,2]}}}"#.escaped)&limit=100"),
        get("/v1/orders?filter=\(#"{"OR":[{"ShippedDate":null},{"Status":{"not":"shipped"}}]}"#.escaped)&limit=100"),
        get("/v1/orders?filter=\(#"{"OrderDate":{"gte":"2024-06-01T02:00:00+02:00","lt":"2024-09-01T00:00:00Z"}}"#.escaped)&limit=100"),
        get("/v1/customers?filter[CompanyName][contains]=ø"), get("/v1/customers?filter[CompanyName][contains]=Ø"),
        get("/v1/customers?filter[CompanyName][startsWith]=s"), get("/v1/customers?filter[City][endsWith]=N&sort=-City"),
        get("/v1/customers?filter=\(#"{"CompanyName":{"contains":"B","mode":"sensitive"}}"#.escaped)"),
        get("/v1/customers?filter[CustomerID][gt]=M&sort=-CustomerID"), get("/v1/products?search=rope%20m"),
        get("/v1/customers?search=a%20n&limit=50"), get("/v1/products?filter[UnitPrice][lt]=20&sort=-UnitPrice"),
        get("/v1/orders/10001?include=customer,details(limit:2,sort:-Quantity).product,employee.manager"),
        get("/v1/customers?include=orders(limit:3,sort:-Freight).details(limit:2)&limit=10"),
        get("/v1/employees?include=reports,employeeTerritories.territory.region&sort=LastName"),
        get("/v1/categories?include=products(limit:100)"), get("/v1/order-details/10001,12"),
        get("/v1/order-details?limit=200&sort=-Discount"),
        get("/v1/orders/aggregate?groupBy=ShipCountry&measures=count,sum(Freight),avg(Freight),min(OrderDate),max(ShippedDate)"),
        get("/v1/orders/aggregate?groupBy=month(OrderDate),Status&measures=count,countDistinct(CustomerID)&limit=200"),
        get("/v1/orders/aggregate?groupBy=week(OrderDate)&measures=count&limit=200"),
        get("/v1/orders/aggregate?groupBy=quarter(OrderDate),year(OrderDate)&measures=sum(Freight)&sort=-sum(Freight)"),
        get("/v1/orders/aggregate?groupBy=customer.Country&measures=count,sum(Freight)&having[sum(Freight)][gt]=100"),
        get("/v1/order-details/aggregate?groupBy=product.category.CategoryName&measures=sum(Quantity),max(Discount),max(UnitPrice)"),
        get("/v1/employees/aggregate?groupBy=year(HireDate)&measures=count,min(HireDate)"),
        get("/v1/products/aggregate?measures=count,avg(UnitPrice),sum(UnitsInStock),avg(UnitsInStock),min(ProductName),max(ProductName)"),
        get("/v1/orders?limit=200", headers: ["Accept": "text/csv"]), get("/v1/customers", headers: ["Accept": "text/csv"]),
        get("/v1/order-details", headers: ["Accept": "application/x-ndjson"]),
        get("/v1/orders?include=customer,details", headers: ["Accept": "application/x-ndjson"]),
        Step(
            method: .POST, path: "/v1/orders/query",
            body: #"{"filter":{"Freight":{"gt":"50"}},"sort":["-Freight"],"limit":5,"include":["customer"]}"#),
        get("/v1/customers/BJORN"), get("/v1/customers/bjorn", 404), get("/v1/orders/99999", 404), get("/v1/orders/x", 400),
        get("/v1/orders?filter[Nope]=1", 400), get("/v1/orders?filter[OrderDate]=yesterday", 400), get("/v1/employees?sort=BirthDate", 400),
        get("/v1/orders?cursor=abc", 400), get("/v1/orders/aggregate?measures=sum(ShipName)", 400), get("/openapi.json"),
        get("/v1/orders?limit=201", 400), get("/v1/nothing", 404),
    ]

    private static let writes: [Step] = [
        post("/v1/shippers", #"{"CompanyName":"Fjord Freight"}"#, keeps: ["shipper": "data.ShipperID"]),
        get("/v1/shippers/{shipper}"), patch("/v1/shippers/{shipper}", #"{"Phone":"1"}"#),
        post(
            "/v1/orders",
            #"{"CustomerID":"BJORN","OrderDate":"2024-02-29T23:59:59.999999+01:00","Freight":"12.5","ShipVia":1,"details":[{"ProductID":1,"Quantity":2,"UnitPrice":"3.10"},{"ProductID":2,"Quantity":1,"UnitPrice":"0","Discount":0.15}]}"#,
            keeps: ["order": "data.OrderID"]),
        get("/v1/orders/{order}?include=details,customer"),
        patch("/v1/orders/{order}", #"{"Freight":{"$increment":"0.0001"},"ShipName":null}"#),
        patch("/v1/order-details/{order},1", #"{"Quantity":{"$increment":3},"Discount":0.1}"#), get("/v1/order-details/{order},1"),
        patch("/v1/orders/{order}", #"{"Status":"lost","Freight":"-1","Nope":1,"OrderID":5}"#, 422),
        patch("/v1/orders/{order}", #"{"CustomerID":"NOONE"}"#, 409),
        patch("/v1/orders/{order}", #"{"Status":"open"}"#, 412, headers: ["If-Match": "\"stale\""]),
        put("/v1/customers/NEWCO", #"{"CompanyName":"Neu & Cø é","City":"Bergen"}"#, 201),
        put("/v1/customers/NEWCO", #"{"CompanyName":"Neu"}"#, 200), put("/v1/shippers/500", #"{"CompanyName":"Given"}"#, 201),
        post("/v1/shippers", #"{"CompanyName":"Next"}"#), post("/v1/regions", #"{"RegionID":9,"RegionDescription":"Far"}"#),
        post("/v1/regions", #"{"RegionID":9,"RegionDescription":"Further"}"#, 409),
        post("/v1/regions", #"{"RegionID":10,"RegionDescription":"Far"}"#, 409),
        delete("/v1/regions/9"), delete("/v1/regions/9", 404), delete("/v1/regions/1", 409), delete("/v1/customers/BJORN", 409),
        delete("/v1/orders/{order}"), get("/v1/order-details/{order},1", 404), delete("/v1/employees/2"),
        get("/v1/employees?filter[ReportsTo][isNull]=true&select=EmployeeID,LastName"),
        post(
            "/v1/batch",
            #"{"operations":[{"method":"POST","path":"/v1/categories","body":{"CategoryName":"Nets"}},{"method":"PATCH","path":"/v1/products/1","body":{"UnitPrice":"9.99"}},{"method":"DELETE","path":"/v1/shippers/500"}]}"#,
            200),
        post(
            "/v1/batch",
            #"{"operations":[{"method":"PATCH","path":"/v1/products/1","body":{"UnitPrice":"1"}},{"method":"DELETE","path":"/v1/regions/1"}]}"#,
            409),
        get("/v1/products/1"), get("/v1/categories?sort=-CategoryID&limit=2"),
        post("/v1/suppliers", #"{"CompanyName":"Rope & Co","Country":"Norway"}"#, keeps: ["supplier": "data.SupplierID"]),
        patch("/v1/suppliers/{supplier}", #"{"City":"Ålesund"}"#), delete("/v1/suppliers/{supplier}"), get("/v1/suppliers/{supplier}", 404),
        get("/v1/suppliers?deleted=only"), Step(method: .POST, path: "/v1/suppliers/{supplier}/restore"),
        get("/v1/suppliers/{supplier}/history"), delete("/v1/suppliers/{supplier}?purge=true"), get("/v1/suppliers/{supplier}/history"),
        delete("/v1/suppliers/1"), get("/v1/products?filter[SupplierID][isNull]=true&select=ProductID"),
        imported("/v1/shippers/import", "text/csv", "ShipperID,CompanyName\r\n700,A\r\n,B\r\n705,C\r\n"),
        imported("/v1/shippers/import?onError=skip", "application/x-ndjson", "{\"CompanyName\":\"E\"}\n{\"CompanyName\":7}\n"),
        imported("/v1/territories/import", "application/json", #"[{"TerritoryID":"9","TerritoryDescription":"x","RegionID":77}]"#, 422),
        imported("/v1/shippers/import", "application/x-ndjson", "{\"CompanyName\":\"D\"}\n{\"CompanyName\":7}\n{\"Phone\":\"1\"}\n", 422),
        get("/v1/shippers?limit=50"),
    ]

    // MARK: Every type

    private static let thing =
        #"{"code":"AB1","part":0,"ownerID":"{owner}","line":"x\"é\u0001","long":"ÅSS ß","count":-5,"big":"9223372036854775807","ratio":0.1,"price":"12345.678","whole":"999999","tiny":"0.01","flag":true,"day":"2024-02-29","moment":"0001-01-01T00:00:00.000001Z","token":"6BA7B810-9DAD-11D1-80B4-00C04FD430C8","state":"old","note":{"b":1.50,"a":[null,{"z":"é"}]},"tags":["x","y,\"z\""],"blob":"AP8="}"#

    private static let types: [Step] = [
        post("/v1/owners", #"{"email":"a@b.c","nick":"Ann"}"#, keeps: ["owner": "data.id"]), post("/v1/owners", #"{"email":"a@b.c"}"#, 409),
        post("/v1/things", thing), get("/v1/things/AB1,0"), get("/v1/things/AB1,0?include=owner,notes"),
        post(
            "/v1/things",
            #"{"code":"AB1","part":1,"ownerID":"{owner}","line":"y","big":"-9223372036854775808","ratio":1e-7,"moment":"9999-12-31T23:59:59.999999Z"}"#
        ),
        post("/v1/things", #"{"code":"AB1","part":2,"ownerID":"{owner}","line":"é"}"#), post("/v1/things", thing, 409),
        post("/v1/things", #"{"code":"AB1","part":3,"ownerID":"00000000-0000-0000-0000-000000000000","line":"z"}"#, 409),
        post("/v1/things", #"{"code":"AB1","part":3,"ownerID":"{owner}","line":"z","count":2}"#, 422),
        get("/v1/things?sort=big"), get("/v1/things?sort=-moment"), get("/v1/things?sort=token,ratio"), get("/v1/things?sort=-line"),
        get("/v1/things?sort=day,-flag"), get("/v1/things?filter[flag]=true"), get("/v1/things?filter[tags][has]=x"),
        get("/v1/things?filter[big][gt]=0"), get("/v1/things?filter[price][in]=12345.678,1"),
        get("/v1/things?filter[moment][lt]=2024-01-01T00:00:00Z"),
        get("/v1/things?filter[token]=6ba7b810-9dad-11d1-80b4-00c04fd430c8"), get("/v1/things?filter[day][gte]=2024-02-29"),
        get("/v1/things?search=åss"), get("/v1/things?search=SS"), get("/v1/things?filter[long][contains]=ss"),
        get("/v1/things/aggregate?groupBy=flag,state&measures=count,sum(price),avg(price),sum(big),min(day),max(moment),avg(ratio)"),
        get("/v1/things/aggregate?groupBy=hour(moment),day(moment)&measures=count"),
        patch("/v1/things/AB1,1", #"{"price":{"$increment":"0.001"},"count":1,"blob":"AAAA","note":[1,2],"flag":null}"#, 422),
        patch("/v1/things/AB1,1", #"{"price":"1.5","count":1,"blob":"AAAA","note":[1.0,"2"]}"#),
        patch("/v1/things/AB1,0", #"{"count":{"$increment":3}}"#), get("/v1/things?select=code,part,price,count,note"),
        get("/v1/things", headers: ["Accept": "text/csv"]), get("/v1/things", headers: ["Accept": "application/x-ndjson"]),
        post("/v1/notes", #"{"text":"a","code":"AB1","part":1,"replies":[{"text":"b"},{"text":"c","replies":[{"text":"d"}]}]}"#),
        get("/v1/notes?include=replies.replies,thing"), delete("/v1/things/AB1,1?purge=true"), get("/v1/notes"), get("/v1/notes/1/history"),
        delete("/v1/notes/1"), get("/v1/notes"), delete("/v1/owners/{owner}"), get("/v1/things", keeps: [:]),
        get("/v1/things?deleted=include"),
        Step(method: .POST, path: "/v1/owners/{owner}/restore"), get("/v1/owners/{owner}/history"), get("/v1/secrets", 401),
        get("/v1/inboxes", 401),
    ]

    // MARK: Both servers

    private static let key = String(repeating: "0123456789abcdef", count: 4)

    private static func onBoth(
        _ schema: String, data: [(entity: String, path: String)] = [], _ steps: [Step]
    ) async throws {
        let postgres = try await PostgresServer.running().makeSchema()
        async let first = answers(schema, data, steps, environment: [:])
        async let second = answers(schema, data, steps, environment: ["DATABASE_URL": postgres])
        let (sqlite, other) = try await (first, second)
        for (index, step) in steps.enumerated() {
            let place = "\(step.method.rawValue) \(step.path)"
            #expect(sqlite[index].hasPrefix("\(step.status)\n"), "\(place): \(sqlite[index].suffix(600))")
            let pairs = zip(sqlite[index].split(separator: "\n"), other[index].split(separator: "\n"))
            let difference = pairs.first { $0 != $1 }.map { "SQLite: \($0)\nPostgreSQL: \($1)" }
            #expect(sqlite[index] == other[index], "\(place)\n\(difference ?? "")")
        }
    }

    private static func answers(
        _ schema: String, _ data: [(entity: String, path: String)], _ steps: [Step], environment: [String: String]
    ) async throws -> [String] {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        let environment = environment.merging(["SECRET_KEYS": key]) { $1 }
        for (entity, path) in data {
            let outcome = try await SeaworthyProcess.run(["import", entity, path], in: folder.url, environment: environment)
            try #require(outcome.status == 0, "import of \(entity) failed: \(outcome.errors)")
            #expect(outcome.errors.isEmpty)
        }
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        var answers: [String] = []
        do {
            let api = APIClient(address: address)
            var known: [String: String] = [:]
            var identifiers: [String] = []
            for step in steps {
                func filled(_ text: String) -> String { known.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) } }
                var headers = step.headers
                if step.body != nil { headers.replaceOrAdd(name: "Content-Type", value: step.type) }
                let answer = try await api.send(step.method, filled(step.path), headers: headers, body: step.body.map(filled))
                for (name, place) in step.keeps { known[name] = try answer.value(place).plain }
                answers.append(comparable(answer, step, &identifiers))
            }
        } catch {
            await process.stop()
            throw error
        }
        #expect(await process.stop().status == 0)
        return answers
    }

    /// The answer without what differs from one start of a server to the next.
    private static func comparable(_ answer: APIClient.Answer, _ step: Step, _ identifiers: inout [String]) -> String {
        var headers = answer.headers.filter { !["date", "x-request-id", "content-length"].contains($0.name.lowercased()) }
        // The tag of a record that tells when it was made tells that too.
        if ["suppliers", "owners", "things"].contains(where: step.path.contains) { headers.removeAll { $0.name.lowercased() == "etag" } }
        let lines = headers.map { "\($0.name.lowercased()): \($0.value)" }.sorted()
        var text = (["\(answer.status)"] + lines + ["", answer.body]).joined(separator: "\n")
        text = text.replacing(/"requestId":"[^"]*"/, with: #""requestId":"…""#)
        text = text.replacing(/("nextCursor":"|cursor=)[A-Za-z0-9_\-]+/) { "\($0.output.1)…" }
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        if let now = try? Regex("\(year)-[0-9]{2}-[0-9]{2}T[0-9:.]+Z") { text = text.replacing(now, with: "now") }
        return text.replacing(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/) { match in
            let identifier = String(match.output)
            if !identifiers.contains(identifier) { identifiers.append(identifier) }
            return "uuid-\(identifiers.firstIndex(of: identifier) ?? -1)"
        }
    }

    private static func northwind() throws -> (schema: String, data: [(entity: String, path: String)]) {
        let schema = try String(contentsOf: ExampleServer.example.appendingPathComponent("seaworthy.yaml"), encoding: .utf8)
        return (schema, ExampleServer.tables.map { ($0, ExampleServer.example.appendingPathComponent("data/\($1).csv").standardized.path) })
    }

    @Test func `to what reads`() async throws {
        let northwind = try Self.northwind()
        try await Self.onBoth(northwind.schema, data: northwind.data, Self.reads)
    }

    @Test func `to what writes`() async throws {
        let northwind = try Self.northwind()
        try await Self.onBoth(northwind.schema, data: northwind.data, Self.writes)
    }

    @Test func `of every type`() async throws {
        try await Self.onBoth(EverythingServer.schema, Self.types)
    }
}

extension JSONValue {
    /// A text without quotation marks, or a number's digits.
    fileprivate var plain: String {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        default: ""
        }
    }
}
