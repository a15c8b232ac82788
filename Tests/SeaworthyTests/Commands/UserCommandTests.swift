import SeaworthySchema
import Testing

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
