import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `The routes of /v1/users` {
    private static let schema = """
        name: people
        identity: { register: true, attributes: { region: string, level: integer } }
        entities:
          Note:
            key: id
            fields: { id: { type: integer, generated: true }, text: { type: string } }
            timestamps: true
            access: { sales: { read: true, create: true }, boss: { read: true } }
        """
    private static let nobody = "01a223bc-5819-7c25-b076-e6c0ab4910a6"

    @Test func `list, find, make and change users`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            let admin = server.administrator
            for name in ["dora", "ann", "carl"] { try await server.makeUser("\(name)@example.com", roles: ["sales"]) }
            let first = try await server.send(.GET, "/v1/users?limit=3", as: admin)
            #expect(first.status == 200 && first.headers["Cache-Control"] == ["no-store"])
            #expect(try Self.emails(first) == ["admin@example.com", "ann@example.com", "carl@example.com"])
            #expect(try first.value("meta.hasMore") == true)
            let second = try await server.send(.GET, "/v1/users?limit=3&cursor=\(try first.text("meta.nextCursor"))", as: admin)
            #expect(try Self.emails(second) == ["dora@example.com"])
            #expect(try second.value("meta") == ["limit": 3, "hasMore": false, "nextCursor": nil])
            for (query, expected) in [
                ("email=\("Ann@Example.com".escaped)", ["ann@example.com"]), ("email=nobody%40example.com", []), ("email=ann", []),
                ("email=ann%40example.com&cursor=\(try first.text("meta.nextCursor"))", []),
            ] {
                #expect(try Self.emails(try await server.send(.GET, "/v1/users?\(query)", as: admin)) == expected, "\(query)")
            }
            for (query, code) in [
                ("limit=0", "invalid_parameter"), ("limit=201", "invalid_parameter"), ("cursor=*", "invalid_cursor"),
                ("name=x", "unknown_parameter"), ("email=a&email=b", "invalid_parameter"),
            ] {
                let answer = try await server.send(.GET, "/v1/users?\(query)", as: admin)
                #expect(try answer.status == 400 && answer.text("code") == code, "\(query)")
            }

            let made = try await server.send(
                .POST, "/v1/users",
                #"{"email":"Eve@Example.com","password":"correct horse battery","roles":["sales"],"attributes":{"region":"north"}}"#,
                as: admin)
            #expect(made.status == 201)
            let id = try made.text("data.id")
            let path = "/v1/users/\(id)"
            guard case .object(let user) = try made.value("data") else { return }
            #expect(user["email"] == "eve@example.com" && user["roles"] == ["sales"])
            #expect(user["attributes"] == ["region": "north", "level": nil])
            #expect(user["isVerified"] == true && user["isDisabled"] == false && user["hasPassword"] == true && user["hasTotp"] == false)
            #expect(try await server.send(.GET, path, as: admin).value("data") == .object(user))

            let changed = try await server.send(
                .PATCH, path, #"{"email":"evelyn@example.com","roles":["boss"],"attributes":{"region":null,"level":3}}"#, as: admin,
                type: "application/merge-patch+json")
            #expect(changed.status == 200, "\(changed.body)")
            #expect(try changed.value("data.attributes") == ["region": nil, "level": 3])
            #expect(try changed.text("data.email") == "evelyn@example.com" && changed.value("data.roles") == ["boss"])
            let token = try await server.signIn("evelyn@example.com")
            let empty = try await server.send(.PATCH, path, "{}", as: admin)
            #expect(try empty.status == 200 && empty.value("data.roles") == ["boss"])

            #expect(try await server.send(.PATCH, path, #"{"isDisabled":true}"#, as: admin).value("data.isDisabled") == true)
            #expect(try await server.send(.GET, "/v1/auth/me", as: token).status == 401)
            #expect(try await server.send(.PATCH, path, #"{"isDisabled":false}"#, as: admin).value("data.isDisabled") == false)
        }
    }

    @Test func `refuse what is wrong, and say where`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            let admin = server.administrator
            let ann = "/v1/users/\(try await server.makeUser("ann@example.com"))"
            let cases: [(HTTPMethod, String, String, Int, String)] = [
                (.POST, "/v1/users", "{}", 422, "/email required"),
                (.POST, "/v1/users", "[]", 422, " wrong_type"),
                (.POST, "/v1/users", #"{"email":"ann"}"#, 422, "/email invalid_format"),
                (.POST, "/v1/users", #"{"email":"Ann@example.com"}"#, 409, "email_taken"),
                (.POST, "/v1/users", #"{"email":"b@example.com","password":"short"}"#, 422, "/password too_short"),
                (.POST, "/v1/users", #"{"email":"b@example.com","roles":["sales","x"]}"#, 422, "/roles/1 unknown_role"),
                (.POST, "/v1/users", #"{"email":"b@example.com","roles":"sales"}"#, 422, "/roles wrong_type"),
                (.POST, "/v1/users", #"{"email":"b@example.com","roles":["sales",1]}"#, 422, "/roles/1 wrong_type"),
                (.POST, "/v1/users", #"{"email":"b@example.com","attributes":[]}"#, 422, "/attributes wrong_type"),
                (.POST, "/v1/users", #"{"email":"b@example.com","attributes":{"level":"x"}}"#, 422, "/attributes/level wrong_type"),
                (.POST, "/v1/users", #"{"email":"b@example.com","isDisabled":true}"#, 422, "/isDisabled unknown_field"),
                (.POST, "/v1/users?x=1", #"{"email":"b@example.com"}"#, 400, "unknown_parameter"),
                (.PATCH, ann, #"{"isDisabled":"yes"}"#, 422, "/isDisabled wrong_type"),
                (
                    .PATCH, ann, #"{"isDisabled":null,"roles":null,"email":null}"#, 422,
                    "/isDisabled required /roles required /email required"
                ),
                (.PATCH, ann, #"{"password":"correct horse battery"}"#, 422, "/password unknown_field"),
                (.PATCH, ann, #"{"email":"admin@example.com"}"#, 409, "email_taken"),
                (.PATCH, "/v1/users/\(Self.nobody)", #"{"isDisabled":true}"#, 404, "identity_not_found"),
                (.PATCH, "/v1/users/x", #"{"isDisabled":true}"#, 404, "identity_not_found"),
            ]
            for (method, path, body, status, expected) in cases {
                let answer = try await server.send(method, path, body, as: admin)
                #expect(answer.status == status, "\(method.rawValue) \(path) \(body): \(answer.body)")
                let errors = try answer.list("errors").map { error -> String in
                    guard case .object(let item) = error, case .string(let code)? = item["code"] else { return "?" }
                    if case .string(let pointer)? = item["pointer"] { return "\(pointer) \(code)" }
                    return code
                }
                let told = errors.isEmpty ? try answer.text("code") : errors.joined(separator: " ")
                #expect(told == expected, "\(body)")
            }
            // A flood of what is wrong is answered with a part of it.
            let roles = Array(repeating: "\"x\"", count: 5000).joined(separator: ",")
            let flood = try await server.send(.POST, "/v1/users", #"{"email":"b@example.com","roles":[\#(roles)]}"#, as: admin)
            #expect(try flood.status == 422 && flood.list("errors").count == 100)
            for (method, path) in [
                (HTTPMethod.GET, ""), (.DELETE, ""), (.POST, "/sign-out"), (.GET, "/sessions"), (.GET, "/login-history"),
                (.POST, "/totp/reset"),
            ] {
                for id in [Self.nobody, "x"] {
                    let answer = try await server.send(method, "/v1/users/\(id)\(path)", as: admin)
                    #expect(try answer.status == 404 && answer.text("code") == "identity_not_found", "\(method.rawValue) \(id)\(path)")
                }
                let strange = try await server.send(method, "\(ann)\(path)?x=1", as: admin)
                #expect(try strange.status == 400 && strange.text("code") == "unknown_parameter", "\(method.rawValue) \(path)")
            }
            #expect(try await server.send(.GET, ann, as: admin).value("data.isDisabled") == false)
        }
    }

    @Test func `send a mail to who has no password, and tell nobody else its token`() async throws {
        try await IdentityServer.with(Self.schema, on: .sqlite) { server in
            let made = try await server.send(.POST, "/v1/users", #"{"email":"ann@example.com"}"#, as: server.administrator)
            #expect(try made.status == 201 && made.value("data.hasPassword") == false)
            let mail = try await server.mail(to: "ann@example.com")
            let words = mail.split { $0.isWhitespace || $0 == "#" || $0 == "=" }.map(String.init)
            let candidates = words.filter { $0.count >= 40 }
            #expect(!candidates.isEmpty && candidates.allSatisfy { !made.body.contains($0) })
            var isSet = false
            for token in candidates where !isSet {
                let body = #"{"token":"\#(token)","password":"\#(IdentityServer.password)"}"#
                isSet = try await server.api.post("/v1/auth/password/reset", body).status == 204
            }
            #expect(isSet, "\(mail)")
            _ = try await server.signIn("ann@example.com")
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `end sessions, tell of them, and remove users`(engine: IdentityServer.Engine) async throws {
        try await IdentityServer.with(Self.schema, on: engine) { server in
            let admin = server.administrator
            let path = "/v1/users/\(try await server.makeUser("ann@example.com", roles: ["sales"]))"
            let (one, two) = (try await server.signIn("ann@example.com"), try await server.signIn("ann@example.com"))
            _ = try await server.api.post("/v1/auth/login", #"{"email":"ann@example.com","password":"wrong wrong wrong"}"#)
            let sessions = try await server.send(.GET, path + "/sessions", as: admin)
            #expect(try sessions.status == 200 && sessions.list("data").count == 2 && sessions.value("data.0.isCurrent") == false)
            let own = try await server.send(.GET, "/v1/auth/me", as: admin).text("data.id")
            #expect(try await server.send(.GET, "/v1/users/\(own)/sessions", as: admin).value("data.0.isCurrent") == true)
            let history = try await server.send(.GET, path + "/login-history?limit=2", as: admin)
            #expect(try history.value("data.0.outcome") == "wrong_password" && history.value("data.1.outcome") == "success")
            let rest = try await server.send(
                .GET, path + "/login-history?limit=2&cursor=\(try history.text("meta.nextCursor"))", as: admin)
            #expect(try rest.list("data").count == 1 && rest.value("meta.hasMore") == false)

            let note = try await server.send(.POST, "/v1/notes", #"{"text":"kept"}"#, as: one)
            #expect(note.status == 201, "\(note.body)")
            #expect(try await server.send(.POST, path + "/sign-out", as: admin).status == 204)
            for token in [one, two] { #expect(try await server.send(.GET, "/v1/auth/me", as: token).status == 401) }
            #expect(try await server.send(.GET, path + "/sessions", as: admin).list("data").isEmpty)
            #expect(try await server.send(.POST, path + "/totp/reset", as: admin).status == 204)

            let three = try await server.signIn("ann@example.com")
            #expect(try await server.send(.DELETE, path, as: admin).status == 204)
            #expect(try await server.send(.GET, "/v1/auth/me", as: three).status == 401)
            for answer in [try await server.send(.GET, path, as: admin), try await server.send(.DELETE, path, as: admin)] {
                #expect(answer.status == 404)
            }
            let kept = try await server.send(.GET, "/v1/notes/1", as: admin)
            #expect(try kept.status == 200 && path.hasSuffix(kept.text("data.createdBy")))
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `keep the last administrator, also from two at once`(engine: IdentityServer.Engine) async throws {
        try await IdentityServer.with(Self.schema, on: engine) { server in
            let own = "/v1/users/\(try await server.send(.GET, "/v1/auth/me", as: server.administrator).text("data.id"))"
            for (method, body) in [
                (HTTPMethod.PATCH, #"{"roles":["boss"]}"# as String?), (.PATCH, #"{"isDisabled":true}"#), (.DELETE, nil),
            ] {
                let answer = try await server.send(method, own, body, as: server.administrator)
                #expect(try answer.status == 409 && answer.text("code") == "last_administrator", "\(method.rawValue) \(body ?? "")")
            }
            let disabled = try await SeaworthyProcess.run(
                ["user", "disable", IdentityServer.administrator], in: server.folder.url, environment: server.environment)
            #expect(disabled.status == 1 && disabled.errors.contains("last administrator"), "\(disabled.errors)")
            let other = "/v1/users/\(try await server.makeUser("bob@example.com", roles: ["admin"]))"
            let bob = try await server.signIn("bob@example.com")
            async let first = server.send(.PATCH, other, #"{"roles":[]}"#, as: server.administrator)
            async let second = server.send(.PATCH, own, #"{"roles":[]}"#, as: bob)
            let statuses = [try await first.status, try await second.status].sorted()
            // Whoever lost the role before the other's request came is refused as everybody else.
            #expect(statuses == [200, 409] || statuses == [200, 403])
            let left = try await (server.send(.GET, other, as: server.administrator), server.send(.GET, own, as: bob))
            #expect([left.0.status, left.1.status].sorted() == [200, 403])
        }
    }

    private static func emails(_ answer: APIClient.Answer) throws -> [String] {
        try answer.list("data").map { user in
            guard case .object(let object) = user, case .string(let email)? = object["email"] else { return "?" }
            return email
        }
    }
}
