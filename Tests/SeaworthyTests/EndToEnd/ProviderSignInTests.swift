import Foundation
import NIOHTTP1
import ProviderServing
import SeaworthySchema
import Testing

/// The whole way: a browser, the server, and a provider that others wrote.
@Suite struct `Signing in with Canaille` {
    /// Where Canaille sends the browser: nothing listens there, and the test goes to the server instead.
    private static let publicURL = "http://127.0.0.1"

    private static func schema(_ issuer: String) -> String {
        """
        name: shop
        identity: { providers: { canaille: { issuer: '\(issuer)', clientId: \(CanailleProvider.clientID("client_secret_basic")) } } }
        entities:
          Shelf:
            fields: { Width: { type: integer } }
            access: { sales: { read: true } }
        """
    }

    /// - Returns: what the server logged.
    @discardableResult
    private static func with(_ body: (String, TemporaryFolder, CanailleProvider) async throws -> Void) async throws -> String {
        let provider = try await CanailleProvider.started()
        let folder = try TemporaryFolder()
        try folder.write(schema(provider.issuer), to: "seaworthy.yaml")
        let environment = ["PUBLIC_URL": publicURL, "OIDC_CLIENT_SECRETS": "canaille=\(CanailleProvider.secret)"]
        let created = try await SeaworthyProcess.run(
            ["user", "create", "--email", "ada@example.org", "--role", "sales"], in: folder.url, environment: environment)
        try #require(created.status == 0, "\(created.errors)")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        do {
            try await body(address, folder, provider)
        } catch {
            await process.stop()
            throw error
        }
        let outcome = await process.stop()
        #expect(!outcome.output.contains(CanailleProvider.secret))
        return outcome.output
    }

    /// From the server to the provider and back, as the browser goes.
    private static func back(_ browser: Browser, _ address: String, _ provider: CanailleProvider, query: String = "") async throws
        -> Browser.Page
    {
        let start = try await browser.get("\(address)/v1/auth/oidc/canaille\(query)")
        #expect(start.status == 303)
        let away = try #require(start.location)
        #expect(away.hasPrefix(provider.issuer) && away.contains("code_challenge_method=S256"))
        let callback = try await provider.signIn(browser, from: away, backTo: "\(publicURL)/v1/auth/oidc/canaille/callback")
        return try await browser.get(address + callback.dropFirst(publicURL.utf8.count))
    }

    @Test func `lets somebody in who is linked, and nobody whose address is not verified`() async throws {
        let log = try await Self.with { address, folder, provider in
            let browser = Browser()
            // Canaille does not say that an address is verified.
            let refused = try await Self.back(browser, address, provider)
            #expect(refused.status == 403 && refused.body.contains("provider_refused"), "\(refused.body)")
            let database = folder.url.appendingPathComponent("seaworthy.db")
            let rows = try await SQLiteShell.rows("SELECT id FROM seaworthy_users", in: database)
            let id = try #require(rows.first?.first)
            _ = try await SQLiteShell.rows(
                "INSERT INTO seaworthy_linked_identities (issuer, subject, user_id, created_at) VALUES ('\(provider.issuer)', 'ada', '\(id)', 1)",
                in: database)
            let page = try await Self.back(browser, address, provider)
            #expect(page.status == 200, "\(page.body)")
            guard case .object(let answer) = try JSONParser.parse(page.body), case .object(let data)? = answer["data"],
                case .string(let token)? = data["accessToken"]
            else { return #expect(Bool(false), "\(page.body)") }
            let api = try await APIClient(address: address).documented()
            #expect(try await api.get("/v1/shelfs", headers: ["Authorization": "Bearer \(token)"]).status == 200)
            #expect(try await api.get("/v1/shelfs").status == 401)
            // Another browser, which did not begin it, is not let in with the same callback.
            let other = Browser()
            let stolen = try await other.get("\(address)/v1/auth/oidc/canaille/callback?code=x&state=y")
            #expect(stolen.status == 403)
            // To a page of the application, with a code in the fragment.
            let moved = try await Self.back(browser, address, provider, query: "?redirect=/app")
            let location = try #require(moved.location)
            #expect(moved.status == 303 && location.hasPrefix("/app#code="))
            let code = location.dropFirst("/app#code=".count)
            // Without the cookie of the browser that signed in it is worth nothing.
            #expect(try await api.post("/v1/auth/oidc/canaille/token", #"{"code":"\#(code)"}"#).status == 422)
            let cookie = try #require(browser.cookie("seaworthy-sign-in"))
            let headers: HTTPHeaders = ["Content-Type": "application/json", "Cookie": "seaworthy-sign-in=\(cookie)"]
            let traded = try await api.post("/v1/auth/oidc/canaille/token", #"{"code":"\#(code)"}"#, headers: headers)
            #expect(traded.status == 200)
            #expect(try traded.text("data.user.email") == "ada@example.org")
            #expect(try await api.post("/v1/auth/oidc/canaille/token", #"{"code":"\#(code)"}"#, headers: headers).status == 422)
            // With cookies for a page of this server, and of no other.
            let again = try #require(try await Self.back(browser, address, provider, query: "?redirect=/app").location)
            let body = #"{"code":"\#(again.dropFirst("/app#code=".count))","mode":"cookie"}"#
            func trade(_ origin: String) async throws -> APIClient.Answer {
                let cookie = try #require(browser.cookie("seaworthy-sign-in"))
                return try await api.post(
                    "/v1/auth/oidc/canaille/token", body,
                    headers: ["Content-Type": "application/json", "Cookie": "seaworthy-sign-in=\(cookie)", "Origin": origin])
            }
            let foreign = try await trade("https://evil.example")
            #expect(foreign.status == 403 && foreign.body.contains("cross_site_request") && foreign.headers["Set-Cookie"].isEmpty)
            let own = try await trade(address)
            #expect(own.status == 200 && !own.body.contains("refreshToken"), "\(own.body)")
            #expect(own.headers["Set-Cookie"].contains { $0.hasPrefix("__Host-seaworthy-access=") })
        }
        #expect(log.contains("no verified address"))
    }

    @Test func `leads to no foreign page`() async throws {
        try await Self.with { address, _, _ in
            let api = APIClient(address: address)
            for target in [
                "//evil.example", "https://evil.example", "/%5Cevil.example", "/a%0D%0ASet-Cookie:x=y", "javascript:alert(1)", "", "app",
                "/a%23b", "/%2F%2Fok-but-\(String(repeating: "x", count: 1100))",
            ] {
                let answer = try await api.get("/v1/auth/oidc/canaille?redirect=\(target)")
                #expect(answer.status == 400, "\(target): \(answer.status)")
                #expect(answer.headers["Location"].isEmpty)
            }
            #expect(try await api.get("/v1/auth/oidc/nobody").status == 404)
            #expect(try await api.get("/v1/auth/oidc/canaille?redirect=/a&redirect=/b").status == 400)
        }
    }

    @Test func `says at the start what is missing`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema("https://id.example"), to: "seaworthy.yaml")
        for (environment, text) in [
            ([:], "PUBLIC_URL, which is not set"),
            (["PUBLIC_URL": "http://127.0.0.1", "OIDC_CLIENT_SECRETS": "canail=x"], "«canail», which is no provider"),
            (["PUBLIC_URL": "http://127.0.0.1", "OIDC_CLIENT_SECRETS": "canaille"], "OIDC_CLIENT_SECRETS entry 1 is not of the form"),
        ] as [([String: String], String)] {
            let outcome = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: environment)
            #expect(outcome.status == 1 && outcome.errors.contains(text), "\(outcome.errors)")
        }
        // Behind one that is good, whose connections are held by then.
        try folder.write(
            Self.schema("http://id.example").replacing(
                "providers: {", with: "providers: { first: { issuer: 'https://id.example', clientId: a },"),
            to: "seaworthy.yaml")
        let outcome = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: ["PUBLIC_URL": "http://127.0.0.1"])
        #expect(
            outcome.status == 1 && outcome.errors.contains("identity.providers.canaille") && outcome.errors.contains("https"),
            "\(outcome.errors)")
    }
}
