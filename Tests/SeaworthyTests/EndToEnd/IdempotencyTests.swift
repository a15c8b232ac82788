import Foundation
import NIOHTTP1
import SeaworthySchema
import Testing

/// `Idempotency-Key` over HTTP.
@Suite struct `Requests with a key` {
    private static let schema = """
        name: shop
        entities:
          Item:
            fields: { Name: { type: string, required: true, max: 900000, unique: true }, Width: { type: integer } }
            softDelete: true
            access:
              anyone: { read: true, create: { Name: { startsWith: open } } }
              sales: { create: true, update: true, delete: true, restore: true }

        """
    /// What of an answer belongs to the request that asks.
    private static let own: Set<String> = ["x-request-id", "date", "idempotency-replayed"]

    private static func item(_ name: String) -> String { #"{"Name":"\#(name)","Width":1}"# }

    private static func names(_ api: APIClient) async throws -> [String] {
        try await api.get("/v1/items?sort=Name&limit=100&select=Name").list("data").map { item in
            guard case .object(let object) = item, case .string(let name)? = object["Name"] else { return "?" }
            return name
        }
    }

    private static func headers(_ key: String, as token: String? = nil, _ more: [(String, String)] = []) -> HTTPHeaders {
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Idempotency-Key": key]
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in more { headers.replaceOrAdd(name: name, value: value) }
        return headers
    }

    private static func isReplay(_ answer: APIClient.Answer) -> Bool { answer.headers["Idempotency-Replayed"] == ["true"] }

    private static func kept(_ answer: APIClient.Answer) -> [String] {
        answer.headers.filter { !own.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }.sorted()
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `have the first answer again, whatever became of the record`(engine: IdentityServer.Engine) async throws {
        try await IdentityServer.with(Self.schema, on: engine) { server in
            let (api, token) = (server.api, server.administrator)
            for more in [[], [("Prefer", "return=minimal")]] {
                let name = "a\(more.count)"
                let headers = Self.headers(name, as: token, more)
                let first = try await api.post("/v1/items", Self.item(name), headers: headers)
                #expect(first.status == 201 && !Self.isReplay(first))
                let location = try #require(first.headers["Location"].first)
                let deleted = try await server.send(.DELETE, location, as: token)
                #expect(deleted.status == 204)
                let again = try await api.post(
                    "/v1/items", Self.item(name), headers: headers.replacing("X-Request-Id", "again-\(name)"))
                #expect(again.status == 201 && Self.isReplay(again) && again.body == first.body)
                #expect(Self.kept(again) == Self.kept(first))
                #expect(again.headers["X-Request-Id"] == ["again-\(name)"])
                #expect(again.headers["ETag"].count == 1 && again.headers["Cache-Control"] == ["no-store"])
                #expect(again.headers["Preference-Applied"].count == more.count && again.body.isEmpty == !more.isEmpty)
            }
            #expect(try await Self.names(api) == [])
            // In quotes it is the same key.
            #expect(Self.isReplay(try await api.post("/v1/items", Self.item("a0"), headers: Self.headers("\"a0\"", as: token))))
            for other in [Self.item("b"), Self.item("a0") + " "] {
                let refused = try await api.post("/v1/items", other, headers: Self.headers("a0", as: token))
                #expect(refused.status == 422)
                #expect(try refused.text("code") == "idempotency_key_reused" && refused.text("errors.0.header") == "Idempotency-Key")
            }
            // What came to nothing leaves its key.
            let wide = #"{"Name":"c","Width":"wide"}"#
            for status in [422, 422] {
                #expect(try await api.post("/v1/items", wide, headers: Self.headers("c", as: token)).status == status)
            }
            #expect(try await api.post("/v1/items", Self.item("c"), headers: Self.headers("c", as: token)).status == 201)
            #expect(try await api.post("/v1/items", Self.item("c"), headers: Self.headers("d", as: token)).status == 409)
            #expect(try await api.post("/v1/items", Self.item("d"), headers: Self.headers("d", as: token)).status == 201)
            #expect(try await Self.names(api) == ["c", "d"])
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `may be batches and imports`(engine: IdentityServer.Engine) async throws {
        try await IdentityServer.with(Self.schema, on: engine) { server in
            let (api, token) = (server.api, server.administrator)
            let batch = #"{"operations":[{"method":"POST","path":"/v1/items","body":{"Name":"b"}}]}"#
            let rows = "Name\nr1\nr2\n"
            let csv = Self.headers("rows", as: token, [("Content-Type", "text/csv")])
            for isReplay in [false, true] {
                let done = try await api.post("/v1/batch", batch, headers: Self.headers("batch", as: token))
                #expect(done.status == 200 && Self.isReplay(done) == isReplay)
                #expect(try done.text("data.0.data.Name") == "b")
                let imported = try await api.post("/v1/items/import", rows, headers: csv)
                #expect(imported.status == 200 && Self.isReplay(imported) == isReplay)
                #expect(imported.body == #"{"data":{"imported":2,"bad":0,"badRows":[]}}"#)
            }
            // Another query, another type, another path.
            for (path, body, headers) in [
                ("/v1/items/import?onError=skip", rows, csv),
                ("/v1/items/import", rows, csv.replacing("Content-Type", "application/x-ndjson")),
                ("/v1/items", Self.item("x"), Self.headers("rows", as: token)), ("/v1/batch", batch, Self.headers("rows", as: token)),
            ] {
                let refused = try await api.post(path, body, headers: headers)
                #expect(refused.status == 422, "\(path) \(refused.body)")
                #expect(try refused.text("code") == "idempotency_key_reused")
            }
            // Bad rows keep nothing, the key neither.
            let bad = Self.headers("bad", as: token, [("Content-Type", "text/csv")])
            #expect(try await api.post("/v1/items/import", "Name\nr1\n", headers: bad).status == 422)
            #expect(try await api.post("/v1/items/import", "Name\nr3\n", headers: bad).status == 200)
            #expect(try await Self.names(api) == ["b", "r1", "r2", "r3"])
        }
    }

    @Test func `that would answer more than is kept change nothing`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            let token = server.administrator
            let api = server.api
            // Of one letter it would be compressed further than the client believes.
            let name = (0..<16_000).map { _ in UUID().uuidString }.joined()
            let made = try await api.post("/v1/items", Self.item(name), headers: Self.headers("n", as: token))
            #expect(made.status == 201)
            let location = try #require(made.headers["Location"].first)
            func batch(_ prefer: String) -> String {
                let read = #"{"method":"GET","path":"\#(location)"\#(prefer)}"#
                return #"{"operations":[{"method":"POST","path":"/v1/items","body":{"Name":"b"}},\#(read),\#(read)]}"#
            }
            let refused = try await api.post("/v1/batch", batch(""), headers: Self.headers("k", as: token))
            #expect(refused.status == 422)
            #expect(try refused.text("code") == "idempotent_answer_too_large")
            #expect(try await api.get("/v1/items?filter[Name]=b").list("data").isEmpty)
            let minimal = batch(#","headers":{"Prefer":"return=minimal"}"#)
            #expect(try await api.post("/v1/batch", minimal, headers: Self.headers("k", as: token)).status == 200)
        }
    }

    @Test func `are told apart by who sends them`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            try await server.makeUser("ann@example.com", roles: ["sales"])
            try await server.makeUser("bob@example.com", roles: ["sales"])
            let (ann, bob) = (try await server.signIn("ann@example.com"), try await server.signIn("bob@example.com"))
            let made = try await server.send(
                .POST, "/v1/auth/api-keys", #"{"name":"ci","scopes":["Item:read","Item:write"]}"#, as: ann)
            try #require(made.status == 201, "\(made.body)")
            let tokens = [ann, bob, try made.text("data.key"), nil]
            for isReplay in [false, true] {
                for (index, token) in tokens.enumerated() {
                    let answer = try await server.api.post(
                        "/v1/items", Self.item("open \(index)"), headers: Self.headers("same", as: token))
                    #expect(answer.status == 201 && Self.isReplay(answer) == isReplay, "\(answer.body)")
                    #expect(try answer.text("data.Name") == "open \(index)")
                }
            }
            // Ann's other session shares her keys.
            let other = try await server.signIn("ann@example.com")
            #expect(Self.isReplay(try await server.api.post("/v1/items", Self.item("open 0"), headers: Self.headers("same", as: other))))
            #expect(try await Self.names(server.api).count == 4)
        }
    }

    @Test func `are answered again only to who may still do this`() async throws {
        try await IdentityServer.with(Self.schema.replacing("create: { Name: { startsWith: open } }", with: "create: false"), on: .sqlite) {
            server in
            let id = try await server.makeUser("ann@example.com", roles: ["sales"])
            let ann = try await server.signIn("ann@example.com")
            let requests: [(String, String, HTTPHeaders)] = [
                ("/v1/items", Self.item("a"), Self.headers("a", as: ann)),
                ("/v1/batch", #"{"operations":[{"method":"POST","path":"/v1/items","body":{"Name":"b"}}]}"#, Self.headers("b", as: ann)),
                ("/v1/items/import", "Name\nc\n", Self.headers("c", as: ann, [("Content-Type", "text/csv")])),
            ]
            for (path, body, headers) in requests {
                for _ in 0..<2 { #expect(try await server.api.post(path, body, headers: headers).status < 300) }
            }
            let changed = try await server.api.patch(
                "/v1/users/\(id)", #"{"roles":[]}"#,
                headers: ["Authorization": "Bearer \(server.administrator)", "Content-Type": "application/merge-patch+json"])
            #expect(changed.status == 200)
            for (path, body, headers) in requests {
                let refused = try await server.api.post(path, body, headers: headers)
                #expect(refused.status == 403, "\(path) \(refused.body)")
            }
            #expect(try await Self.names(server.api) == ["a", "b", "c"])
        }
    }

    @Test func `count like all others`() async throws {
        let schema = Self.schema.replacing("entities:", with: "limits: { default: 4/h, roles: { admin: none } }\nentities:")
        try await IdentityServer.with(schema, on: .sqlite) { server in
            var left: [String] = []
            for _ in 0..<3 {
                let answer = try await server.api.post("/v1/items", Self.item("open"), headers: Self.headers("k"))
                left += [answer.headers["X-RateLimit-Remaining"].first ?? "none"]
            }
            #expect(Set(left).count == 3 && left == left.sorted(by: >), "\(left)")
            for _ in 0..<4 { _ = try await server.api.get("/v1/items") }
            let refused = try await server.api.post("/v1/items", Self.item("open"), headers: Self.headers("k"))
            #expect(refused.status == 429 && !Self.isReplay(refused))
        }
    }

    @Test func `are refused where a key is not taken, and where it is none`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            let token = server.administrator
            let made = try await server.send(.POST, "/v1/items", Self.item("a"), as: token)
            let location = try #require(made.headers["Location"].first)
            for (method, path, body) in [
                (HTTPMethod.PATCH, location, Self.item("b")), (.PUT, location, Self.item("b")), (.DELETE, location, nil),
                (.POST, location + "/restore", nil),
            ] {
                var headers = Self.headers("k", as: token)
                if body == nil { headers.remove(name: "Content-Type") }
                let refused = try await server.api.send(method, path, headers: headers, body: body)
                #expect(refused.status == 400, "\(method) \(refused.body)")
                #expect(try refused.text("code") == "not_supported" && refused.text("errors.0.header") == "Idempotency-Key")
            }
            let batch = #"{"operations":[{"method":"POST","path":"/v1/items","body":{"Name":"b"},"headers":{"Idempotency-Key":"k"}}]}"#
            #expect(try await server.send(.POST, "/v1/batch", batch, as: token).errorCodes == ["not_supported"])
            let rows = Self.headers("a b", as: token, [("Content-Type", "text/csv")])
            for (path, body, headers) in [
                ("/v1/items", Self.item("b"), Self.headers("a b", as: token)), ("/v1/items/import", "Name\nb\n", rows),
                ("/v1/batch", batch.replacing(#","headers":{"Idempotency-Key":"k"}"#, with: ""), Self.headers("", as: token)),
            ] {
                let refused = try await server.api.post(path, body, headers: headers)
                #expect(refused.status == 400 && refused.body.contains(#""header":"Idempotency-Key""#), "\(refused.body)")
            }
            #expect(try await Self.names(server.api) == ["a"])
        }
    }

    @Test func `may come from pages of other origins, which read whether an answer was given before`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(
            in: folder.url, environment: ["CORS_ALLOWED_ORIGINS": "https://pages.example"])
        let api = APIClient(address: address)
        let asked = try await api.send(
            .OPTIONS, "/v1/items", headers: ["Origin": "https://pages.example", "Access-Control-Request-Method": "POST"])
        let allowed = asked.headers["Access-Control-Allow-Headers"].first ?? ""
        #expect(allowed.contains("Idempotency-Key"))
        let answer = try await api.post(
            "/v1/items", Self.item("open"), headers: Self.headers("k").replacing("Origin", "https://pages.example"))
        #expect(answer.status == 201)
        #expect((answer.headers["Access-Control-Expose-Headers"].first ?? "").contains("Idempotency-Replayed"))
        await process.stop()
    }
}

extension HTTPHeaders {
    fileprivate func replacing(_ name: String, _ value: String) -> HTTPHeaders {
        var headers = self
        headers.replaceOrAdd(name: name, value: value)
        return headers
    }
}
