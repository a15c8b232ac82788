import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `Limits over HTTP` {
    private static let schema = """
        name: shop
        limits:
          default: 8/h
          auth: 4/h
          import: 2/h
          keys: 5/h
          roles: { sales: 12/h, admin: none }
        entities:
          Shelf:
            fields: { Width: { type: integer } }
            access: { anyone: { read: true }, sales: { create: true } }
          Item:
            fields: { Width: { type: integer } }
            limits: { default: 3/h, export: 1/h }
            access: { anyone: { read: true }, sales: { create: true } }
        """

    private static func statuses(_ count: Int, _ ask: () async throws -> APIClient.Answer) async throws -> [Int] {
        var statuses: [Int] = []
        for _ in 0..<count { statuses.append(try await ask().status) }
        return statuses
    }

    @Test func `hold for addresses, users, keys, imports, exports and entities, each by itself`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            let ann = try await server.makeUser("ann@example.com", roles: ["sales"])
            #expect(!ann.isEmpty)
            let token = try await server.signIn("ann@example.com")
            let key = try await server.send(.POST, "/v1/auth/api-keys", #"{"name":"k","scopes":["*"]}"#, as: token).text("data.key")
            // Nobody who is known: this address has asked for the document already.
            let first = try await server.api.get("/v1/shelfs")
            #expect(first.headers["RateLimit-Policy"] == [#""default";q=8;w=3600"#] && first.headers["X-RateLimit-Limit"] == ["8"])
            let left = try #require(first.headers["X-RateLimit-Remaining"].first.flatMap { Int($0) })
            #expect(
                try await Self.statuses(left + 1) { try await server.api.get("/v1/shelfs") } == Array(repeating: 200, count: left) + [429])
            let refused = try await server.api.get("/v1/shelfs")
            #expect(try refused.text("code") == "rate_limited" && refused.headers["Retry-After"].count == 1)
            // Who has signed in has more, and the administrator all.
            let mine = try await server.send(.GET, "/v1/shelfs", as: token)
            #expect(mine.status == 200 && mine.headers["RateLimit-Policy"] == [#""sales";q=12;w=3600"#])
            let theirs = try await server.send(.GET, "/v1/shelfs", as: server.administrator)
            #expect(theirs.status == 200 && theirs.headers["RateLimit"].isEmpty)
            // A key of theirs is counted by itself.
            #expect(try await Self.statuses(6) { try await server.send(.GET, "/v1/shelfs", as: key) } == [200, 200, 200, 200, 200, 429])
            #expect(try await server.send(.GET, "/v1/shelfs", as: token).status == 200)
            #expect(
                try await Self.statuses(3) { try await server.send(.POST, "/v1/shelfs/import", #"[{"Width":1}]"#, as: token) } == [
                    200, 200, 429,
                ])
            #expect(try await Self.statuses(4) { try await server.send(.GET, "/v1/items", as: token) } == [200, 200, 200, 429])
            #expect(try await server.api.get("/v1/items", headers: ["Accept": "text/csv"]).status == 200)
            #expect(try await server.api.get("/v1/items", headers: ["Accept": "text/csv"]).status == 429)
            // Of the three a batch of two would be the fourth and the fifth, and one of four would never be allowed.
            func batch(_ count: Int, as token: String) async throws -> Int {
                let operation = #"{"method":"POST","path":"/v1/items","body":{"Width":1}}"#
                let list = Array(repeating: operation, count: count).joined(separator: ",")
                return try await server.send(.POST, "/v1/batch", "{\"operations\":[\(list)]}", as: token).status
            }
            #expect(try await batch(2, as: server.administrator) == 200)
            #expect(try await batch(2, as: server.administrator) == 429)
            #expect(try await batch(4, as: server.administrator) == 422)
            #expect(try await batch(1, as: server.administrator) == 200)
            #expect(try await server.send(.GET, "/v1/items?count=exact&limit=1", as: nil).value("meta.total") == .number("3"))
            // What looks after the server goes on.
            #expect(try await Self.statuses(20) { try await server.api.get("/readyz") } == Array(repeating: 200, count: 20))
        }
    }

    @Test func `of signing in hold for an address, and a good password does not help`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            // The administrator has signed in once.
            let body = #"{"email":"nobody@example.com","password":"wrong wrong wrong"}"#
            #expect(try await Self.statuses(4) { try await server.api.post("/v1/auth/login", body) } == [401, 401, 401, 429])
            let good = try await server.api.post(
                "/v1/auth/login", #"{"email":"\#(IdentityServer.administrator)","password":"\#(IdentityServer.password)"}"#)
            #expect(try good.status == 429 && good.text("code") == "rate_limited")
            #expect(good.headers["RateLimit-Policy"] == [#""auth";q=4;w=3600"#])
            #expect(try await server.api.post("/v1/auth/password/forgot", #"{"email":"a@example.com"}"#).status == 429)
            // Refreshing is no guessing.
            #expect(try await server.api.post("/v1/auth/refresh", #"{"refreshToken":"x"}"#).status == 401)
        }
    }

    @Test func `are those of the schema, and are checked with it`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "name: shop\nlimits: { default: often, roles: { boss: 1/m } }\nentities: { A: { fields: { F: { type: integer } } } }\n",
            to: "seaworthy.yaml")
        let outcome = try await SeaworthyProcess.run(["check"], in: folder.url)
        #expect(outcome.status == 1 && outcome.errors.contains("limits.default") && outcome.errors.contains("limits.roles.boss"))
    }
}
