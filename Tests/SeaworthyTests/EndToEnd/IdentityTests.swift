import Foundation
import NIOHTTP1
import SeaworthySchema
import Testing

@testable import SeaworthyData

/// People and the running server: as a client of the API meets them, with mails in the folder of development.
@Suite struct `Identities over HTTP` {
    private static let password = "correct horse battery"
    private static let schema = """
        name: shop
        identity: { register: true, attributes: { region: string } }
        entities:
          Shelf:
            fields: { Width: { type: integer } }
            access:
              anyone: { read: { Width: { lt: 10 } } }
              authenticated: { read: { Width: { lt: 20 } } }
              sales: { read: true, create: true }
        """

    private struct Server {
        let process: SeaworthyProcess
        let folder: TemporaryFolder
        var api: APIClient

        /// The mails that were sent so far, the oldest first.
        func mails() -> [String] {
            let folder = folder.url.appendingPathComponent(".seaworthy/mail")
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            return names.filter { $0.hasSuffix(".eml") }.sorted().compactMap {
                try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
            }
        }

        /// The secret of the mail that is sent next, or was just sent.
        func mailedToken(after count: Int) async throws -> String {
            while mails().count <= count { try await Task.sleep(for: .milliseconds(10)) }
            // Quoted-printable: `=3D` for `=`, and soft line breaks.
            let text = mails()[count].replacing("=\r\n", with: "").replacing("=3D", with: "=")
            let start = try #require(text.firstRange(of: "#token="))
            return String(text[start.upperBound...].prefix { !$0.isWhitespace })
        }

        func post(_ path: String, _ body: String, token: String? = nil) async throws -> APIClient.Answer {
            var headers: HTTPHeaders = ["Content-Type": "application/json"]
            if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
            return try await api.post("/v1/auth/\(path)", body, headers: headers)
        }

        func get(_ path: String, token: String? = nil) async throws -> APIClient.Answer {
            try await api.get(path, headers: token.map { ["Authorization": "Bearer \($0)"] } ?? [:])
        }

        func login(_ email: String = "ann@example.com", _ password: String = Identity.password, totp: String? = nil) async throws
            -> APIClient.Answer
        {
            let code = totp.map { #","totp":"\#($0)""# } ?? ""
            return try await post("login", #"{"email":"\#(email)","password":"\#(password)"\#(code)}"#)
        }
    }

    private typealias Identity = `Identities over HTTP`

    private static func with(_ body: (Server) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        let environment = ["PUBLIC_URL": "http://127.0.0.1:1"]
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        do {
            try await body(Server(process: process, folder: folder, api: try await APIClient(address: address).documented()))
        } catch {
            await process.stop()
            throw error
        }
        let log = await process.stop().output
        // Neither what people know nor who they are stands in the log.
        #expect(!log.contains(Self.password) && !log.contains("@example.com") && !log.contains("eyJ"), "\(log)")
    }

    @discardableResult
    private static func create(_ server: Server, _ email: String = "ann@example.com", roles: [String] = []) async throws
        -> SeaworthyProcess.Outcome
    {
        let outcome = try await SeaworthyProcess.run(
            ["user", "create", "--email", email, "--password-stdin"] + roles.flatMap { ["--role", $0] }, in: server.folder.url,
            input: password + "\n")
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    @Test func `sign in, are known by their token, refresh it and sign out`() async throws {
        try await Self.with { server in
            try await Self.create(server, roles: ["sales"])
            let signedIn = try await server.login()
            #expect(signedIn.status == 200)
            #expect(signedIn.headers["Cache-Control"] == ["no-store"])
            let (token, refresh) = (try signedIn.text("data.accessToken"), try signedIn.text("data.refreshToken"))
            #expect(try signedIn.value("data.expiresIn") == 900)
            #expect(try signedIn.text("data.user.email") == "ann@example.com")
            let me = try await server.get("/v1/auth/me", token: token)
            #expect(try me.value("data.roles") == ["sales"] && me.value("data.attributes") == ["region": .null])
            // Their roles count.
            let headers: HTTPHeaders = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
            for width in [5, 15, 25] {
                #expect(try await server.api.post("/v1/shelfs", #"{"Width":\#(width)}"#, headers: headers).status == 201)
            }
            #expect(try await server.get("/v1/shelfs", token: token).list("data").count == 3)
            #expect(try await server.get("/v1/shelfs").list("data").count == 1)
            #expect(try await server.api.post("/v1/shelfs", #"{"Width":1}"#).status == 403)
            try await Self.create(server, "bob@example.com")
            let bob = try await server.login("bob@example.com").text("data.accessToken")
            #expect(try await server.get("/v1/shelfs", token: bob).list("data").count == 2)
            #expect(
                try await server.api.post(
                    "/v1/shelfs", #"{"Width":1}"#, headers: ["Authorization": "bearer \(bob)", "Content-Type": "application/json"]
                ).status == 403)

            let refreshed = try await server.post("refresh", #"{"refreshToken":"\#(refresh)"}"#)
            #expect(refreshed.status == 200)
            let second = try refreshed.text("data.accessToken")
            let sessions = try await server.get("/v1/auth/sessions", token: second)
            #expect(try sessions.list("data").count == 1 && sessions.value("data.0.isCurrent") == true)
            let history = try await server.get("/v1/auth/login-history?limit=1", token: second)
            #expect(try history.text("data.0.outcome") == "success" && history.value("meta.hasMore") == false)
            #expect(try await server.post("logout", "", token: second).status == 204)
            for token in [token, second] {
                let answer = try await server.get("/v1/auth/me", token: token)
                #expect(answer.status == 401)
                #expect(try answer.text("code") == "invalid_token")
                #expect(answer.headers["WWW-Authenticate"] == ["Bearer realm=\"seaworthy\", error=\"invalid_token\""])
                // Nor is a record told on the strength of it that everybody may see.
                #expect(try await server.get("/v1/shelfs", token: token).status == 401)
            }
            #expect(try await server.post("refresh", #"{"refreshToken":"\#(try refreshed.text("data.refreshToken"))"}"#).status == 401)
        }
    }

    @Test func `end sessions one by one and all`() async throws {
        try await Self.with { server in
            try await Self.create(server)
            let tokens = [try await server.login().text("data.accessToken"), try await server.login().text("data.accessToken")]
            let sessions = try await server.get("/v1/auth/sessions", token: tokens[0]).list("data")
            #expect(sessions.count == 2)
            let others = sessions.compactMap { session -> String? in
                guard case .object(let object) = session, object["isCurrent"] == false, case .string(let id)? = object["id"] else {
                    return nil
                }
                return id
            }
            let other = try #require(others.first)
            func end(_ id: String) async throws -> Int {
                try await server.api.send(.DELETE, "/v1/auth/sessions/\(id)", headers: ["Authorization": "Bearer \(tokens[0])"]).status
            }
            #expect(try await end(other) == 204)
            #expect(try await end(other) == 404)
            #expect(try await end("no-id") == 404)
            #expect(try await server.get("/v1/auth/me", token: tokens[1]).status == 401)
            #expect(try await server.post("logout-all", "", token: tokens[0]).status == 204)
            #expect(try await server.get("/v1/auth/me", token: tokens[0]).status == 401)
        }
    }

    @Test func `register, prove their address, and set a new password by mail`() async throws {
        try await Self.with { server in
            let registered = try await server.post("register", #"{"email":"Ann@Example.com","password":"\#(Self.password)"}"#)
            #expect(registered.status == 202)
            #expect(try await server.login().status == 401)
            let token = try await server.mailedToken(after: 0)
            #expect(server.mails()[0].contains("To: ann@example.com") && server.mails()[0].contains("From: seaworthy@localhost"))
            let verified = try await server.post("email/verify", #"{"token":"\#(token)"}"#)
            #expect(verified.status == 200)
            #expect(try verified.text("data.email") == "ann@example.com")
            #expect(try await server.post("email/verify", #"{"token":"\#(token)"}"#).status == 422)
            let access = try await server.login().text("data.accessToken")
            // The same answer for an address that has an account and for one that has none.
            let again = try await server.post("register", #"{"email":"ann@example.com","password":"\#(Self.password)"}"#)
            #expect(again.status == 202 && again.body == registered.body)
            let known = try await server.post("password/forgot", #"{"email":"ann@example.com"}"#)
            let unknown = try await server.post("password/forgot", #"{"email":"nobody@example.com"}"#)
            #expect(known.status == 202 && unknown.status == 202 && known.body == unknown.body)
            let reset = try await server.mailedToken(after: 2)
            #expect(try await server.post("password/reset", #"{"token":"\#(reset)","password":"short"}"#).errorCodes == ["too_short"])
            #expect(try await server.post("password/reset", #"{"token":"\#(reset)","password":"another horse battery"}"#).status == 204)
            #expect(try await server.get("/v1/auth/me", token: access).status == 401)
            #expect(try await server.login().status == 401)
            let second = try await server.login("ann@example.com", "another horse battery").text("data.accessToken")
            let changed = try await server.post(
                "password/change", #"{"password":"another horse battery","newPassword":"\#(Self.password)"}"#, token: second)
            #expect(changed.status == 204)
            #expect(try await server.login().status == 200)
        }
    }

    @Test func `use a second factor`() async throws {
        try await Self.with { server in
            try await Self.create(server)
            let token = try await server.login().text("data.accessToken")
            let enrolment = try await server.post("totp/enroll", #"{"password":"\#(Self.password)"}"#, token: token)
            #expect(enrolment.status == 200)
            #expect(try enrolment.text("data.uri").hasPrefix("otpauth://totp/shop:ann%40example.com?secret="))
            #expect(try await server.post("totp/confirm", #"{"code":"000000"}"#, token: token).errorCodes == ["wrong_code"])
            let code = TimeCode(secret: try Self.secret(try enrolment.text("data.secret")))
            func now() -> Int64 { Int64(Date().timeIntervalSince1970) / 30 }
            // Taken within a step before and behind, so that this does not depend on when it is asked.
            let confirmed = try await server.post("totp/confirm", #"{"code":"\#(code.code(step: now()))"}"#, token: token)
            #expect(confirmed.status == 200)
            let codes = try confirmed.list("data.recoveryCodes")
            #expect(codes.count == 10)
            let required = try await server.login()
            #expect(required.status == 401)
            #expect(try required.text("code") == "totp_required")
            guard case .string(let recovery) = codes[0] else { return }
            let signedIn = try await server.login(totp: recovery)
            #expect(try signedIn.value("data.user.hasTotp") == true)
            #expect(try await server.login(totp: recovery).status == 401)
            guard case .string(let second) = codes[1] else { return }
            let disabled = try await server.post(
                "totp/disable", #"{"password":"\#(Self.password)","code":"\#(second)"}"#, token: try signedIn.text("data.accessToken"))
            #expect(disabled.status == 204)
            #expect(try await server.login().status == 200)
        }
    }

    private static func secret(_ base32: String) throws -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var (bytes, group, bits) = ([UInt8](), 0, 0)
        for character in base32 {
            group = group << 5 | (digits.firstIndex(of: character) ?? 0)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(group >> bits & 255))
            }
        }
        return bytes
    }

    @Test func `are told what is wrong with what they send`() async throws {
        try await Self.with { server in
            #expect(try await server.post("login", "{}").errorCodes == ["required", "required"])
            #expect(try await server.post("login", "[]").errorCodes == ["wrong_type"])
            let login = try await server.post("login", #"{"email":1,"password":"","other":2,"mode":"cookie"}"#)
            #expect(login.status == 422)
            #expect(try login.errorCodes == ["unknown_field", "wrong_type", "too_short", "not_supported"])
            #expect(try await server.post("login?x=1", #"{"email":"a","password":"b"}"#).status == 400)
            #expect(try await server.api.post("/v1/auth/login", "{}", headers: ["Content-Type": "text/plain"]).status == 415)
            #expect(
                try await server.post("register", #"{"email":"no address","password":"\#(Self.password)"}"#).errorCodes == [
                    "invalid_format"
                ])
            #expect(
                try await server.post("register", #"{"email":"a@example.com","password":"password123"}"#).errorCodes == ["common_password"])
            for header in ["Basic YTpi", "Bearer", "Bearer a b", "Bearer \(String(repeating: "x", count: 5000))", "Bearer x.y.z", ""] {
                let answer = try await server.api.get("/v1/auth/me", headers: ["Authorization": header])
                #expect(answer.status == 401, "\(header)")
                #expect(answer.headers["WWW-Authenticate"].count == 1)
            }
            #expect(
                try await server.api.get("/v1/auth/me", headers: ["Authorization": "Bearer a", "authorization": "Bearer b"]).status == 401)
            for path in ["me", "sessions", "login-history"] { #expect(try await server.get("/v1/auth/\(path)").status == 401) }
            // What is the same for everybody does not ask.
            for path in ["/health", "/openapi.json", "/.well-known/jwks.json"] {
                #expect(try await server.api.get(path, headers: ["Authorization": "Bearer x"]).status == 200)
            }
            try await Self.create(server)
            let token = try await server.login().text("data.accessToken")
            #expect(try await server.get("/v1/auth/login-history?limit=0", token: token).status == 400)
            #expect(try await server.get("/v1/auth/login-history?cursor=x", token: token).status == 400)
            #expect(try await server.get("/v1/auth/login-history?cursor=eA&cursor=eA", token: token).status == 400)
            #expect(try await server.get("/v1/auth/login-history?page=1", token: token).status == 400)
        }
    }

    @Test func `are slowed down when they guess`() async throws {
        try await Self.with { server in
            try await Self.create(server)
            var answer = try await server.login("ann@example.com", "guess 0")
            for number in 1..<12 where answer.status == 401 { answer = try await server.login("ann@example.com", "guess \(number)") }
            #expect(answer.status == 429)
            #expect(try answer.text("code") == "too_many_attempts")
            #expect(Int(answer.headers["Retry-After"].first ?? "") ?? 0 >= 1)
        }
    }

    @Test func `see a change within a second that was made beside the server`() async throws {
        try await Self.with { server in
            try await Self.create(server, roles: ["sales"])
            let token = try await server.login().text("data.accessToken")
            #expect(try await server.get("/v1/auth/me", token: token).status == 200)
            let disabled = try await SeaworthyProcess.run(["user", "disable", "ann@example.com"], in: server.folder.url)
            #expect(disabled.status == 0, "\(disabled.errors)")
            try await Task.sleep(for: .seconds(1))
            #expect(try await server.get("/v1/shelfs", token: token).status == 401)
            #expect(try await server.login().status == 403)
            #expect(try await SeaworthyProcess.run(["user", "enable", "ann@example.com"], in: server.folder.url).status == 0)
            #expect(try await server.login().status == 200)
        }
    }
}

@Suite struct `The user command` {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "name: shop\nentities:\n  Shelf:\n    fields: { Width: { type: integer } }\n    access: { sales: { read: true } }\n",
            to: "seaworthy.yaml")
        return folder
    }

    @Test func `makes, lists, disables and enables users`() async throws {
        let folder = try folder()
        func run(_ arguments: String..., input: String? = nil) async throws -> SeaworthyProcess.Outcome {
            try await SeaworthyProcess.run(["user"] + arguments, in: folder.url, input: input)
        }
        #expect(try await run("list").output == "no users\n")
        let admin = try await run("create", "--email", "Root@Example.com", "--password-stdin", "--admin", input: "correct horse battery\n")
        #expect(admin.output == "root@example.com: created, roles admin\n", "\(admin.errors)")
        let invited = try await run("create", "--email", "ann@example.com", "--role", "sales", "--json")
        guard case .object(let object) = try JSONParser.parse(invited.output) else { return #expect(Bool(false), "\(invited.output)") }
        #expect(object["email"] == "ann@example.com" && object["roles"] == ["sales"])
        guard case .string(let token)? = object["setPasswordToken"] else { return #expect(Bool(false), "no token") }
        #expect(token.utf8.count == 43)
        #expect(try await run("disable", "ann@example.com").output.hasPrefix("ann@example.com: disabled"))
        #expect(try await run("list").output == "ann@example.com: roles sales, disabled\nroot@example.com: roles admin\n")
        #expect(try await run("enable", "ann@example.com").status == 0)
        guard case .array(let users) = try JSONParser.parse(try await run("list", "--json").output), case .object(let ann)? = users.first
        else {
            return #expect(Bool(false), "no list")
        }
        #expect(ann["isDisabled"] == false && ann["isVerified"] == true && ann["hasTotp"] == false)

        for (arguments, input, text) in [
            (["create", "--email", "ann@example.com"], nil, "There is a user with this address already"),
            (["create", "--email", "bob"], nil, "email is no e-mail address"),
            (
                ["create", "--email", "bob@example.com", "--role", "boss"], nil,
                "roles/0 «boss» is no role of the schema; known are admin, sales"
            ),
            (["create", "--email", "bob@example.com", "--password-stdin"], "short\n", "password has 5 characters; at least 10"),
            (["create", "--email", "bob@example.com", "--password-stdin"], "", "there is no password in standard input"),
            (["disable", "nobody@example.com"], nil, "There is no user with this address"),
        ] as [([String], String?, String)] {
            let outcome = try await SeaworthyProcess.run(["user"] + arguments, in: folder.url, input: input)
            #expect(outcome.status == 1 && outcome.errors.contains(text) && outcome.output.isEmpty, "\(arguments): \(outcome.errors)")
        }
        #expect(try await run("create").status == 64)
    }

    @Test func `production refuses registration without mail, and a public address without HTTPS`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "name: shop\nidentity: { register: true }\nentities:\n  Shelf: { fields: { Width: { type: integer } } }\n", to: "seaworthy.yaml"
        )
        let production = ["APP_ENV": "production", "SECRET_KEYS": "7c1d9be2f04a5836e9b7aa01c3d2f6588d41be70"]
        #expect(try await SeaworthyProcess.run(["migrate", "plan"], in: folder.url).status == 0)
        #expect(try await SeaworthyProcess.run(["migrate", "apply"], in: folder.url, environment: production).status == 0)
        let refused = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: production)
        #expect(refused.status == 1 && refused.errors.contains("identity.register is true, and no mail can be sent"), "\(refused.errors)")
        for (name, value, text) in [
            ("PUBLIC_URL", "http://shop.example", "PUBLIC_URL is not https"), ("PUBLIC_URL", "shop.example", "PUBLIC_URL must be a URL"),
            ("PUBLIC_URL", "https://user:password@shop.example", "PUBLIC_URL must be a URL"),
            ("SMTP_URL", "smtp://mail.example", "MAIL_FROM is not set"),
            ("SMTP_URL", "http://mail.example", "SMTP_URL begins neither"),
            ("MAIL_FROM", "nobody", "MAIL_FROM has an address that has no @"),
            ("JWT_SIGNING_KEYS", "secret", "JWT_SIGNING_KEYS key 1 is no private key"),
            ("ACCESS_TOKEN_TTL", "24h", "ACCESS_TOKEN_TTL"), ("REFRESH_TOKEN_TTL", "1s", "REFRESH_TOKEN_TTL"),
        ] {
            var environment = production.merging([name: value]) { $1 }
            if name == "ACCESS_TOKEN_TTL" { environment["REFRESH_TOKEN_TTL"] = "12h" }
            let outcome = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: environment)
            #expect(outcome.status == 1 && outcome.errors.contains(text), "\(name)=\(value): \(outcome.errors)")
        }
    }
}

@Suite struct `The pages of accounts` {
    @Test func `bring all that they need, run nothing else, and send the secret to nobody but the server`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("name: shop\nentities:\n  Shelf: { fields: { Width: { type: integer } } }\n", to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        let api = APIClient(address: address)
        do {
            for (path, title, action) in [
                ("verify", "Verify your address", "../v1/auth/email/verify"), ("reset", "Set a new password", "../v1/auth/password/reset"),
            ] {
                let page = try await api.get("/account/\(path)")
                #expect(page.status == 200)
                #expect(page.headers["Content-Type"] == ["text/html; charset=utf-8"])
                let policy = page.headers["Content-Security-Policy"].joined()
                for part in [
                    "default-src 'none'", "script-src 'self'", "connect-src 'self'", "form-action 'none'", "frame-ancestors 'none'",
                ] {
                    #expect(policy.contains(part))
                }
                #expect(page.headers["Referrer-Policy"] == ["no-referrer"])
                #expect(page.body.contains("<title>\(title)</title>") && page.body.contains("data-action=\"\(action)\""))
                // Neither scripts nor styles within the page, nor addresses elsewhere.
                #expect(!page.body.contains("<script>") && !page.body.contains("style=") && !page.body.contains("http"))
            }
            let script = try await api.get("/account/account.js")
            #expect(script.headers["Content-Type"] == ["text/javascript; charset=utf-8"])
            #expect(script.body.contains("location.hash") && script.body.contains("history.replaceState"))
            #expect(try await api.get("/account/account.css").headers["Content-Type"] == ["text/css; charset=utf-8"])
            // The secret is in the fragment; one in the query is not taken for it.
            #expect(try await api.get("/account/verify?token=x").status == 400)
            #expect(try await api.get("/account").status == 404)
        } catch {
            await process.stop()
            throw error
        }
        await process.stop()
    }
}
