import NIOHTTP1
import Testing

@Suite struct `Behind a proxy` {
    private static let publicURL = "https://portal.example.com"
    private static let password = "correct horse battery"

    /// A server that trusts this machine, or another.
    private static func with(
        trusting proxies: String?, _ body: (APIClient) async throws -> Void
    ) async throws -> SeaworthyProcess.Outcome {
        let folder = try TemporaryFolder()
        try folder.write(
            "name: shop\nentities:\n  Shelf: { fields: { Width: { type: integer } }, access: { anyone: { read: true } } }\n",
            to: "seaworthy.yaml")
        var environment = ["PUBLIC_URL": publicURL]
        if let proxies { environment["TRUSTED_PROXIES"] = proxies }
        let made = try await SeaworthyProcess.run(
            ["user", "create", "--email", "ann@example.com", "--password-stdin"], in: folder.url, environment: environment,
            input: password + "\n")
        try #require(made.status == 0, "\(made.errors)")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        do {
            try await body(APIClient(address: address))
        } catch {
            await process.stop()
            throw error
        }
        return await process.stop()
    }

    private static func headers(_ proto: String, _ client: String = "192.0.2.44") -> HTTPHeaders {
        ["Content-Type": "application/json", "X-Forwarded-For": "198.51.100.9, \(client)", "X-Forwarded-Proto": proto]
    }

    @Test func `clients are told apart, and come by HTTPS alone`() async throws {
        let outcome = try await Self.with(trusting: "127.0.0.0/8") { api in
            let body = #"{"email":"ann@example.com","password":"\#(Self.password)"}"#
            let clear = try await api.get("/v1/shelfs?limit=1", headers: Self.headers("http"))
            #expect(clear.status == 308 && clear.headers["Location"] == ["\(Self.publicURL)/v1/shelfs?limit=1"])
            #expect(clear.headers["Strict-Transport-Security"].isEmpty)
            let refused = try await api.post("/v1/auth/login", body, headers: Self.headers("http"))
            #expect(refused.status == 403)
            #expect(try refused.text("code") == "https_required")
            // Past the proxy.
            #expect(try await api.get("/v1/shelfs").status == 308)
            #expect(try await api.get("/v1/shelfs", headers: ["X-Forwarded-For": "192.0.2.44"]).status == 308)
            #expect(try await api.get("/readyz").status == 200)

            let read = try await api.get("/v1/shelfs", headers: Self.headers("https"))
            #expect(read.status == 200 && read.headers["Strict-Transport-Security"] == ["max-age=31536000; includeSubDomains"])
            let signedIn = try await api.post("/v1/auth/login", body, headers: Self.headers("https"))
            var headers = Self.headers("https")
            headers.add(name: "Authorization", value: "Bearer \(try signedIn.text("data.accessToken"))")
            #expect(try await api.get("/v1/auth/sessions", headers: headers).text("data.0.address") == "192.0.2.44")
        }
        #expect(outcome.output.contains("\"192.0.2.44\"") && !outcome.output.contains("198.51.100.9"))
        #expect(!outcome.output.contains("clients cannot be told apart"))
    }

    @Test func `what others say of themselves counts for nothing`() async throws {
        for proxies in ["10.0.0.0/8", nil] {
            let outcome = try await Self.with(trusting: proxies) { api in
                let read = try await api.get("/v1/shelfs", headers: Self.headers("https"))
                // Where proxies are known, whoever comes past them in clear is sent back.
                #expect(read.status == (proxies == nil ? 200 : 308))
                #expect(read.headers["Strict-Transport-Security"].isEmpty)
            }
            #expect(!outcome.output.contains("192.0.2.44"))
            #expect(outcome.output.contains("clients cannot be told apart") == (proxies == nil))
        }
    }
}
