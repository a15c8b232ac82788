import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `The log of security events over HTTP` {
    private static let schema = """
        name: shop
        entities:
          Shelf: { fields: { Width: { type: integer } }, access: { sales: { read: true } } }
        """

    @Test(arguments: IdentityServer.Engine.allCases)
    func `is the administrators', and says who did what, from where`(engine: IdentityServer.Engine) async throws {
        try await IdentityServer.with(Self.schema, on: engine) { server in
            let ann = try await server.makeUser("ann@example.com", roles: ["sales"])
            let token = try await server.signIn("ann@example.com")
            _ = try await server.send(.POST, "/v1/auth/logout", "{}", as: token)
            _ = try await server.send(.PATCH, "/v1/users/\(ann)", #"{"isDisabled":true}"#, as: server.administrator)
            let made = try await SeaworthyProcess.run(
                ["user", "create", "--email", "bob@example.com", "--role", "sales"], in: server.folder.url, environment: server.environment)
            try #require(made.status == 0, "\(made.errors)")
            let all = try await server.send(.GET, "/v1/users/security-events", as: server.administrator)
            #expect(all.status == 200)
            let root = try await server.send(.GET, "/v1/auth/me", as: server.administrator).text("data.id")
            func line(_ event: JSONValue) -> String {
                guard case .object(let event) = event else { return "?" }
                let names = ["event", "user", "actor", "address"].map { name in
                    if case .string(let text)? = event[name] { text } else { "-" }
                }
                return names.joined(separator: " ").replacing(ann, with: "ANN").replacing(root, with: "ROOT")
            }
            let lines = try all.list("data").map(line).reversed()
            #expect(
                lines.map { $0.replacing(/created [0-9a-f-]{36} command/, with: "created BOB command") } == [
                    "user_created ROOT command -", "signed_in ROOT - 127.0.0.1", "user_created ANN ROOT 127.0.0.1",
                    "signed_in ANN - 127.0.0.1",
                    "session_ended ANN ANN 127.0.0.1", "user_changed ANN ROOT 127.0.0.1", "user_created BOB command -",
                ])
            let own = try await server.send(.GET, "/v1/users/security-events?user=\(ann)&limit=2", as: server.administrator)
            #expect(try own.list("data").map(line) == ["user_changed ANN ROOT 127.0.0.1", "session_ended ANN ANN 127.0.0.1"])
            let next = try own.text("meta.nextCursor")
            let rest = try await server.send(.GET, "/v1/users/security-events?user=\(ann)&cursor=\(next)", as: server.administrator)
            #expect(try rest.list("data").map(line) == ["signed_in ANN - 127.0.0.1", "user_created ANN ROOT 127.0.0.1"])
            for (query, status) in [("user=x", 400), ("cursor=x", 400), ("event=x", 400), ("limit=0", 400)] {
                #expect(try await server.send(.GET, "/v1/users/security-events?\(query)", as: server.administrator).status == status)
            }
        }
    }
}
