import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `Users` {
    @Test func `are made with roles and attributes of the schema, and count as verified`() async throws {
        let test = try await TestIdentities()
        let user = try await test.identities.createUser(
            email: "ann@example.com", password: nil, roles: ["sales", "admin", "sales"], attributes: ["employeeId": 7, "region": "north"],
            now: TestStore.now)
        #expect(user.roles == ["sales", "admin"] && user.verifiedAt == TestStore.now)
        #expect(user.attributes == ["employeeId": .integer(7), "region": .text("north")])
        let read = try await test.identities.user(id: user.id)
        #expect(read == user)
        #expect(try await test.identities.user(email: "ANN@example.com") == user)
        #expect(read.attributesJSON(test.identities.model).compactText == #"{"employeeId":7,"region":"north"}"#)
        #expect(read.caller.isAdministrator && read.caller.has("authenticated") && read.caller.has("sales"))
        // Without a password nobody signs in as them, with none and with any.
        for password in ["", "x", TestIdentities.password] {
            await #expect(identityRefusal { try await test.signIn("ann@example.com", password) } == "invalid_credentials")
        }
        let token = try await test.identities.invite(user, now: TestStore.now)
        try await test.identities.resetPassword(token, password: TestIdentities.password, test.at(86_399))
        _ = try await test.signIn(at: 86_400)
    }

    @Test func `are refused with what is wrong`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        func create(_ email: String, _ roles: [String] = [], _ attributes: JSONObject = [:], password: String? = nil) async -> String {
            await identityRefusal {
                try await test.identities.createUser(
                    email: email, password: password, roles: roles, attributes: attributes, now: TestStore.now)
            }
        }
        await #expect(create("Ann@example.com") == "email_taken")
        await #expect(create("bob") == "invalid_input /email invalid_format")
        await #expect(
            create("bob@example.com", ["sales", "boss", "anyone", "authenticated"])
                == "invalid_input /roles/1 unknown_role /roles/2 unknown_role /roles/3 unknown_role")
        await #expect(
            create("bob@example.com", [], ["employeeId": "seven", "salary": 1])
                == "invalid_input /attributes/employeeId wrong_type /attributes/salary unknown_field")
        await #expect(create("bob@example.com", password: "short") == "invalid_input /password too_short")
        #expect(try await test.store.count("seaworthy_users") == 1)
    }

    @Test func `are changed, each part by itself`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser(roles: ["sales"])
        let first = try await test.identities.changeUser(
            user.id, .init(attributes: ["employeeId": 7, "region": "north"]), now: TestStore.now + 1)
        #expect(first.roles == ["sales"] && first.updatedAt == TestStore.now + 1 && first.createdAt == TestStore.now)
        let second = try await test.identities.changeUser(user.id, .init(roles: [], attributes: ["region": nil]), now: TestStore.now + 2)
        #expect(second.roles == [] && second.attributes == ["employeeId": .integer(7)])
        #expect(try await test.identities.user(id: user.id) == second)
        await #expect(
            identityRefusal { try await test.identities.changeUser(user.id, .init(roles: ["boss"]), now: 0) }
                == "invalid_input /roles/0 unknown_role")
        let nobody = "01a223bc-5819-7c25-b076-e6c0ab4910a6"
        await #expect(
            identityRefusal { try await test.identities.changeUser(nobody, .init(isDisabled: true), now: 0) } == "identity_not_found")
        await #expect(identityRefusal { try await test.identities.user(id: nobody) } == "identity_not_found")
        await #expect(identityRefusal { try await test.identities.user(email: "nobody@example.com") } == "identity_not_found")
        await #expect(identityRefusal { try await test.identities.user(email: "no address") } == "identity_not_found")
    }

    @Test func `know no attribute that the schema no longer has, or has as something else`() async throws {
        let test = try await TestIdentities()
        let user = try await test.identities.createUser(
            email: "ann@example.com", password: nil, roles: ["sales"], attributes: ["employeeId": 7, "region": "north"], now: TestStore.now)
        let other = try await TestIdentities("identity: { attributes: { region: integer, employeeId: integer } }\n", store: test.store)
        #expect(try await other.identities.user(id: user.id).attributes == ["employeeId": .integer(7)])
    }

    @Test func `are listed in the order of their addresses, page by page`() async throws {
        let test = try await TestIdentities()
        for name in ["dora", "ann", "carl", "bob"] { try await test.makeUser("\(name)@example.com") }
        let first = try await test.identities.users(behind: "", limit: 3)
        #expect(first.map(\.email) == ["ann@example.com", "bob@example.com", "carl@example.com"])
        #expect(try await test.identities.users(behind: "carl@example.com", limit: 3).map(\.email) == ["dora@example.com"])
        #expect(try await test.identities.users(behind: "dora@example.com", limit: 3) == [])
    }

    @Test func `who have not proven their address have none for rules`() async throws {
        let test = try await TestIdentities()
        try await test.identities.register(email: "ann@example.com", password: TestIdentities.password, test.at(0))
        let user = try await test.identities.user(email: "ann@example.com")
        #expect(user.caller.user?.email == nil && user.caller.user?.id == user.id)
        #expect(try await test.identities.verifyEmail(try test.mailedToken(), test.at(1)).caller.user?.email == "ann@example.com")
    }

    @Test func `made at the same moment with one address are one`() async throws {
        let test = try await TestIdentities()
        let answers = await withTaskGroup(of: String.self) { group in
            for _ in 0..<5 { group.addTask { await identityRefusal { try await test.makeUser() } } }
            for _ in 0..<5 {
                group.addTask {
                    await identityRefusal {
                        try await test.identities.register(email: "ann@example.com", password: TestIdentities.password, test.at(0))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(try await test.store.count("seaworthy_users") == 1)
        #expect(Set(answers).isSubset(of: ["done", "email_taken"]), "\(answers)")
    }
}
