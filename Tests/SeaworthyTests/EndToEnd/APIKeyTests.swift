import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `API keys over HTTP` {
    @Test func `are made, told once, listed, used and revoked`() async throws {
        try await KeyServer.with { server in
            let api = server.api
            let ann = try await server.signIn("ann")
            let made = try await api.post(
                "/v1/auth/api-keys", #"{"name":"ci","scopes":["Order:read"],"expiresAt":"2999-01-01T00:00:00Z"}"#, headers: ann)
            #expect(made.status == 201 && made.headers["Cache-Control"] == ["no-store"])
            let key = try made.text("data.key")
            let (id, prefix) = (try made.text("data.id"), try made.text("data.prefix"))
            #expect(key.hasPrefix("sw_\(prefix)_") && key.utf8.count == 59)
            #expect(try made.value("data.scopes") == ["Order:read"] && made.value("data.name") == "ci")
            #expect(try made.text("data.expiresAt").hasPrefix("2999-01-01T00:00:00"))
            let list = try await api.get("/v1/auth/api-keys", headers: ann)
            #expect(try list.list("data").count == 1 && list.text("data.0.id") == id && list.value("data.0.lastUsedAt") == .null)
            #expect(!list.body.contains(key.suffix(43)) && !list.body.contains("hash"))
            let headers = KeyServer.bearer(key)
            #expect(try await api.get("/v1/orders", headers: headers).status == 200)
            #expect(try await api.post("/v1/orders", "{}", headers: headers).status == 403)
            #expect(try await api.get("/v1/customers", headers: headers).status == 403)
            #expect(try await api.get("/v1/auth/me", headers: headers).text("data.email") == "ann@example.com")
            #expect(try await api.delete("/v1/auth/api-keys/\(id)", headers: ann).status == 204)
            let refused = try await api.get("/v1/orders", headers: headers)
            #expect(try refused.status == 401 && refused.text("code") == "invalid_token")
            #expect(refused.headers["WWW-Authenticate"] == [#"Bearer realm="seaworthy", error="invalid_token""#])
            #expect(try await api.delete("/v1/auth/api-keys/\(id)", headers: ann).status == 404)
            #expect(try await api.get("/v1/auth/api-keys", headers: ann).list("data").isEmpty)
            // Neither the log nor the database has the secret.
            #expect(!server.process.log.contains(key.suffix(43)))
        }
    }

    @Test func `do nothing with accounts, and make no keys`() async throws {
        try await KeyServer.with { server in
            let (api, ann) = (server.api, try await server.signIn("ann"))
            let key = try await server.makeKey(ann, #"["*"]"#)
            // As the document has them, so that an address of later is asked as well.
            let document = try #require(api.document)
            var asked: [String] = []
            for operation in document.operations where operation.path.hasPrefix("/v1/auth/") && operation.responses["401"] != nil {
                let path = operation.path.replacing("{id}", with: key.id)
                guard !["login", "refresh", "getCsrfToken"].contains(operation.id) else { continue }
                let answer = try await api.send(
                    HTTPMethod(rawValue: operation.method), path, headers: key.headers, body: operation.body == nil ? nil : "{}")
                asked.append(operation.id)
                if operation.id == "getMe" {
                    #expect(answer.status == 200)
                } else {
                    #expect(try answer.status == 403 && answer.text("code") == "session_required", "\(operation.id): \(answer.body)")
                }
            }
            #expect(asked.count >= 13 && asked.contains("createApiKey") && asked.contains("revokeApiKey") && asked.contains("logoutAll"))
            // All is as before.
            #expect(try await api.get("/v1/auth/api-keys", headers: ann).list("data").count == 1)
            #expect(try await api.get("/v1/orders", headers: key.headers).status == 200)
        }
    }

    @Test func `are sent as a bearer's token and in no other way`() async throws {
        try await KeyServer.with { server in
            let key = try await server.makeKey(try await server.signIn("ann"), #"["*"]"#)
            let text = String(try #require(key.headers["Authorization"].first).dropFirst("Bearer ".count))
            #expect(try await server.api.get("/v1/orders", headers: ["authorization": "bearer  \(text) "]).status == 200)
            let wrong: [HTTPHeaders] = [
                ["Authorization": text], ["Authorization": "Basic \(text)"], ["Authorization": "ApiKey \(text)"],
                ["Authorization": "Token \(text)"], ["X-API-Key": text], ["Api-Key": text], ["Cookie": "key=\(text)"],
                ["Authorization": "Bearer \(text) \(text)"], ["Authorization": "Bearer \(text),\(text)"],
                ["Authorization": "Bearer \(text.dropLast())"],
                ["Authorization": "Bearer sw_\(key.prefix)_"], ["Authorization": "Bearer \(text.uppercased())"],
            ]
            for headers in wrong {
                #expect(try await server.api.get("/v1/orders", headers: headers).status == 401, "\(headers)")
            }
            var twice: HTTPHeaders = ["Authorization": "Bearer \(text)"]
            twice.add(name: "Authorization", value: "Bearer \(text)")
            #expect(try await server.api.get("/v1/orders", headers: twice).status == 401)
            #expect(try await server.api.get("/v1/orders?api_key=\(text)").status == 401)
        }
    }

    @Test func `are wider than nobody who owns them`() async throws {
        try await KeyServer.with { server in
            let api = server.api
            let (bob, root) = (try await server.signIn("bob"), try await server.signIn("root"))
            let clerk = try await server.makeKey(bob, #"["*","Customer:read","*:purge"]"#)
            #expect(try await api.get("/v1/customers", headers: clerk.headers).status == 403)
            #expect(try await api.post("/v1/orders", #"{"total":1}"#, headers: clerk.headers).status == 201)
            let admin = try await server.makeKey(root, #"["Order:read","Order:history"]"#)
            let id = try await api.get("/v1/orders", headers: admin.headers).text("data.0.id")
            #expect(try await api.get("/v1/orders/\(id)/history", headers: admin.headers).status == 200)
            #expect(try await api.get("/v1/customers", headers: admin.headers).status == 403)
            #expect(try await api.delete("/v1/orders/\(id)", headers: admin.headers).status == 403)
            let batch = #"{"operations":[{"method":"GET","path":"/v1/orders/\#(id)"},{"method":"POST","path":"/v1/customers","body":{}}]}"#
            #expect(try await api.post("/v1/batch", batch, headers: admin.headers).status == 403)
            let writer = try await server.makeKey(root, #"["Order:read","Order:write"]"#)
            #expect(try await api.delete("/v1/orders/\(id)?purge=true", headers: writer.headers).status == 403)
            #expect(try await api.delete("/v1/orders/\(id)", headers: writer.headers).status == 204)
            // Another's key is not there.
            #expect(try await api.delete("/v1/auth/api-keys/\(admin.id)", headers: bob).status == 404)
            #expect(try await api.delete("/v1/auth/api-keys/nothing", headers: bob).status == 404)
            #expect(try await api.get("/v1/orders", headers: admin.headers).status == 200)
        }
    }

    @Test(arguments: [
        (#"{}"#, ["/name required", "/scopes required"]),
        (
            #"{"name":5,"scopes":"*","expiresAt":"soon","key":"x"}"#,
            ["/key unknown_field", "/name wrong_type", "/scopes wrong_type", "/expiresAt invalid_format"]
        ),
        (#"{"name":"x","scopes":["*",5,"\#(String(repeating: "x", count: 257))"]}"#, ["/scopes/1 wrong_type", "/scopes/2 too_long"]),
        (#"{"name":"x","scopes":["Ordre:read","Order:reed"]}"#, ["/scopes/0 unknown_scope", "/scopes/1 unknown_scope"]),
        (#"{"name":"x","scopes":[],"expiresAt":"2020-01-01T00:00:00Z"}"#, ["/scopes too_short", "/expiresAt out_of_range"]),
        (#"{"name":"","scopes":["*"]}"#, ["/name too_short"]), (#"{"name":"a\u0000","scopes":["*"]}"#, ["/name invalid_format"]),
        (#"{"name":"x","scopes":[\#(Array(repeating: #""*""#, count: 101).joined(separator: ","))]}"#, ["/scopes too_long"]),
        ("[]", [" wrong_type"]),
    ]) func `are refused with everything that is wrong`(_ body: String, _ problems: [String]) async throws {
        try await KeyServer.with { server in
            let answer = try await server.api.post("/v1/auth/api-keys", body, headers: try await server.signIn("bob"))
            #expect(answer.status == 422)
            let found = try answer.list("errors").map { error -> String in
                guard case .object(let object) = error, case .string(let pointer)? = object["pointer"],
                    case .string(let code)? = object["code"]
                else { return "?" }
                return "\(pointer) \(code)"
            }
            #expect(found == problems)
        }
    }

    @Test func `without signing in are neither made nor seen`() async throws {
        try await KeyServer.with { server in
            #expect(try await server.api.get("/v1/auth/api-keys").status == 401)
            #expect(try await server.api.post("/v1/auth/api-keys", #"{"name":"x","scopes":["*"]}"#).status == 401)
            #expect(try await server.api.delete("/v1/auth/api-keys/01a223bc-5819-7c25-b076-e6c0ab4910a6").status == 401)
            let ann = try await server.signIn("ann")
            #expect(try await server.api.get("/v1/auth/api-keys?limit=1", headers: ann).status == 400)
            for _ in 0..<50 { _ = try await server.makeKey(ann, #"["*"]"#) }
            let further = try await server.api.post("/v1/auth/api-keys", #"{"name":"x","scopes":["*"]}"#, headers: ann)
            #expect(try further.status == 409 && further.text("code") == "too_many_keys")
        }
    }
}
