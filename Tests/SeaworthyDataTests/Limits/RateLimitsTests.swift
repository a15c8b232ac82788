import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyData

@Suite struct `Limits for callers` {
    private static let yaml = """
        name: shop
        limits:
          default: 60/m
          export: 10/m
          keys: { default: 1000/m, export: none }
          roles: { sales: 600/m, staff: { default: 400/m, import: 50/m }, admin: none }
          exempt: [10.0.0.0/8, "2001:db8::/32"]
        entities:
          Order:
            fields: { Width: { type: integer } }
            limits: { default: 20/m, import: 1/m }
            access: { sales: { read: true }, staff: { read: true } }
          Item:
            fields: { Width: { type: integer } }
            access: { anyone: { read: true } }
        """

    private func limits(_ yaml: String = yaml) throws -> RateLimits {
        RateLimits(try SchemaParser.parse(yaml: yaml, file: "seaworthy.yaml").schema, store: MemoryRateLimits { 0 })
    }

    private func caller(_ roles: Set<String>) -> Caller { Caller(user: .init(id: "1"), roles: roles) }

    @Test(
        arguments: [
            // For nobody who is known, what is said of all.
            (nil, nil, .standard, "default 60/m"), (nil, "Item", .standard, "default 60/m"), (nil, "Item", .importing, "import 5/m"),
            (nil, "Item", .exporting, "export 10/m"), (nil, "Order", .standard, "Order 20/m"),
            (nil, "Order", .importing, "Order import 1/m"),
            // An entity that says nothing of exports leaves them to what is said of all.
            (nil, "Order", .exporting, "export 10/m"),
            ([], "Item", .standard, "default 60/m"), (["sales"], "Item", .standard, "sales 600/m"),
            (["staff"], "Item", .standard, "staff 400/m"),
            (["sales", "staff"], "Item", .standard, "sales 600/m"), (["sales", "staff"], "Item", .importing, "staff import 50/m"),
            (["sales"], "Item", .importing, "import 5/m"), (["sales"], "Item", .exporting, "export 10/m"),
            (["sales"], "Order", .standard, "Order 20/m"),
            (["admin", "sales"], "Item", .standard, nil), (["admin"], "Order", .standard, "Order 20/m"),
            (["admin"], nil, .importing, "import 5/m"),
        ] as [(Set<String>?, String?, RateLimits.Action, String?)])
    func `are what is said nearest`(_ roles: Set<String>?, _ entity: String?, _ action: RateLimits.Action, _ expected: String?) throws {
        let subject = roles.map { RateLimits.Subject.user("1", caller($0)) } ?? .network("192.0.2.1")
        let policy = try limits().policy(action, entity: entity, of: subject)
        #expect(policy.map { "\($0.name) \($0.rate.text)" } == expected)
    }

    @Test func `are those of keys for keys`() throws {
        let limits = try limits()
        func policy(_ action: RateLimits.Action, _ entity: String?, _ roles: Set<String>) -> String? {
            limits.policy(action, entity: entity, of: .key("k", caller(roles))).map { "\($0.name) \($0.rate.text)" }
        }
        #expect(policy(.standard, "Item", ["sales"]) == "keys 1000/m" && policy(.standard, "Order", ["sales"]) == "Order 20/m")
        #expect(policy(.importing, "Item", ["staff"]) == "staff import 50/m" && policy(.exporting, "Item", ["sales"]) == nil)
    }

    @Test func `count exports like all else where nobody says anything of them`() throws {
        let plain = try limits(
            "name: shop\nentities:\n  Item: { fields: { Width: { type: integer } }, limits: 7/m }\n  Other: { fields: { Width: { type: integer } } }\n"
        )
        #expect(plain.policy(.exporting, entity: "Item", of: .network("n"))?.name == "Item")
        #expect(plain.policy(.exporting, entity: "Other", of: .network("n"))?.rate.text == "300/m")
        #expect(plain.policy(.importing, entity: "Item", of: .network("n"))?.name == "import")
        #expect(!plain.hasExemptions)
    }

    @Test func `are counted for each by itself`() async throws {
        let limits = try limits()
        func remaining(_ subject: RateLimits.Subject, _ entity: String? = "Item") async throws -> Int? {
            try await limits.count(.standard, entity: entity, of: subject)?.outcome.remaining
        }
        #expect(try await remaining(.network("1")) == 59)
        #expect(try await remaining(.network("1")) == 58)
        #expect(try await remaining(.network("2")) == 59)
        #expect(try await remaining(.user("1", caller([]))) == 59)
        #expect(try await remaining(.key("1", caller([]))) == 999)
        // An entity of its own limit is counted beside.
        #expect(try await remaining(.network("1"), "Order") == 19)
        #expect(try await remaining(.network("1")) == 57)
        #expect(try await remaining(.user("9", caller(["admin"]))) == nil)
    }

    @Test func `are counted apart whatever they are called`() async throws {
        let limits = try limits(
            """
            name: shop
            limits: { default: 60/m, auth: 60/m, import: 60/m, roles: { import: 60/m, auth: 60/m, keys: 60/m, Item: 60/m }, keys: 60/m }
            entities:
              Item: { fields: { Width: { type: integer } }, limits: 60/m, access: { import: { read: true } } }
              Other: { fields: { Width: { type: integer } }, access: { auth: { read: true }, keys: { read: true }, Item: { read: true } } }
            """)
        func remaining(_ roles: Set<String>, _ action: RateLimits.Action = .standard, _ entity: String? = "Other") async throws -> Int? {
            try await limits.count(action, entity: entity, of: .user("1", caller(roles)))?.outcome.remaining
        }
        #expect(try await remaining([], .importing) == 59)
        #expect(try await remaining(["import"]) == 59)
        #expect(try await remaining(["Item"]) == 59)
        #expect(try await remaining([], .standard, "Item") == 59)
        #expect(try await remaining(["auth"]) == 59)
        #expect(try await remaining(["keys"]) == 59)
        #expect(try await limits.countSignIn(from: "1")?.outcome.remaining == 59)
        #expect(try await remaining(["import"]) == 58)
    }

    @Test func `leave out who is exempt`() throws {
        let limits = try limits()
        for (address, isExempt) in [
            ("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("2001:db8::1", true), ("192.0.2.1", false), ("::1", false),
        ] {
            #expect(limits.isExempt(try #require(IPAddress(address))) == isExempt, "\(address)")
        }
    }

    @Test func `of signing in are of a network, and of an account where it was never signed in from`() async throws {
        let limits = try limits(
            "name: shop\nlimits: { auth: 2/m, exempt: [10.0.0.0/8] }\nentities: { A: { fields: { F: { type: integer } } } }\n")
        let counted = try await limits.countSignIn(from: "n")
        #expect(counted?.policy.name == "auth" && counted?.outcome.remaining == 1)
        #expect(try await limits.countSignIn(to: "a", "192.0.2.1") == nil)
        #expect(try await limits.countSignIn(to: "a", nil) == nil)
        #expect(try await limits.countSignIn(to: "a", "192.0.2.2") == .seconds(30))
        #expect(try await limits.countSignIn(to: "a", "10.0.0.1") == nil)
        #expect(try await limits.countSignIn(to: "b", nil) == nil)
        let lifted = try self.limits("name: shop\nlimits: { auth: none }\nentities: { A: { fields: { F: { type: integer } } } }\n")
        #expect(try await lifted.countSignIn(from: "n") == nil)
        for _ in 0..<100 { #expect(try await lifted.countSignIn(to: "a", nil) == nil) }
    }
}

@Suite struct `Signing in too often` {
    @Test func `waits where the account was never signed in from, and not at home`() async throws {
        let schema = try SchemaParser.parse(
            yaml: "name: shop\nlimits: { auth: 3/m }\nentities: { A: { fields: { F: { type: integer } } } }\n", file: "seaworthy.yaml"
        ).schema
        let limits = RateLimits(schema, store: MemoryRateLimits { 0 })
        let test = try await TestIdentities("", limits: limits)
        try await test.makeUser("ann@example.com")
        func outcome(_ password: String, from address: String) async -> String {
            await identityRefusal {
                _ = try await test.identities.signIn(
                    email: "ann@example.com", password: password, code: nil, IdentityContext(now: TestStore.now, address: address))
            }
        }
        // At home, where somebody has signed in before.
        #expect(await outcome(TestIdentities.password, from: "192.0.2.1") == "done")
        // Guesses from one network each, none of which the guard of one network would slow down.
        for number in 2...3 { #expect(await outcome("wrong wrong wrong", from: "192.0.2.\(number)") == "invalid_credentials") }
        #expect(await outcome("wrong wrong wrong", from: "192.0.2.4") == "too_many_attempts")
        #expect(await outcome(TestIdentities.password, from: "192.0.2.5") == "too_many_attempts")
        // The owner is let in all the same.
        for _ in 0..<5 { #expect(await outcome(TestIdentities.password, from: "192.0.2.1") == "done") }
    }
}
