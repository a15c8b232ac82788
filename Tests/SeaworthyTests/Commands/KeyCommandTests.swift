import Foundation
import SeaworthySchema
import Testing

@Suite struct `seaworthy key` {
    @Test func `makes, lists and revokes keys of a server that runs`() async throws {
        try await KeyServer.with { server in
            let none = try await server.run("list")
            #expect(none.status == 0 && none.output == "no keys\n", "\(none.errors)")
            let made = try await server.run(
                "create", "--email", "Ann@example.com", "--name", "nightly import", "--scope", "Order:read", "--scope", "Order:write",
                "--expires",
                "30d")
            #expect(made.status == 0, "\(made.errors)")
            let key = String(made.output.prefix { $0 != "\n" })
            #expect(key.hasPrefix("sw_") && key.utf8.count == 59)
            let prefix = String(key.dropFirst(3).prefix(12))
            #expect(made.output.contains("told this once. \(prefix) «nightly import» of ann@example.com: Order:read Order:write, until 2"))
            let headers = KeyServer.bearer(key)
            #expect(try await server.api.get("/v1/orders", headers: headers).status == 200)
            #expect(try await server.api.get("/v1/customers", headers: headers).status == 403)

            let other = try await server.run("create", "--email", "bob@example.com", "--name", "x", "--scope", "*", "--json")
            guard case .object(let report) = try JSONParser.parse(other.output), case .string(let otherKey)? = report["key"],
                case .string(let otherPrefix)? = report["prefix"]
            else { return #expect(Bool(false), "\(other.output)\(other.errors)") }
            #expect(report["expiresAt"] == .null && report["email"] == "bob@example.com" && otherKey.hasPrefix("sw_\(otherPrefix)_"))

            let list = try await server.run("list")
            #expect(list.output.split(separator: "\n").count == 2)
            #expect(list.output.contains("\(otherPrefix) «x» of bob@example.com: *, until it is revoked, never used"))
            #expect(!list.output.contains(key.suffix(43)) && !list.output.contains(otherKey.suffix(43)))
            let own = try await server.run("list", "--email", "ann@example.com", "--json")
            guard case .array(let keys) = try JSONParser.parse(own.output), case .object(let listed)? = keys.first else {
                return #expect(Bool(false), "\(own.output)\(own.errors)")
            }
            #expect(keys.count == 1 && listed["prefix"] == .string(prefix) && listed["key"] == nil && listed["hash"] == nil)

            let revoked = try await server.run("revoke", prefix)
            #expect(revoked.status == 0 && revoked.output == "\(prefix) «nightly import»: revoked\n", "\(revoked.errors)")
            // Within a second on the server, which is another process.
            try await Task.sleep(for: .seconds(1))
            #expect(try await server.api.get("/v1/orders", headers: headers).status == 401)
            // The whole key does as well, for who finds one.
            #expect(try await server.run("revoke", otherKey, "--json").status == 0)
            #expect(try await server.run("list").output == "no keys\n")
            let again = try await server.run("revoke", prefix)
            #expect(again.status == 1 && again.errors == "error: There is no such key.\n")
        }
    }

    @Test func `tells what is wrong`() async throws {
        try await KeyServer.with { server in
            let base = ["create", "--email", "ann@example.com", "--name", "x"]
            let cases: [([String], Int32, String)] = [
                (base, 64, "--scope"), (base + ["--scope", "*", "--expires", "soon"], 64, "--expires takes a duration"),
                (base + ["--scope", "*", "--expires", "0d"], 64, "--expires takes a duration"),
                (base + ["--scope", "*", "--expires", "36501d"], 64, "--expires takes a duration"),
                (base + ["--scope", "*", "--expires", "99999999999999d"], 64, "--expires takes a duration"),
                (base + ["--scope", "Ordre:read"], 1, "scopes/0 names no entity of the schema; did you mean Order?"),
                (["create", "--email", "nobody@example.com", "--name", "x", "--scope", "*"], 1, "There is no user with this address."),
                (["list", "--email", "nobody@example.com"], 1, "There is no user with this address."),
                (["revoke", "x"], 1, "There is no such key."),
                (["revoke"], 64, "prefix"),
            ]
            for (arguments, status, text) in cases {
                let outcome = try await SeaworthyProcess.run(["key"] + arguments, in: server.folder.url)
                #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
                #expect(outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
            }
            _ = try await SeaworthyProcess.run(["user", "disable", "bob@example.com"], in: server.folder.url)
            let disabled = try await server.run("create", "--email", "bob@example.com", "--name", "x", "--scope", "*")
            #expect(disabled.status == 1 && disabled.errors == "error: The account is disabled.\n", "\(disabled.errors)")
            _ = try await SQLiteShell.rows(
                "UPDATE seaworthy_users SET verified_at = NULL WHERE email = 'root@example.com'",
                in: server.folder.url.appendingPathComponent("seaworthy.db"))
            let unproven = try await server.run("create", "--email", "root@example.com", "--name", "x", "--scope", "*")
            #expect(unproven.status == 1 && unproven.errors.contains("root@example.com is not proven yet"), "\(unproven.errors)")
            #expect(try await server.run("list").output == "no keys\n")
        }
    }
}
