import NIOHTTP1
import SeaworthySchema
import Testing

/// What a hostile or mistaken client sends, and the precise refusal that it gets.
@Suite struct `Bad input is refused precisely` {
    private struct Scenario {
        var method = HTTPMethod.GET
        var path: String
        var body: String?
        var headers: HTTPHeaders = [:]
        var status: Int
        var code: String
        /// The codes of `errors`; nil when they do not matter.
        var errors: [String]?
        /// What the body must contain.
        var contains: String = ""
    }

    private static let json: HTTPHeaders = ["Content-Type": "application/json"]

    private static func post(
        _ path: String, _ body: String, _ status: Int, _ code: String, _ errors: [String]? = nil, contains: String = ""
    )
        -> Scenario
    {
        Scenario(
            method: .POST, path: path, body: body, headers: json, status: status, code: code, errors: errors, contains: contains)
    }

    private static let deepFilter = String(repeating: #"{"NOT":"#, count: 9) + "{}" + String(repeating: "}", count: 9)

    private static let scenarios: [Scenario] = [
        // Parameters.
        Scenario(
            path: "/v1/orders?limt=1", status: 400, code: "invalid_query", errors: ["unknown_parameter"], contains: "did you mean «limit»"),
        Scenario(path: "/v1/orders?limit=0", status: 400, code: "invalid_query", errors: ["invalid_parameter"]),
        Scenario(path: "/v1/orders?limit=201", status: 400, code: "invalid_query", errors: ["invalid_parameter"]),
        Scenario(path: "/v1/orders?limit=99999999999999999999", status: 400, code: "invalid_query", errors: ["invalid_parameter"]),
        Scenario(path: "/v1/orders?limit=1&limit=2", status: 400, code: "invalid_query", errors: ["duplicate_parameter"]),
        Scenario(path: "/v1/orders?page=1&cursor=x", status: 400, code: "invalid_query", errors: ["conflicting_parameters"]),
        Scenario(path: "/v1/orders?cursor=AAAA", status: 400, code: "invalid_query", errors: ["invalid_cursor"]),
        Scenario(path: "/v1/orders?sort=Nope&select=Nope&count=maybe", status: 400, code: "invalid_query"),
        Scenario(path: "/v1/orders?include=custmer", status: 400, code: "invalid_query", errors: ["unknown_field"]),
        Scenario(path: "/v1/orders?deleted=only", status: 400, code: "invalid_query", errors: ["invalid_parameter"]),
        Scenario(path: "/v1/orders?sort=details.Quantity", status: 400, code: "invalid_query", errors: ["invalid_parameter"]),
        Scenario(path: "/v1/orders?sort=%FF", status: 400, code: "invalid_encoding"),
        Scenario(path: "/v1/orders?sort=%00", status: 400, code: "invalid_encoding"),
        Scenario(path: "/v1/employees?sort=BirthDate", status: 400, code: "invalid_query", errors: ["unknown_field"]),
        Scenario(path: "/v1/employees?select=HomePhone", status: 400, code: "invalid_query", errors: ["unknown_field"]),
        Scenario(path: "/v1/order-details?search=x", status: 400, code: "invalid_query", errors: ["not_searchable"]),
        Scenario(path: "/health?x=1", status: 400, code: "unknown_parameter"),
        Scenario(path: "/openapi.json?x=1", status: 400, code: "unknown_parameter"),
        // Filters.
        Scenario(path: "/v1/orders?filter=%7B", status: 400, code: "invalid_query", errors: ["invalid_parameter"]),
        Scenario(path: "/v1/orders?filter=[]", status: 400, code: "invalid_query", errors: ["invalid_filter"]),
        Scenario(
            path: "/v1/orders?filter=\(#"{"Freight":{"near":1}}"#.escaped)", status: 400, code: "invalid_query",
            errors: ["unknown_operator"]),
        Scenario(
            path: "/v1/orders?filter=\(#"{"Freight":{"contains":"1"}}"#.escaped)", status: 400, code: "invalid_query",
            errors: ["operator_not_applicable"]),
        Scenario(path: "/v1/orders?filter=\(#"{"OrderID":"x"}"#.escaped)", status: 400, code: "invalid_query", errors: ["wrong_type"]),
        Scenario(path: "/v1/orders?filter=\(#"{"OrderID":1e999}"#.escaped)", status: 400, code: "invalid_query", errors: ["out_of_range"]),
        Scenario(
            path: "/v1/orders?filter=\(#"{"OrderID":{"in":[1,null]}}"#.escaped)", status: 400, code: "invalid_query",
            errors: ["invalid_filter"]),
        Scenario(
            path: "/v1/orders?filter=\(#"{"CustomerID":"$user.id"}"#.escaped)", status: 400, code: "invalid_query",
            errors: ["variable_not_allowed"]),
        Scenario(
            path: "/v1/orders?filter=\(#"{"ShipVia":1,"ShipVia":2}"#.escaped)", status: 400, code: "invalid_query",
            errors: ["invalid_parameter"]),
        Scenario(
            path: "/v1/orders?filter=\(#"{"Nope":1,"Status":"lost"}"#.escaped)", status: 400, code: "invalid_query",
            errors: ["unknown_field", "value_not_allowed"]),
        Scenario(
            path: "/v1/employees?filter=\(#"{"BirthDate":null}"#.escaped)", status: 400, code: "invalid_query", errors: ["unknown_field"]),
        Scenario(path: "/v1/orders?filter=\(deepFilter.escaped)", status: 400, code: "invalid_query", errors: ["filter_too_deep"]),
        Scenario(
            path: "/v1/orders?filter[OrderID][gt]=1&filter[OrderID][gt]=2", status: 400, code: "invalid_query", errors: ["invalid_filter"]),
        // Paths and methods.
        Scenario(path: "/v1/orders/", status: 404, code: "not_found"),
        Scenario(path: "/v1//orders", status: 404, code: "not_found"),
        Scenario(path: "/v1/batch", status: 405, code: "method_not_allowed"),
        Scenario(path: "/v1/customers/query", status: 405, code: "method_not_allowed"),
        post("/v1/orders/query", "[]", 400, "invalid_query", ["wrong_type"]),
        post("/v1/orders/query", #"{"limit":"x","filter":5}"#, 400, "invalid_query", ["invalid_parameter", "invalid_parameter"]),
        post("/v1/orders/query?limit=1", "{}", 400, "unknown_parameter", ["unknown_parameter"]),
        post("/v1/batch", "{}", 422, "invalid_record", ["required"]),
        post("/v1/batch", #"{"operations":[]}"#, 422, "invalid_record", ["out_of_range"]),
        post("/v1/batch", #"{"operations":[{"method":"POST","path":"/health","body":{}}]}"#, 422, "invalid_record", ["not_found"]),
        post("/v1/batch", #"{"operations":[{"method":"GET","path":"/v1/customers/a b"}]}"#, 422, "invalid_record", ["invalid_encoding"]),
        post("/v1/batch", #"{"operations":[{"method":"GET","path":"/v1/customers/é"}]}"#, 422, "invalid_record", ["invalid_encoding"]),
        post(
            "/v1/batch", #"{"operations":[{"method":"GET","path":"/v1/customers/BJORN#x"}]}"#, 422, "invalid_record", ["invalid_encoding"]),
        post("/v1/batch", #"{"operations":[{"method":"GET","path":"/v1/customers/aggregate"}]}"#, 422, "invalid_record", ["not_found"]),
        post("/v1/batch", #"{"operations":[{"method":"DELETE","path":"/v1/customers/query"}]}"#, 422, "invalid_record", ["not_found"]),
        post("/v1/batch", #"{"operations":[{"method":"DELETE","path":"/v1/customers/import"}]}"#, 422, "invalid_record", ["not_found"]),
        post("/v1/batch", #"{"operations":[{"method":"LIST","path":"/v1/orders"}]}"#, 422, "invalid_record", ["method_not_allowed"]),
        Scenario(
            path: "/v1/orders/aggregate?groupBy=Nope&measures=sum(OrderID),sum(CustomerID)&having=x", status: 400, code: "invalid_query",
            errors: ["unknown_field", "invalid_parameter"]),
        post("/v1/orders/aggregate", "{}", 405, "method_not_allowed"),
        post("/v1/orders/import", "{}", 400, "import.invalid_file"),
        Scenario(path: "/docs/", status: 404, code: "not_found"),
        Scenario(path: "/v1/auth/login", status: 405, code: "method_not_allowed"),
        Scenario(path: "/v1/auth/nothing", status: 404, code: "not_found"),
        // Open in development.
        Scenario(path: "/health/deps?verbose", status: 400, code: "unknown_parameter"),
        Scenario(path: "/metrics?name=up", status: 400, code: "unknown_parameter"),
        Scenario(method: .POST, path: "/metrics", status: 405, code: "method_not_allowed"),
        Scenario(path: "/metrics/", status: 404, code: "not_found"),
        Scenario(path: "/v1/orders/abc", status: 400, code: "invalid_key"),
        Scenario(path: "/v1/orders/1%00", status: 400, code: "invalid_encoding"),
        Scenario(path: "/v1/order-details/10001", status: 400, code: "invalid_key"),
        Scenario(path: "/v1/order-details/10001,1,2", status: 400, code: "invalid_key"),
        Scenario(path: "/v1/orders/999999", status: 404, code: "record_not_found"),
        Scenario(path: "/v1/customers/'%20OR%201=1--", status: 404, code: "record_not_found"),
        Scenario(method: .PUT, path: "/v1/orders/10001", status: 415, code: "unsupported_media_type"),
        Scenario(method: .DELETE, path: "/v1/orders", status: 405, code: "method_not_allowed"),
        Scenario(method: .POST, path: "/health", status: 405, code: "method_not_allowed"),
        // Bodies.
        Scenario(method: .POST, path: "/v1/shippers", body: "{}", status: 415, code: "unsupported_media_type"),
        Scenario(
            method: .POST, path: "/v1/shippers", body: "a=1", headers: ["Content-Type": "application/x-www-form-urlencoded"], status: 415,
            code: "unsupported_media_type"),
        Scenario(
            method: .POST, path: "/v1/shippers", body: "{}", headers: ["Content-Type": "application/merge-patch+json"], status: 415,
            code: "unsupported_media_type"),
        Scenario(
            method: .POST, path: "/v1/shippers", body: "{}", headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"],
            status: 415, code: "unsupported_media_type", contains: "Content-Encoding"),
        post("/v1/shippers", "", 400, "invalid_json"),
        post("/v1/shippers", "{", 400, "invalid_json"),
        post("/v1/shippers", #"{"CompanyName":"a"} x"#, 400, "invalid_json"),
        post("/v1/shippers", #"{"CompanyName":"a","CompanyName":"b"}"#, 400, "duplicate_member", contains: "CompanyName"),
        post("/v1/shippers", #"{"CompanyName":"a","CompanyN\u0061me":"b"}"#, 400, "duplicate_member"),
        post("/v1/shippers", "{\"CompanyName\":\"\u{1}\"}", 400, "invalid_json"),
        post("/v1/shippers", #"{"CompanyName":"\ud800"}"#, 400, "invalid_json"),
        post("/v1/shippers", String(repeating: "[", count: 65) + String(repeating: "]", count: 65), 400, "json_too_deep"),
        post("/v1/shippers", #"["CompanyName"]"#, 422, "invalid_record", ["wrong_type"]),
        post("/v1/shippers", "{}", 422, "invalid_record", ["required"]),
        post("/v1/shippers", #"{"CompanyName":null}"#, 422, "invalid_record", ["required"]),
        post("/v1/shippers", #"{"CompanyName":7}"#, 422, "invalid_record", ["wrong_type"]),
        post("/v1/shippers", #"{"CompanyName":"a\u0000b"}"#, 422, "invalid_record", ["nul_character"]),
        post("/v1/shippers", #"{"CompanyName":"a","ShipperID":9}"#, 422, "invalid_record", ["generated_field"]),
        post("/v1/shippers", #"{"CompanyNam":"a","Phon":"1"}"#, 422, "invalid_record", contains: "did you mean «CompanyName»"),
        post("/v1/shippers?purge=true", #"{"CompanyName":"a"}"#, 400, "unknown_parameter"),
        post("/v1/shippers?x=1", #"{"CompanyName":"a"}"#, 400, "unknown_parameter"),
        post(
            "/v1/orders", #"{"Freight":"1.23456","Status":"lost","OrderDate":"2024-02-30T00:00:00Z","ShipVia":1.5,"Nope":1}"#, 422,
            "invalid_record", ["out_of_range", "value_not_allowed", "invalid_format", "wrong_type", "unknown_field"]),
        post("/v1/orders", #"{"Freight":"-0.0001"}"#, 422, "invalid_record", ["out_of_range"]),
        post(
            "/v1/orders", #"{"OrderDate":"2024-02-02T00:00:00Z","ShippedDate":"2024-02-01T23:59:59.999999Z"}"#, 422, "invalid_record",
            ["check_failed"], contains: "shippedAfterOrdered"),
        post(
            "/v1/orders", #"{"CustomerID":"NOPES","ShipVia":99}"#, 409, "reference_not_found",
            ["reference_not_found", "reference_not_found"]),
        post("/v1/orders", #"{"customer":{"CustomerID":"BJORN"}}"#, 422, "invalid_record", ["relation_not_writable"]),
        post(
            "/v1/orders", #"{"details":[{"ProductID":1,"Quantity":0}]}"#, 422, "invalid_record", ["out_of_range"],
            contains: "/details/0/Quantity"),
        post(
            "/v1/customers", #"{"CustomerID":"BJORN","CompanyName":"x"}"#, 409, "unique_conflict", ["unique_conflict"],
            contains: "/CustomerID"),
        post("/v1/employees", #"{"FirstName":"a","LastName":"b","BirthDate":"2000-01-01"}"#, 422, "invalid_record", ["unknown_field"]),
        Scenario(
            method: .PATCH, path: "/v1/shippers/1", body: "{}", headers: ["Content-Type": "application/json", "If-Match": "\"x\""],
            status: 412, code: "precondition_failed"),
        Scenario(
            method: .PATCH, path: "/v1/shippers/1", body: #"{"ShipperID":2}"#, headers: json, status: 422, code: "invalid_record",
            errors: ["immutable_field"]),
        Scenario(
            method: .PATCH, path: "/v1/orders/10001", body: #"{"Freight":{"$decrement":1}}"#, headers: json, status: 422,
            code: "invalid_record", errors: ["wrong_type"]),
        Scenario(method: .DELETE, path: "/v1/shippers/1", status: 409, code: "record_referenced", contains: "Order record(s)"),
    ]

    /// What says something of a stored record, where none is named: an operation of a batch has its own.
    private static let conditions: [Scenario] = [
        ("If-Match", "*"), ("If-None-Match", "*"), ("If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ].flatMap { name, value in
        [
            ("/v1/batch", #"{"operations":[{"method":"GET","path":"/v1/customers/BJORN"}]}"#),
            ("/v1/shippers", #"{"CompanyName":"a"}"#), ("/v1/shippers/import", #"[{"CompanyName":"a"}]"#),
        ].map { path, body in
            Scenario(
                method: .POST, path: path, body: body, headers: ["Content-Type": "application/json", name: value], status: 400,
                code: "not_supported", errors: ["not_supported"], contains: name)
        }
    }

    @Test func `with the status, code and place of each problem`() async throws {
        try await ExampleServer.with { server in
            let before = try await server.shell(
                "SELECT (SELECT count(*) FROM shippers), (SELECT count(*) FROM orders), (SELECT count(*) FROM customers)")
            for scenario in Self.scenarios + Self.conditions {
                let answer = try await server.api.send(scenario.method, scenario.path, headers: scenario.headers, body: scenario.body)
                let name: Comment = "\(scenario.method) \(scenario.path.prefix(120)) \(scenario.body ?? ""): \(answer.body)"
                #expect(answer.status == scenario.status, name)
                #expect(try answer.text("code") == scenario.code, name)
                #expect(answer.headers.first(name: "Content-Type") == "application/problem+json", name)
                #expect(try answer.value("status") == .number(String(scenario.status)), name)
                #expect(answer.headers.first(name: "X-Request-Id") == (try answer.text("requestId")), name)
                #expect(answer.headers.first(name: "X-Content-Type-Options") == "nosniff", name)
                if let errors = scenario.errors { #expect(try answer.errorCodes.sorted() == errors.sorted(), name) }
                #expect(scenario.contains.isEmpty || answer.body.contains(scenario.contains), name)
                #expect(!answer.body.contains("SELECT") && !answer.body.contains("sqlite"), name)
                if scenario.status == 405 { #expect(answer.headers.first(name: "Allow")?.isEmpty == false, name) }
            }
            let after = try await server.shell(
                "SELECT (SELECT count(*) FROM shippers), (SELECT count(*) FROM orders), (SELECT count(*) FROM customers)")
            #expect(before == after)
        }
    }

    @Test func `with at most a hundred problems`() async throws {
        try await ExampleServer.with { server in
            let members = (0..<150).map { #""x\#($0)":1"# }.joined(separator: ",")
            let answer = try await server.api.post("/v1/shippers", #"{"CompanyName":"a",\#(members)}"#)
            #expect(try answer.list("errors").count == 100)
            #expect(try answer.text("detail") == "The Shipper breaks 100 rules.")
        }
    }

    @Test func `with 413 and 414 at the caps and not before`() async throws {
        try await ExampleServer.with { server in
            // The longest name that fits is refused for its length only.
            let frame = #"{"CompanyName":""}"#.utf8.count
            let fits = #"{"CompanyName":"\#(String(repeating: "a", count: 1024 * 1024 - frame))"}"#
            #expect(try await server.api.post("/v1/shippers", fits).errorCodes == ["too_long"])
            let tooLarge = try await server.api.post("/v1/shippers", fits + " ")
            #expect(tooLarge.status == 413)
            #expect(try tooLarge.text("code") == "content_too_large")
            let path = "/v1/shippers?filter="
            #expect(try await server.api.get(path + String(repeating: "a", count: 16 * 1024 - path.utf8.count)).status == 400)
            #expect(try await server.api.get(path + String(repeating: "a", count: 16 * 1024 - path.utf8.count + 1)).status == 414)
            #expect(try await server.api.get("/v1/shippers", headers: ["X-Long": String(repeating: "a", count: 33 * 1024)]).status == 431)
        }
    }

    @Test func `and text that looks like SQL is only text`() async throws {
        try await ExampleServer.with { server in
            let name = #"Robert'); DROP TABLE shippers;-- " \ %"#
            let created = try await server.api.post("/v1/shippers", JSONValue.object(["CompanyName": .string(name)]).compactText)
            #expect(created.status == 201)
            #expect(try created.text("data.CompanyName") == name)
            let found = try await server.api.get("/v1/shippers?filter%5BCompanyName%5D=\(name.escaped)")
            #expect(try found.list("data").count == 1)
            #expect(try await server.shell("SELECT CompanyName FROM shippers ORDER BY ShipperID DESC LIMIT 1") == [[name]])
        }
    }
}
