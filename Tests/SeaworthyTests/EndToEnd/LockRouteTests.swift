import NIOHTTP1
import SeaworthySchema
import Testing

/// Who may lock which record, and what others are told.
@Suite struct `Locks on records` {
    private static func schema(_ identity: String = "") -> String {
        """
        name: shop
        \(identity)
        entities:
          Order:
            key: id
            softDelete: true
            fields:
              id: { type: integer, generated: true }
              owner: { type: string }
            access:
              authenticated: { read: { owner: { not: secret } }, update: { owner: { equals: $user.id } }, create: true }
              boss: { read: true, update: true, delete: true }
          Line:
            key: [order, part]
            fields: { order: { type: integer }, part: { type: string, max: 20 } }
            access: { authenticated: { read: { part: { not: hidden } }, create: true }, boss: { update: true } }
          Memo:
            key: id
            fields: { id: { type: integer, generated: true }, text: { type: string } }
            access: { boss: { read: true, create: true, update: true } }
          Vault:
            key: id
            fields: { id: { type: integer, generated: true } }
            access: {}

        """
    }

    private struct Stage {
        let server: IdentityServer
        let ids: [String: String]
        let tokens: [String: String]

        func send(_ method: HTTPMethod, _ path: String, _ body: String? = nil, as name: String?) async throws -> APIClient.Answer {
            try await server.send(method, path, body, as: name.map { tokens[$0] ?? "" })
        }

        func lock(_ entity: String, _ id: String, as name: String?, ttl: String? = nil) async throws -> APIClient.Answer {
            let ttl = ttl.map { #","ttl":"\#($0)""# } ?? ""
            return try await send(.POST, "/v1/locks", #"{"entity":"\#(entity)","id":"\#(id)"\#(ttl)}"#, as: name)
        }

        /// Makes a record as the administrator, and gives its number.
        func make(_ path: String, _ body: String) async throws -> String {
            let made = try await send(.POST, path, body, as: "admin")
            try #require(made.status == 201, "\(made.body)")
            guard case .number(let id) = try made.value("data.id") else { return "?" }
            return id
        }

        func key(_ name: String, _ scopes: String) async throws -> String {
            let made = try await send(.POST, "/v1/auth/api-keys", #"{"name":"k","scopes":\#(scopes)}"#, as: name)
            return try made.text("data.key")
        }
    }

    private static func with(
        _ identity: String = "", on engine: IdentityServer.Engine = .sqlite, _ body: (Stage) async throws -> Void
    ) async throws {
        try await IdentityServer.with(schema(identity), on: engine) { server in
            var (ids, tokens) = ([String: String](), ["admin": server.administrator])
            for (name, roles) in [("ann", ["boss"]), ("bob", ["boss"]), ("carl", [])] {
                ids[name] = try await server.makeUser("\(name)@example.com", roles: roles)
                tokens[name] = try await server.signIn("\(name)@example.com")
            }
            try await body(Stage(server: server, ids: ids, tokens: tokens))
        }
    }

    private static func time(_ answer: APIClient.Answer, _ path: String) throws -> Int64 {
        guard case .integer(let time) = try FieldType.timestamp.value(from: try answer.value(path)) else { return 0 }
        return time
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `are had by one, renewed, told to others and released`(engine: IdentityServer.Engine) async throws {
        try await Self.with(on: engine) { stage in
            let order = try await stage.make("/v1/orders", "{}")
            let made = try await stage.lock("Order", order, as: "ann")
            #expect(made.status == 201, "\(made.body)")
            let id = try made.text("data.id")
            #expect(made.headers["Location"] == ["/v1/locks/\(id)"])
            #expect(made.headers["Cache-Control"] == ["no-store"])
            #expect(try made.value("data.entity") == "Order")
            #expect(try made.value("data.key") == .string(order))
            #expect(try made.value("data.owner") == ["id": .string(stage.ids["ann"] ?? ""), "kind": "user", "email": "ann@example.com"])
            #expect(try Self.time(made, "data.expiresAt") - Self.time(made, "data.acquiredAt") == 60_000_000)
            // From elsewhere, it is the same owner.
            let again = try await stage.lock("Order", order, as: "ann", ttl: "1h")
            #expect(again.status == 200)
            #expect(try again.text("data.id") == id)
            #expect(try again.value("data.fence") == made.value("data.fence"))
            #expect(try Self.time(again, "data.expiresAt") > Self.time(made, "data.expiresAt") + 3_000_000_000)

            // Others are told who, until when, and no id.
            let refused = try await stage.lock("Order", order, as: "bob")
            #expect(refused.status == 409)
            #expect(try refused.text("code") == "locked")
            #expect(try refused.value("lock.owner.email") == "ann@example.com")
            #expect(try refused.value("lock.expiresAt") == again.value("data.expiresAt"))
            #expect(!refused.body.contains(id))
            let wait = try #require(refused.headers["Retry-After"].first.flatMap { Int($0) })
            #expect((3_000...3_600).contains(wait), "\(wait)")
            for path in ["/v1/locks?entity=Order", "/v1/locks?entity=Order&id=\(order)"] {
                let listed = try await stage.send(.GET, path, as: "bob")
                #expect(try listed.list("data").count == 1)
                #expect(try listed.value("data.0.owner.id") == .string(stage.ids["ann"] ?? ""))
                #expect(!listed.body.contains(id))
                #expect(try await stage.send(.GET, path, as: "ann").text("data.0.id") == id)
                #expect(try await stage.send(.GET, path, as: "admin").text("data.0.id") == id)
            }

            // With the id of another's lock nobody can do anything but an administrator.
            let one = "/v1/locks/\(id)"
            for (method, body) in [(HTTPMethod.GET, nil), (.PUT, "{}"), (.DELETE, nil)] as [(HTTPMethod, String?)] {
                let answer = try await stage.send(method, one, body, as: "bob")
                #expect(answer.status == 404, "\(method) \(answer.body)")
                #expect(try answer.text("code") == "lock_not_found")
            }
            #expect(try await stage.send(.GET, one, as: "ann").value("data.id") == .string(id))
            #expect(try await stage.send(.GET, one, as: "admin").value("data.id") == .string(id))
            #expect(try await stage.send(.PUT, one, "{}", as: "admin").status == 404)

            // A lock refuses no write.
            #expect(try await stage.send(.PATCH, "/v1/orders/\(order)", #"{"owner":"x"}"#, as: "bob").status == 200)

            #expect(try await stage.send(.DELETE, one, as: "ann").status == 204)
            for (method, body) in [(HTTPMethod.GET, nil), (.PUT, nil), (.DELETE, nil)] as [(HTTPMethod, String?)] {
                #expect(try await stage.send(method, one, body, as: "ann").status == 404)
            }
            let next = try await stage.lock("Order", order, as: "bob")
            #expect(next.status == 201)
            guard case .number(let before) = try made.value("data.fence"), case .number(let after) = try next.value("data.fence") else {
                return
            }
            #expect(Int64(after) ?? 0 > Int64(before) ?? 0)
            // An administrator ends it.
            #expect(try await stage.send(.DELETE, "/v1/locks/\(next.text("data.id"))", as: "admin").status == 204)
            #expect(try await stage.send(.GET, "/v1/locks?entity=Order", as: "bob").list("data").isEmpty)
        }
    }

    @Test func `are made longer by the heartbeat, and never shorter`() async throws {
        try await Self.with { stage in
            let order = try await stage.make("/v1/orders", "{}")
            let made = try await stage.lock("Order", order, as: "ann", ttl: "5s")
            let one = try "/v1/locks/\(made.text("data.id"))"
            #expect(try Self.time(made, "data.expiresAt") - Self.time(made, "data.acquiredAt") == 5_000_000)
            let renewed = try await stage.send(.PUT, one, as: "ann")
            #expect(renewed.status == 200)
            #expect(try Self.time(renewed, "data.expiresAt") > Self.time(made, "data.expiresAt") + 50_000_000)
            let longer = try await stage.send(.PUT, one, #"{"ttl":"10m"}"#, as: "ann")
            #expect(try Self.time(longer, "data.expiresAt") > Self.time(made, "data.expiresAt") + 590_000_000)
            #expect(try await stage.send(.PUT, one, #"{"ttl":"5s"}"#, as: "ann").value("data.expiresAt") == longer.value("data.expiresAt"))
        }
    }

    @Test func `take the right to read the record and to change it as it is`() async throws {
        try await Self.with { stage in
            let own = try await stage.make("/v1/orders", #"{"owner":"\#(stage.ids["carl"] ?? "")"}"#)
            let others = try await stage.make("/v1/orders", #"{"owner":"x"}"#)
            let secret = try await stage.make("/v1/orders", #"{"owner":"secret"}"#)
            let memo = try await stage.make("/v1/memos", #"{"text":"x"}"#)
            for (entity, id, status, code) in [
                ("Order", own, 201, nil), ("Order", others, 403, "forbidden"), ("Order", secret, 404, "record_not_found"),
                ("Order", "999", 404, "record_not_found"), ("Memo", memo, 403, "forbidden"),
            ] as [(String, String, Int, String?)] {
                let answer = try await stage.lock(entity, id, as: "carl")
                #expect(answer.status == status, "\(entity) \(id): \(answer.body)")
                if let code { #expect(try answer.text("code") == code) }
            }
            for path in ["/v1/locks", "/v1/locks?entity=Order", "/v1/locks/x"] {
                #expect(try await stage.send(.GET, path, as: nil).status == 401)
            }
            #expect(try await stage.lock("Order", own, as: nil).status == 401)
            #expect(try await stage.send(.PUT, "/v1/locks/x", "{}", as: nil).status == 401)
            #expect(try await stage.send(.DELETE, "/v1/locks/x", as: nil).status == 401)

            // What is for administrators alone is not told to be there.
            let vault = try await stage.make("/v1/vaults", "{}")
            #expect(try await stage.lock("Vault", vault, as: "admin").status == 201)
            #expect(try await stage.send(.GET, "/v1/locks?entity=Vault", as: "admin").list("data").count == 1)
            for name in ["Vault", "Nothing"] {
                let refused = try await stage.lock(name, vault, as: "ann")
                #expect(try refused.value("errors.0.code") == "value_not_allowed")
                #expect(try await stage.send(.GET, "/v1/locks?entity=\(name)", as: "ann").status == 400)
            }

            // A list is of what the caller may read.
            for id in [others, secret] { #expect(try await stage.lock("Order", id, as: "ann").status == 201) }
            let listed = try await stage.send(.GET, "/v1/locks?entity=Order", as: "carl")
            #expect(try listed.list("data").count == 2, "\(listed.body)")
            #expect(!listed.body.contains(#""key":"\#(secret)""#))
            #expect(try await stage.send(.GET, "/v1/locks?entity=Order&id=\(secret)", as: "carl").status == 404)
            #expect(try await stage.send(.GET, "/v1/locks?entity=Order&id=999", as: "ann").status == 404)
            #expect(try await stage.send(.GET, "/v1/locks?entity=Memo", as: "carl").status == 403)
            #expect(try await stage.send(.GET, "/v1/locks?entity=Order", as: "ann").list("data").count == 3)

            // Who may no longer change the record does not go on with the lock, and can end it.
            let lock = try await stage.send(.GET, "/v1/locks?entity=Order&id=\(own)", as: "carl").text("data.0.id")
            #expect(try await stage.send(.PATCH, "/v1/orders/\(own)", #"{"owner":"x"}"#, as: "ann").status == 200)
            #expect(try await stage.send(.PUT, "/v1/locks/\(lock)", as: "carl").status == 403)
            #expect(try await stage.send(.DELETE, "/v1/orders/\(own)", as: "ann").status == 204)
            #expect(try await stage.send(.PUT, "/v1/locks/\(lock)", as: "carl").status == 404)
            #expect(try await stage.send(.GET, "/v1/locks?entity=Order", as: "ann").list("data").count == 2)
            #expect(try await stage.lock("Order", own, as: "bob").status == 404)
            #expect(try await stage.send(.DELETE, "/v1/locks/\(lock)", as: "carl").status == 204)
        }
    }

    @Test func `are of a key what its scopes allow, and another owner's than its user's`() async throws {
        try await Self.with { stage in
            let order = try await stage.make("/v1/orders", "{}")
            let (reads, writes) = (
                try await stage.key("ann", #"["Order:read"]"#), try await stage.key("ann", #"["Order:read","Order:write"]"#)
            )
            let body = #"{"entity":"Order","id":"\#(order)"}"#
            #expect(try await stage.server.send(.POST, "/v1/locks", body, as: reads).status == 403)
            let made = try await stage.server.send(.POST, "/v1/locks", body, as: writes)
            #expect(made.status == 201)
            #expect(try made.value("data.owner.kind") == "apiKey")
            #expect(try made.value("data.owner.email") == "ann@example.com")
            #expect(try await stage.lock("Order", order, as: "ann").status == 409)
            #expect(try await stage.server.send(.GET, "/v1/locks?entity=Order", as: reads).list("data").count == 1)
            #expect(try await stage.server.send(.GET, "/v1/locks?entity=Memo", as: reads).status == 403)
            let one = try "/v1/locks/\(made.text("data.id"))"
            #expect(try await stage.server.send(.PUT, one, as: writes).status == 200)
            #expect(try await stage.server.send(.DELETE, one, as: reads).status == 404)
            #expect(try await stage.server.send(.DELETE, one, as: writes).status == 204)
        }
    }

    @Test func `tell an address to who may change such records, and to nobody where strangers make accounts`() async throws {
        try await Self.with { stage in
            let order = try await stage.make("/v1/orders", #"{"owner":"x"}"#)
            let line = try await stage.send(.POST, "/v1/lines", #"{"order":1,"part":"a"}"#, as: "admin")
            #expect(line.status == 201)
            #expect(try await stage.lock("Order", order, as: "ann").status == 201)
            #expect(try await stage.lock("Line", "1,a", as: "ann").status == 201)
            // Carl may change orders of his own, and no line.
            #expect(try await stage.send(.GET, "/v1/locks?entity=Order", as: "carl").value("data.0.owner.email") == "ann@example.com")
            let other = try await stage.send(.GET, "/v1/locks?entity=Line", as: "carl")
            #expect(try other.list("data").count == 1)
            #expect(!other.body.contains("example.com"))
        }
        try await Self.with("identity: { register: true }") { stage in
            let order = try await stage.make("/v1/orders", "{}")
            #expect(try await stage.lock("Order", order, as: "ann").value("data.owner.email") == "ann@example.com")
            let refused = try await stage.lock("Order", order, as: "bob")
            #expect(refused.status == 409 && !refused.body.contains("example.com"))
            #expect(try await stage.send(.GET, "/v1/locks?entity=Order", as: "admin").value("data.0.owner.email") == "ann@example.com")
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `name records as their paths do, in one way`(engine: IdentityServer.Engine) async throws {
        try await Self.with(on: engine) { stage in
            for (number, part) in [("1", "a,b"), ("1", "c"), ("2", "hidden")] {
                let made = try await stage.send(.POST, "/v1/lines", #"{"order":\#(number),"part":"\#(part)"}"#, as: "admin")
                #expect(made.status == 201, "\(made.body)")
            }
            let made = try await stage.lock("Line", "1,a%2cb", as: "ann")
            #expect(made.status == 201, "\(made.body)")
            #expect(try made.value("data.key") == "1,a%2Cb")
            #expect(try await stage.lock("Line", "1,a%2C%62", as: "ann").text("data.id") == made.text("data.id"))
            #expect(try await stage.lock("Line", "1,c", as: "bob").status == 201)
            #expect(try await stage.lock("Line", "2,hidden", as: "ann").status == 404)
            #expect(try await stage.lock("Line", "2,hidden", as: "admin").status == 201)
            let listed = try await stage.send(.GET, "/v1/locks?entity=Line", as: "carl")
            #expect(try listed.list("data").count == 2, "\(listed.body)")
            #expect(try await stage.send(.GET, "/v1/locks?entity=Line&id=1,a%252Cb", as: "carl").list("data").count == 1)
        }
    }

    @Test func `refuse what they do not understand`() async throws {
        try await Self.with { stage in
            for (body, pointer, code) in [
                (#"{"entity":"Order"}"#, "/id", "required"), (#"{"id":"1"}"#, "/entity", "required"),
                (#"{"entity":"Nothing","id":"1"}"#, "/entity", "value_not_allowed"),
                (#"{"entity":"Order","id":"x"}"#, "/id", "invalid_key"), (#"{"entity":"Line","id":"1"}"#, "/id", "invalid_key"),
                (#"{"entity":"Order","id":"%F"}"#, "/id", "invalid_format"), (#"{"entity":"Order","id":1}"#, "/id", "wrong_type"),
                (#"{"entity":"Order","id":"1","ttl":"60"}"#, "/ttl", "invalid_format"),
                (#"{"entity":"Order","id":"1","ttl":"4999ms"}"#, "/ttl", "out_of_range"),
                (#"{"entity":"Order","id":"1","ttl":"61m"}"#, "/ttl", "out_of_range"),
                (#"{"entity":"Order","id":"1","force":true}"#, "/force", "unknown_field"),
            ] {
                let answer = try await stage.send(.POST, "/v1/locks", body, as: "ann")
                #expect(answer.status == 422, "\(body): \(answer.body)")
                #expect(try answer.value("errors.0.pointer") == .string(pointer), "\(body)")
                #expect(try answer.value("errors.0.code") == .string(code), "\(body)")
            }
            for (query, code) in [
                ("", "invalid_parameter"), ("?entity=Nothing", "invalid_parameter"), ("?entity=Order&entity=Order", "invalid_parameter"),
                ("?entity=Order&id=x", "invalid_key"), ("?entity=Order&id=%25F", "invalid_encoding"),
                ("?entity=Order&limit=1", "unknown_parameter"),
            ] {
                let answer = try await stage.send(.GET, "/v1/locks\(query)", as: "ann")
                #expect(answer.status == 400, "\(query): \(answer.body)")
                #expect(try answer.text("code") == code, "\(query)")
            }
        }
    }
}
