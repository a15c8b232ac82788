import NIOHTTP1
import PostgresServing
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
            // Also of what is done behind an answer.
            let asked = try await server.send(.POST, "/v1/auth/password/forgot", #"{"email":"bob@example.com"}"#, as: nil)
            #expect(asked.status == 202)
            var newest: String?
            while newest?.hasPrefix("password_reset_requested") != true {
                newest = try await server.send(.GET, "/v1/users/security-events?limit=1", as: server.administrator).list("data").first
                    .map(line)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(newest?.hasSuffix(" - 127.0.0.1") == true, "\(newest ?? "")")
            for (query, status) in [("user=x", 400), ("cursor=x", 400), ("event=x", 400), ("limit=0", 400)] {
                #expect(try await server.send(.GET, "/v1/users/security-events?\(query)", as: server.administrator).status == status)
            }
        }
    }

    @Test(arguments: [false, true])
    func `is out of reach of the application's role from the start, or the operator is told`(isSuperuser: Bool) async throws {
        let postgres = try await PostgresServer.running()
        var address = try await postgres.makeDatabase()
        if !isSuperuser {
            let role = "app_\(UInt32.random(in: 0 ... .max))"
            try await postgres.shell("postgres", "CREATE ROLE \(role) LOGIN")
            try await postgres.shell("postgres", "ALTER DATABASE \(postgres.name(of: address)) OWNER TO \(role)")
            address = address.replacing("user=postgres", with: "user=\(role)")
        }
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        // Where there is no table yet, development makes it.
        let (first, _) = try await SeaworthyProcess.serve(in: folder.url, environment: ["DATABASE_URL": address])
        _ = await first.stop()
        try await postgres.shell(at: address, "GRANT UPDATE, DELETE, TRUNCATE ON seaworthy_security_events TO CURRENT_USER")
        let environment = ["DATABASE_URL": address, "APP_ENV": "staging", "SECRET_KEYS": SettingsLoadTests.strongKey]
        let (process, _) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        let outcome = await process.stop()
        #expect(outcome.output.contains("may change the log of security events") == isSuperuser, "\(outcome.output)")
        let may = try await postgres.shell(
            at: address, "SELECT has_table_privilege('seaworthy_security_events', 'UPDATE, DELETE, TRUNCATE')")
        #expect(may == (isSuperuser ? "t" : "f"))
        #expect(try await postgres.shell(at: address, "SELECT has_table_privilege('seaworthy_security_events', 'INSERT')") == "t")
    }
}
