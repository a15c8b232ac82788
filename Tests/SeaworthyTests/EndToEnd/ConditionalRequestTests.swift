import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `Conditional requests` {
    private static let json: HTTPHeaders = ["Content-Type": "application/json"]

    private static func json(_ more: (String, String)...) -> HTTPHeaders {
        var headers = json
        for (name, value) in more { headers.add(name: name, value: value) }
        return headers
    }

    @Test func `carry a record's tag from an answer to the next change`() async throws {
        try await ExampleServer.with { server in
            let api = server.api
            let read = try await api.get("/v1/suppliers/1", headers: ["Accept-Encoding": "identity"])
            let tag = try #require(read.headers["ETag"].first)
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            #expect(read.headers["Vary"].joined(separator: ",").contains("Accept"))
            let known = try await api.get("/v1/suppliers/1", headers: ["If-None-Match": "\"x\", W/\(tag)"])
            #expect(known.status == 304 && known.body.isEmpty)
            #expect(known.headers["ETag"].first?.contains(tag.dropFirst().dropLast()) == true)
            #expect(try await api.get("/v1/suppliers/1", headers: ["If-None-Match": "\"x\""]).status == 200)
            for path in ["/v1/suppliers/1?select=City", "/v1/suppliers/1?include=products"] {
                #expect(try await api.get(path).headers["ETag"].isEmpty)
            }

            let stale = try await api.send(.PATCH, "/v1/suppliers/1", headers: Self.json(("If-Match", "\"x\"")), body: #"{"City":"Oslo"}"#)
            #expect(stale.status == 412)
            #expect(try stale.text("code") == "precondition_failed")
            let packed = "\"\(tag.dropFirst().dropLast())-gzip\""
            let changed = try await api.send(.PATCH, "/v1/suppliers/1", headers: Self.json(("If-Match", packed)), body: #"{"City":"Oslo"}"#)
            #expect(changed.status == 200)
            let next = try #require(changed.headers["ETag"].first)
            #expect(next != tag)
            #expect(try await api.send(.DELETE, "/v1/suppliers/1", headers: ["If-Match": tag]).status == 412)
            #expect(try await api.send(.PATCH, "/v1/suppliers/1", headers: Self.json(("If-Match", "W/\(next)")), body: "{}").status == 412)
            let malformed = try await api.send(.PATCH, "/v1/suppliers/1", headers: Self.json(("If-Match", "x")), body: "{}")
            #expect(malformed.status == 400)
        }
    }

    @Test func `make a record only where there is none`() async throws {
        try await ExampleServer.with { server in
            let api = server.api
            let body = #"{"RegionDescription":"Overseas"}"#
            let made = try await api.send(.PUT, "/v1/regions/77", headers: Self.json(("If-None-Match", "*")), body: body)
            #expect(made.status == 201)
            #expect(made.headers["Location"] == ["/v1/regions/77"])
            #expect(try await api.send(.PUT, "/v1/regions/77", headers: Self.json(("If-None-Match", "*")), body: body).status == 412)
            #expect(try await api.send(.PUT, "/v1/regions/78", headers: Self.json(("If-Match", "*")), body: body).status == 412)
            #expect(try await api.send(.PUT, "/v1/regions/77", headers: Self.json(("If-Match", "*")), body: body).status == 200)
            #expect(try await server.shell("SELECT count(*) FROM regions WHERE RegionID IN (77, 78)") == [["1"]])
            // Where a condition cannot hold, or is not understood, nothing is written.
            let created = try await api.post(
                "/v1/regions", #"{"RegionID":79,"RegionDescription":"x"}"#, headers: Self.json(("If-None-Match", "*")))
            #expect(created.status == 400)
            for name in ["If-Unmodified-Since", "Idempotency-Key"] {
                let refused = try await api.send(.PUT, "/v1/regions/79", headers: Self.json((name, "x")), body: body)
                #expect(refused.status == 400)
                #expect(try refused.text("code") == "not_supported")
            }
        }
    }

    @Test func `Prefer return=minimal leaves the record out of the answer`() async throws {
        try await ExampleServer.with { server in
            let api = server.api
            let minimal = Self.json(("Prefer", "return=minimal"))
            let made = try await api.post("/v1/suppliers", #"{"CompanyName":"Quay Stores"}"#, headers: minimal)
            #expect(made.status == 201 && made.body.isEmpty)
            #expect(made.headers["Preference-Applied"] == ["return=minimal"])
            let location = try #require(made.headers["Location"].first)
            #expect(made.headers["ETag"].count == 1)
            let changed = try await api.send(.PATCH, location, headers: minimal, body: #"{"City":"Bergen"}"#)
            #expect(changed.status == 204 && changed.body.isEmpty)
            #expect(try await api.get(location).text("data.City") == "Bergen")
        }
    }
}

@Suite struct `The life of a record` {
    @Test func `is told by its history, from its making to its end`() async throws {
        try await ExampleServer.with { server in
            let api = server.api
            let location = try #require(try await api.post("/v1/suppliers", #"{"CompanyName":"Quay Stores"}"#).headers["Location"].first)
            #expect(try await api.patch(location, #"{"City":"Bergen"}"#).status == 200)
            #expect(try await api.delete(location).status == 204)
            #expect(try await api.get(location).status == 404)
            #expect(try await api.get(location + "?deleted=include").status == 200)
            #expect(try await api.get("/v1/suppliers?deleted=only&select=SupplierID").list("data").count == 1)
            #expect(try await api.send(.POST, location + "/restore").status == 200)
            #expect(try await api.send(.POST, location + "/restore").status == 409)
            #expect(try await api.delete(location + "?purge=true").status == 204)
            #expect(try await api.delete("/v1/shippers/1?purge=true").status == 400)
            #expect(try await api.delete(location + "?purge=maybe").status == 400)
            let history = try await api.get(location + "/history?limit=2")
            #expect(try history.list("data").count == 2)
            #expect(try history.text("data.0.action") == "purge")
            let link = try #require(history.headers["Link"].first)
            let next = try await api.get(String(link.dropFirst().prefix { $0 != ">" }))
            #expect(try next.text("data.0.action") == "delete")
            #expect(try next.text("data.0.requestId").count == 32)
            #expect(
                try await server.shell(
                    "SELECT group_concat(action) FROM (SELECT action FROM seaworthy_audit WHERE actor IS NULL ORDER BY id DESC LIMIT 5)")
                    == [["purge,restore,delete,update,create"]])
            #expect(try await api.get("/v1/shippers/1/history").status == 404)
        }
    }

    @Test func `begins and ends together with others in a batch, or not at all`() async throws {
        try await ExampleServer.with { server in
            let api = server.api
            let batch = try await api.post(
                "/v1/batch",
                #"""
                {"operations":[
                  {"method":"POST","path":"/v1/orders","body":{"CustomerID":"BJORN","details":[{"ProductID":1,"Quantity":3}]}},
                  {"method":"PATCH","path":"/v1/products/1","body":{"UnitsInStock":{"$increment":-3}}},
                  {"method":"POST","path":"/v1/order-details","body":{"OrderID":{"$ref":"0.data.OrderID"},"ProductID":2},"headers":{"Prefer":"return=minimal"}},
                  {"method":"GET","path":"/v1/customers/BJORN"}
                ]}
                """#)
            #expect(batch.status == 200)
            #expect(try batch.list("data").count == 4)
            #expect(try batch.value("data.0.status") == 201)
            #expect(try batch.text("data.3.data.City") == "Göteborg")
            #expect(try batch.value("data.2.data") == nil)
            let before = try await server.shell("SELECT count(*), (SELECT sum(UnitsInStock) FROM products) FROM orders")
            let failed = try await api.post(
                "/v1/batch",
                #"""
                {"operations":[
                  {"method":"POST","path":"/v1/orders","body":{"CustomerID":"BJORN"}},
                  {"method":"PATCH","path":"/v1/products/1","body":{"UnitsInStock":{"$increment":-30000}}}
                ]}
                """#)
            #expect(failed.status == 422)
            #expect(try failed.value("index") == 1)
            #expect(try failed.text("errors.0.pointer") == "/operations/1/body/UnitsInStock")
            #expect(try await server.shell("SELECT count(*), (SELECT sum(UnitsInStock) FROM products) FROM orders") == before)
        }
    }

    @Test func `is found by a query in a body as by one in the address`() async throws {
        try await ExampleServer.with { server in
            let body =
                #"{"filter":{"customer.Country":"Sweden"},"sort":["-OrderDate"],"select":["OrderID","customer.City"],"limit":3,"count":"exact"}"#
            let posted = try await server.api.post("/v1/orders/query", body)
            let path = "/v1/orders?filter[customer.Country]=Sweden&sort=-OrderDate&select=OrderID,customer.City&limit=3&count=exact"
            let got = try await server.api.get(path.replacing("[", with: "%5B").replacing("]", with: "%5D"))
            #expect(posted.status == 200)
            #expect(try posted.value("data") == got.value("data"))
            #expect(try posted.value("meta.total") == got.value("meta.total"))
        }
    }
}
