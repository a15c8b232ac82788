import Foundation
import NIOHTTP1
import SeaworthySchema
import Synchronization
import Testing

/// A browser as far as cookies go: it keeps what is set, and takes out what is over.
private final class CookieJar: Sendable {
    private let cookies = Mutex<[String: String]>([:])

    func take(_ answer: APIClient.Answer) {
        for text in answer.headers["Set-Cookie"] {
            let pair = text.prefix { $0 != ";" }
            let name = String(pair.prefix { $0 != "=" })
            let value = String(pair.dropFirst(name.count + 1))
            cookies.withLock { $0[name] = text.contains("Max-Age=0;") ? nil : value }
        }
    }

    var names: [String] { cookies.withLock { $0.keys.sorted() } }
    var field: String { cookies.withLock { $0.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") } }

    subscript(name: String) -> String? {
        get { cookies.withLock { $0[name] } }
        set { cookies.withLock { $0[name] = newValue } }
    }
}

@Suite struct `A session in cookies` {
    private static let schema = """
        name: shop
        identity: { attributes: { region: string } }
        entities:
          Shelf:
            fields: { Width: { type: integer } }
            access: { anyone: { read: true }, sales: { create: true, update: true, delete: true } }
        """
    private static let access = "__Host-seaworthy-access"
    private static let refresh = "__Host-seaworthy-refresh"
    private static let csrf = "__Host-seaworthy-csrf"

    private struct Page {
        let server: IdentityServer
        let jar = CookieJar()
        let origin: String

        init(_ server: IdentityServer) {
            self.server = server
            origin = server.api.address
        }

        func send(
            _ method: HTTPMethod, _ path: String, _ body: String? = nil, token: String? = nil, origin: String? = nil
        ) async throws -> APIClient.Answer {
            var headers: HTTPHeaders = ["Cookie": jar.field]
            if body != nil {
                headers.add(name: "Content-Type", value: method == .PATCH ? "application/merge-patch+json" : "application/json")
            }
            if let token { headers.add(name: "X-CSRF-Token", value: token) }
            if method != .GET { headers.add(name: "Origin", value: origin ?? self.origin) }
            let answer = try await server.api.send(method, path, headers: headers, body: body)
            jar.take(answer)
            return answer
        }

        func signIn(_ email: String = "ann@example.com") async throws -> APIClient.Answer {
            try await send(
                .POST, "/v1/auth/login", #"{"email":"\#(email)","password":"\#(IdentityServer.password)","mode":"cookie"}"#)
        }

        func token() async throws -> String { try await send(.GET, "/v1/auth/csrf").text("data.csrfToken") }
    }

    private static func with(_ body: (IdentityServer, Page) async throws -> Void) async throws {
        try await IdentityServer.with(schema, on: .sqlite) { server in
            _ = try await server.makeUser("ann@example.com", roles: ["sales"])
            try await body(server, Page(server))
        }
    }

    @Test func `is begun without a token in the answer, and used by them alone`() async throws {
        try await Self.with { server, page in
            let signedIn = try await page.signIn()
            #expect(signedIn.status == 200 && signedIn.headers["Cache-Control"] == ["no-store"])
            #expect(try signedIn.text("data.user.email") == "ann@example.com")
            #expect(!signedIn.body.contains("Token") && signedIn.body.contains("\"expiresIn\":900"))
            #expect(page.jar.names == [Self.access, Self.refresh])
            for text in signedIn.headers["Set-Cookie"] {
                #expect(text.contains("; Path=/; Max-Age=") && text.contains("; HttpOnly; Secure; SameSite=") && !text.contains("Domain"))
            }
            let me = try await page.send(.GET, "/v1/auth/me")
            #expect(me.status == 200)
            #expect(try await page.send(.GET, "/v1/shelfs").headers["Cache-Control"] == ["no-store"])
            #expect(try await server.api.get("/v1/shelfs").headers["Cache-Control"].isEmpty)
            // A token that a program brings goes before the cookies, and needs no more.
            let headers: HTTPHeaders = [
                "Cookie": page.jar.field, "Authorization": "Bearer \(server.administrator)", "Content-Type": "application/json",
            ]
            #expect(try await server.api.get("/v1/auth/me", headers: headers).text("data.email") == IdentityServer.administrator)
            #expect(try await server.api.post("/v1/shelfs", #"{"Width":1}"#, headers: headers).status == 201)
            #expect(try await page.send(.GET, "/v1/auth/sessions").text("data.0.method") == "password")
        }
    }

    @Test func `changes something only with the token of its pages`() async throws {
        try await Self.with { server, page in
            #expect(try await page.send(.GET, "/v1/auth/csrf").status == 401)
            _ = try await page.signIn()
            let token = try await page.token()
            #expect(page.jar.names == [Self.access, Self.csrf, Self.refresh])
            #expect(try await page.token() == token)
            let made = try await page.send(.POST, "/v1/shelfs", #"{"Width":1}"#, token: token)
            #expect(made.status == 201)
            let path = try "/v1/shelfs/" + made.text("data.id")
            for (method, path, body) in [
                (.POST, "/v1/shelfs", #"{"Width":1}"#), (.PATCH, path, #"{"Width":2}"#), (.PUT, path, #"{"Width":2}"#),
                (.DELETE, path, nil),
                (.POST, "/v1/batch", #"{"operations":[{"method":"DELETE","path":"\#(path)"}]}"#), (.POST, "/v1/auth/logout", nil),
                (.POST, "/v1/auth/password/change", #"{"password":"\#(IdentityServer.password)","newPassword":"another good one"}"#),
                (.POST, "/v1/auth/refresh", nil), (.POST, "/v1/auth/refresh", "{}"), (.POST, "/v1/shelfs/import", "[]"),
            ] as [(HTTPMethod, String, String?)] {
                let without = try await page.send(method, path, body)
                #expect(without.status == 403, "\(method) \(path): \(without.body)")
                #expect(try without.text("code") == "csrf_token_missing")
                let wrong = try await page.send(method, path, body, token: "x\(token)")
                #expect(try wrong.status == 403 && wrong.text("code") == "csrf_token_invalid", "\(method) \(path): \(wrong.body)")
                let foreign = try await page.send(method, path, body, token: token, origin: "https://evil.example")
                #expect(try foreign.status == 403 && foreign.text("code") == "cross_site_request", "\(method) \(path): \(foreign.body)")
            }
            #expect(try await page.send(.GET, path).body.contains("\"Width\":1}"))
            #expect(try await page.send(.PATCH, path, #"{"Width":2}"#, token: token).status == 200)
            #expect(try await page.send(.DELETE, path, token: token).status == 204)
            // Another browser's token is none of this one's.
            let other = Page(server)
            _ = try await other.signIn()
            #expect(try await other.send(.POST, "/v1/shelfs", #"{"Width":1}"#, token: token).status == 403)
            #expect(try await page.send(.POST, "/v1/shelfs", #"{"Width":1}"#, token: try await other.token()).status == 403)
        }
    }

    @Test func `goes on by the refresh cookie, also when the access token is over`() async throws {
        try await Self.with { server, page in
            _ = try await page.signIn()
            let refresh = page.jar[Self.refresh]
            page.jar[Self.access] = nil
            let token = try await page.token()
            let refreshed = try await page.send(.POST, "/v1/auth/refresh", token: token)
            #expect(refreshed.status == 200 && !refreshed.body.contains("Token"))
            #expect(page.jar[Self.access] != nil && page.jar[Self.refresh] != refresh)
            #expect(try await page.send(.POST, "/v1/shelfs", #"{"Width":1}"#, token: token).status == 201)
            // A token in the body goes before the cookie, and the answer is as it asks.
            let plain = try await server.api.post(
                "/v1/auth/login", #"{"email":"ann@example.com","password":"\#(IdentityServer.password)","mode":"token"}"#)
            let body = #"{"refreshToken":"\#(try plain.text("data.refreshToken"))"}"#
            let given = try await page.send(.POST, "/v1/auth/refresh", body, origin: "https://evil.example")
            #expect(try given.status == 200 && given.text("data.accessToken").count > 20 && given.headers["Set-Cookie"].isEmpty)
            // What was used before ends the session, and leaves the browser.
            page.jar[Self.refresh] = refresh
            try await server.store("UPDATE seaworthy_refresh_tokens SET used_at = used_at - 11000000 WHERE used_at IS NOT NULL")
            let reused = try await page.send(.POST, "/v1/auth/refresh", token: token)
            #expect(try reused.status == 401 && reused.text("code") == "invalid_refresh_token")
            #expect(page.jar.names.isEmpty)
        }
    }

    @Test func `leaves the browser when it ends`() async throws {
        try await Self.with { server, page in
            for (method, path) in [(.POST, "/v1/auth/logout"), (.POST, "/v1/auth/logout-all"), (.DELETE, "")] as [(HTTPMethod, String)] {
                _ = try await page.signIn()
                let token = try await page.token()
                let own = try await page.send(.GET, "/v1/auth/sessions").text("data.0.id")
                let access = page.jar[Self.access]
                #expect(try await page.send(method, path.isEmpty ? "/v1/auth/sessions/\(own)" : path, token: token).status == 204)
                #expect(page.jar.names.isEmpty)
                // What was copied before is of no use.
                page.jar[Self.access] = access
                let over = try await page.send(.GET, "/v1/shelfs")
                #expect(try over.status == 401 && over.text("code") == "invalid_token")
                // And leaves the browser too, so that what needs nobody is answered.
                #expect(page.jar.names.isEmpty)
                #expect(try await page.send(.GET, "/v1/shelfs").status == 200)
            }
        }
    }

    @Test func `is a new one at each sign-in, and the one before it ends`() async throws {
        try await Self.with { server, page in
            _ = try await page.signIn()
            let before = page.jar[Self.access]
            let token = try await page.token()
            _ = try await page.signIn()
            #expect(page.jar[Self.access] != before)
            #expect(try await page.send(.GET, "/v1/auth/sessions").list("data").count == 1)
            // The token was of the session before.
            #expect(try await page.send(.POST, "/v1/shelfs", #"{"Width":1}"#, token: token).status == 403)
            #expect(try await page.send(.POST, "/v1/shelfs", #"{"Width":1}"#, token: try await page.token()).status == 201)
            // Of another person, too; a sign-in that fails ends nothing.
            let wrong = try await page.send(
                .POST, "/v1/auth/login", #"{"email":"ann@example.com","password":"wrong wrong wrong","mode":"cookie"}"#)
            #expect(wrong.status == 401)
            #expect(try await page.send(.GET, "/v1/auth/me").text("data.email") == "ann@example.com")
            _ = try await page.signIn(IdentityServer.administrator)
            #expect(try await page.send(.GET, "/v1/auth/me").text("data.email") == IdentityServer.administrator)
        }
    }

    @Test func `is not begun by pages of others, nor made up`() async throws {
        try await Self.with { server, page in
            let body = #"{"email":"ann@example.com","password":"\#(IdentityServer.password)","mode":"cookie"}"#
            for headers in [
                ["Content-Type": "application/json", "Origin": "https://evil.example"],
                ["Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"],
            ] as [HTTPHeaders] {
                let foreign = try await server.api.post("/v1/auth/login", body, headers: headers)
                #expect(try foreign.status == 403 && foreign.text("code") == "cross_site_request")
                #expect(foreign.headers["Set-Cookie"].isEmpty)
            }
            let unknown = try await server.api.post("/v1/auth/login", body.replacing("cookie", with: "cookies"))
            #expect(try unknown.status == 422 && unknown.text("errors.0.code") == "value_not_allowed")
            _ = try await page.signIn()
            // An access token of a program in place of the cookie's, or a cookie without its signature, is nobody.
            for value in [server.administrator, "", "x.y", String(try #require(page.jar[Self.access]).dropLast())] {
                let answer = try await server.api.get("/v1/auth/me", headers: ["Cookie": "\(Self.access)=\(value)"])
                #expect(answer.status == 401, "\(value)")
            }
            let doubled = "\(page.jar.field); \(page.jar.field)"
            #expect(try await server.api.get("/v1/auth/me", headers: ["Cookie": doubled]).status == 401)
            #expect(
                try await server.api.get("/v1/auth/csrf", headers: ["Cookie": page.jar.field, "Sec-Fetch-Site": "same-site"]).status == 403)
        }
    }
}
