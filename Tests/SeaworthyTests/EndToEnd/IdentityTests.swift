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
            let other = try await server.post("email/verify", #"{"token":"\#(token)","password":"mallory chose this"}"#)
            #expect(try other.errorCodes == ["wrong_password"])
            let verified = try await server.post("email/verify", #"{"token":"\#(token)","password":"\#(Self.password)"}"#)
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
            let login = try await server.post("login", #"{"email":1,"password":"","other":2,"mode":"cookies"}"#)
            #expect(login.status == 422)
            #expect(try login.errorCodes == ["unknown_field", "wrong_type", "too_short", "value_not_allowed"])
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
