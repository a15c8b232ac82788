import Foundation
import NIOHTTP1
import PostgresServing
import SeaworthySchema
import Testing

@Suite struct `A database of others, pulled and served` {
    /// The answer's data without white space behind colons and commas, which `jsonb` has.
    private func data(_ answer: APIClient.Answer) throws -> String { try answer.value("data").compactText }

    private func expect(
        _ answer: APIClient.Answer, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try data(answer) == expected, sourceLocation: sourceLocation)
    }

    private func values(_ answer: APIClient.Answer, _ field: String) throws -> [String] {
        try answer.list("data").map { record in
            guard case .object(let object) = record else { return "?" }
            return object[field]?.compactText ?? "?"
        }
    }

    private func filter(_ json: String) -> String { "filter=" + json.escaped }

    @Test func `reads what stands in PostgreSQL, types that are not the server's own included`() async throws {
        let (address, _) = try await WildDatabase.makePostgres()
        try await WildDatabase.serving(try TemporaryFolder(), address) { api in
            try expect(
                try await api.get("/v1/products/1"),
                #"{"product_id":1,"product_name":"Chai","category_id":1,"unit_price":18.5,"units_in_stock":null,"discontinued":false,"#
                    + #""tags":["tea","hot, sweet"],"attributes":{"a":[1,2],"b":1},"weight":1.25,"price":"18.50"}"#)
            try expect(
                try await api.get("/v1/orders/1?include=customer,employee.manager,order_details"),
                #"{"order_id":1,"customer_id":"ALFKI","employee_id":2,"order_date":"1996-07-04T10:00:00.000000Z","freight":"32.3800","status":"shipped","#
                    + #""customer":{"customer_id":"ALFKI","company_name":"alfreds","contact_name":"Maria"},"#
                    + #""employee":{"employee_id":2,"last_name":"Davolio","birth_date":null,"hire_date":null,"reports_to":1,"#
                    + #""manager":{"employee_id":1,"last_name":"Fuller","birth_date":"1950-01-01","hire_date":"1990-01-01","reports_to":null}},"#
                    + #""order_details":[{"order_id":1,"product_id":1,"unit_price":18,"quantity":3}]}"#)
            #expect(try data(try await api.get("/v1/customers/AB?include=orders")).contains(#""orders":[{"order_id":2,"#))
            #expect(
                try data(try await api.get("/v1/employees/1?include=reports")).contains(
                    #""reports":[{"employee_id":2,"#))
            #expect(try data(try await api.get("/v1/order-totals")) == #"[{"order_id":"1","total":54}]"#)
            #expect(try data(try await api.get("/v1/categories/1")).contains(#""picture":"AQI=""#))
        }
    }

    @Test func `filters, sorts, pages and groups by columns of other types`() async throws {
        let (address, _) = try await WildDatabase.makePostgres()
        try await WildDatabase.serving(try TemporaryFolder(), address) { api in
            let filters: [(String, String, [String])] = [
                ("orders", #"{"status":"shipped"}"#, ["1"]), ("orders", #"{"status":{"in":["open","cancelled"]}}"#, ["2"]),
                ("orders", #"{"status":{"not":"open"}}"#, ["1"]), ("orders", #"{"status":{"contains":"SHIP"}}"#, ["1"]),
                ("orders", #"{"status":{"gt":"open"}}"#, ["1"]), ("orders", #"{"customer_id":"AB"}"#, ["2"]),
                ("orders", #"{"customer_id":{"in":["AB","X"]}}"#, ["2"]), ("orders", #"{"customer_id":{"endsWith":"b"}}"#, ["2"]),
                ("orders", #"{"order_date":{"gt":"1996-07-04T10:00:00Z"}}"#, ["2"]),
                ("orders", #"{"order_date":"1996-07-04T12:00:00+02:00"}"#, ["1"]),
                ("orders", #"{"order_date":{"lte":"1997-07-04T10:00:00.5Z"}}"#, ["1", "2"]),
                ("orders", #"{"customer.company_name":{"gte":"a"}}"#, ["1"]), ("orders", #"{"freight":{"gt":"5"}}"#, ["1"]),
                ("orders", #"{"order_details":{"some":{"quantity":3}}}"#, ["1"]),
                ("orders", #"{"employee.manager.last_name":"Fuller"}"#, ["1"]),
            ]
            for (path, json, keys) in filters {
                #expect(try values(try await api.get("/v1/\(path)?sort=order_id&" + filter(json)), "order_id") == keys, "\(json)")
            }
            let products = [
                #"{"tags":{"has":"tea"}}"#, #"{"weight":1.25}"#, #"{"weight":{"lt":1.3}}"#, #"{"unit_price":18.5}"#, #"{"price":"18.50"}"#,
            ]
            for json in products {
                #expect(try values(try await api.get("/v1/products?" + filter(json)), "product_id") == ["1"], "\(json)")
            }
            #expect(try values(try await api.get("/v1/products?" + filter(#"{"tags":{"has":"te"}}"#)), "product_id") == [])
            // By code point, where the column's own order would begin with alfreds.
            for (sort, names) in [("company_name", ["Bottom", "alfreds", "Äpfel"]), ("-company_name", ["Äpfel", "alfreds", "Bottom"])] {
                var walked: [String] = []
                var path = "/v1/customers?limit=1&sort=\(sort)"
                while walked.count < 5 {
                    let answer = try await api.get(path)
                    walked += try values(answer, "company_name").map { String($0.dropFirst().dropLast()) }
                    guard case .string(let cursor) = try answer.value("meta.nextCursor") else { break }
                    path = "/v1/customers?limit=1&sort=\(sort)&cursor=\(cursor)"
                }
                #expect(walked == names)
            }
            #expect(try values(try await api.get("/v1/orders?sort=-order_date"), "order_id") == ["2", "1"])
            #expect(try values(try await api.get("/v1/orders?sort=status"), "order_id") == ["2", "1"])
            try expect(
                try await api.get("/v1/orders/aggregate?groupBy=status&measures=count,sum(freight),min(order_date)&sort=status"),
                #"[{"status":"open","count":1,"sum(freight)":"5.0000","min(order_date)":"1997-07-04T10:00:00.500000Z"},"#
                    + #"{"status":"shipped","count":1,"sum(freight)":"32.3800","min(order_date)":"1996-07-04T10:00:00.000000Z"}]"#)
            try expect(
                try await api.get("/v1/orders/aggregate?groupBy=month(order_date)&measures=count&sort=month(order_date)"),
                #"[{"month(order_date)":"1996-07","count":1},{"month(order_date)":"1997-07","count":1}]"#)
            try expect(
                try await api.get("/v1/customers/aggregate?measures=min(company_name),max(customer_id)"),
                #"[{"min(company_name)":"Bottom","max(customer_id)":"ZED"}]"#)
        }
    }

    @Test func `writes what PostgreSQL then holds, and names what it refuses`() async throws {
        let (address, name) = try await WildDatabase.makePostgres()
        let server = try await PostgresServer.running()
        try await WildDatabase.serving(try TemporaryFolder(), address) { api in
            let made = try await api.post(
                "/v1/products",
                #"{"product_name":"Chang","tags":["x","a \"b\""],"attributes":{"z":1},"weight":2.5,"price":"3.10","units_in_stock":32767}"#)
            #expect(made.status == 201, "\(made.body)")
            #expect(try made.value("data.product_id") == 2)
            #expect(
                try await server.shell(
                    name, "SELECT product_id, tags, attributes, weight, price, units_in_stock FROM products WHERE product_id = 2")
                    == #"2|{x,"a \"b\""}|{"z": 1}|2.5|3.10|32767"#)
            let order = try await api.post(
                "/v1/orders",
                #"{"customer_id":"AB","order_date":"2024-05-01T12:00:00+02:00","order_details":[{"product_id":2,"unit_price":2.5,"quantity":2}]}"#
            )
            #expect(order.status == 201, "\(order.body)")
            #expect(try order.value("data.status") == "open")
            #expect(try await server.shell(name, "SELECT * FROM orders WHERE order_id = 3") == "3|AB   ||2024-05-01 10:00:00|0.0000|open|")
            #expect(try await api.patch("/v1/orders/3", #"{"status":"cancelled","order_date":null}"#).status == 200)
            #expect(try await server.shell(name, "SELECT status, order_date FROM orders WHERE order_id = 3") == "cancelled|")
            #expect(try await api.patch("/v1/products/2", #"{"tags":[],"attributes":null}"#).status == 200)
            #expect(try await server.shell(name, "SELECT tags, attributes FROM products WHERE product_id = 2") == "{}|")
            // A key that only the database makes, given by PUT; the next one goes on behind it.
            #expect(
                try await api.send(
                    .PUT, "/v1/products/50", headers: ["Content-Type": "application/json"], body: #"{"product_name":"Given","tags":[]}"#
                ).status == 201)
            #expect(try await api.post("/v1/products", #"{"product_name":"Next"}"#).value("data.product_id") == 51)
            let refused: [(String, String, Int, [String])] = [
                ("/v1/products", #"{"product_name":"A","units_in_stock":32768}"#, 422, ["out_of_range"]),
                ("/v1/products", #"{"product_name":"A","unit_price":-1}"#, 422, ["out_of_range"]),
                ("/v1/products", #"{"product_name":"chai"}"#, 409, ["unique_conflict"]),
                ("/v1/products", #"{"product_name":"NONE"}"#, 422, ["storage.check_violation"]),
                ("/v1/customers", #"{"customer_id":"TOOLONG","company_name":"x"}"#, 422, ["too_long"]),
                ("/v1/orders", #"{"status":"lost"}"#, 422, ["value_not_allowed"]),
                ("/v1/orders", #"{"customer_id":"NOPE"}"#, 409, ["reference_not_found"]),
                ("/v1/employees", #"{"last_name":"x","birth_date":"2000-01-02","hire_date":"2000-01-01"}"#, 422, ["check_failed"]),
                ("/v1/order-totals", #"{"order_id":"7"}"#, 405, []),
            ]
            for (path, body, status, codes) in refused {
                let answer = try await api.post(path, body)
                let found = try answer.errorCodes
                #expect(answer.status == status && found == codes, "\(body): \(answer.body)")
            }
            // Its order is that of an invoice, of which this schema knows nothing.
            let kept = try await api.delete("/v1/customers/ALFKI")
            #expect(kept.status == 409 && kept.body.contains("something that is not in the schema refers to it"), "\(kept.body)")
            #expect(try await api.delete("/v1/customers/AB").status == 204)
            #expect(try await server.shell(name, "SELECT order_id FROM orders ORDER BY 1") == "1")
        }
    }

    @Test func `reaches tables in other schemas, and references across them`() async throws {
        let (address, name) = try await WildDatabase.makePostgres()
        let server = try await PostgresServer.running()
        let folder = try TemporaryFolder()
        try await WildDatabase.serving(folder, address, ["--schema-name", "sales", "--schema-name", "public"]) { api in
            try expect(
                try await api.get("/v1/invoices/1?select=id,sum,order.order_id&include=order"),
                #"{"id":1,"sum":"12.50","order":{"order_id":1}}"#)
            #expect(
                try data(try await api.get("/v1/orders/1?select=order_id,invoices.sum&include=invoices"))
                    == #"{"order_id":1,"invoices":[{"sum":"12.50"}]}"#)
            let made = try await api.post("/v1/sales-orders", #"{"invoice_id":1}"#)
            #expect(made.status == 201, "\(made.body)")
            #expect(try await server.shell(name, "SELECT * FROM sales.orders") == "1|1")
            #expect(try values(try await api.get("/v1/sales-orders?" + filter(#"{"invoice.order.status":"shipped"}"#)), "id") == ["1"])
            #expect(try await api.send(.PUT, "/v1/sales-orders/9", headers: ["Content-Type": "application/json"], body: "{}").status == 201)
            #expect(try await api.post("/v1/sales-orders", "{}").value("data.id") == 10)
            #expect(try await api.patch("/v1/sales-orders/10", #"{"invoice_id":7}"#).status == 409)
            #expect(try await api.delete("/v1/sales-orders/1").status == 204)
            #expect(try await api.get("/v1/invoices/aggregate?measures=sum(sum)").body.contains(#""sum(sum)":"12.50""#))
        }
        let yaml = try folder.text("seaworthy.yaml")
        #expect(yaml.contains("  SalesOrder:\n    dbSchema: sales\n    table: orders\n"))
        // SQLite has no schemas, which is said before anything is opened.
        let check = try await SeaworthyProcess.run(["check"], in: folder.url)
        #expect(check.status == 1 && check.errors.contains("dbSchema"), "\(check.errors)")
        let serve = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: ["PORT": "0"])
        #expect(serve.status == 1 && serve.errors.contains("Invoice: dbSchema «sales»: sqlite has no schemas"), "\(serve.errors)")
    }

    @Test func `reads and writes a SQLite database that other programs made`() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("old.db")
        _ = try await SQLiteShell.rows(WildDatabase.sqlite, in: file)
        try await WildDatabase.serving(folder, "sqlite:old.db") { api in
            try expect(
                try await api.get(
                    "/v1/orders/10248?include=customer,employee.manager,orderDetails"),
                #"{"OrderID":10248,"CustomerID":"ALFKI","EmployeeID":2,"OrderDate":"2016-07-04","Freight":32.38,"#
                    + #""customer":{"CustomerID":"ALFKI","CompanyName":"Alfreds"},"employee":{"EmployeeID":2,"LastName":"Davolio","BirthDate":null,"ReportsTo":1,"#
                    + #""manager":{"EmployeeID":1,"LastName":"Fuller","BirthDate":"1950-02-19","ReportsTo":null}},"#
                    + #""orderDetails":[{"OrderID":10248,"ProductID":1,"UnitPrice":14,"Quantity":12},{"OrderID":10248,"ProductID":2,"UnitPrice":9.8,"Quantity":10}]}"#
            )
            try expect(
                try await api.get("/v1/products"),
                #"[{"ProductID":1,"ProductName":"Chai","Kind":"tea","InStock":true,"Area":18,"Even":2},"#
                    + #"{"ProductID":2,"ProductName":"Chang","Kind":null,"InStock":false,"Area":19.5,"Even":null}]"#)
            #expect(try data(try await api.get("/v1/totals")) == #"[{"OrderID":10248,"Total":266}]"#)
            #expect(try values(try await api.get("/v1/orders?" + filter(#"{"OrderDate":{"gte":"2016-07-05"}}"#)), "OrderID") == ["10249"])
            #expect(try values(try await api.get("/v1/products?sort=-Area&" + filter(#"{"Area":{"gt":1}}"#)), "ProductID") == ["2", "1"])
            #expect(try values(try await api.get("/v1/employees?" + filter(#"{"BirthDate":{"lt":"1960-01-01"}}"#)), "EmployeeID") == ["1"])
            let made = try await api.post("/v1/products", #"{"ProductName":"007","Kind":"coffee","InStock":false,"Area":2.5}"#)
            #expect(made.status == 201, "\(made.body)")
            let order = try await api.post(
                "/v1/orders", #"{"CustomerID":"ALFKI","OrderDate":"2020-01-31","orderDetails":[{"ProductID":3,"UnitPrice":1.5}]}"#)
            #expect(order.status == 201, "\(order.body)")
            let refused: [(String, String, Int, [String])] = [
                ("/v1/orders", #"{"OrderDate":"2020"}"#, 422, ["pattern_mismatch"]),
                ("/v1/products", #"{"ProductName":"x","Even":3}"#, 422, ["storage.check_violation"]),
                ("/v1/order-details", #"{"OrderID":10249,"ProductID":1,"Quantity":0}"#, 422, ["out_of_range"]),
                ("/v1/products", #"{"ProductName":"x","Kind":"wine"}"#, 422, ["value_not_allowed"]),
            ]
            for (path, body, status, codes) in refused {
                let answer = try await api.post(path, body)
                let found = try answer.errorCodes
                #expect(answer.status == status && found == codes, "\(body): \(answer.body)")
            }
            #expect(try await api.delete("/v1/customers/ALFKI").status == 204)
        }
        let stored = try await SQLiteShell.rows("SELECT *, typeof(ProductName), typeof(Area) FROM Products WHERE ProductID = 3", in: file)
        #expect(stored == [["3", "007", "coffee", "0", "2.5", "\u{1}null", "text", "real"]])
        #expect(try await SQLiteShell.rows("SELECT count(*) FROM \"Order Details\"", in: file) == [["0"]])
    }
}
