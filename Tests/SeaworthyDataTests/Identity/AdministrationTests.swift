import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyData

@Suite struct `Administering users` {
    // MARK: Inviting

    @Test func `invites with a mail that sets the first password`() async throws {
        let test = try await TestIdentities()
        let user = try await test.identities.createUser(
            email: "ann@example.com", password: nil, roles: [], isInvited: true, now: TestStore.now)
        #expect(!user.hasPassword && user.verifiedAt == TestStore.now)
        let mails = test.mails()
        let mail = try #require(mails.first)
        #expect(mails.count == 1 && mail.kind == .invitation && mail.to == "ann@example.com")
        #expect(mail.text.contains("https://app.example/account/reset#token=") && mail.text.contains("within 1 day"))
        try await test.identities.resetPassword(try TestIdentities.token(in: mail), password: TestIdentities.password, test.at(86_399))
        _ = try await test.signIn(at: 86_400)
        #expect(try await test.identities.user(id: user.id).hasPassword)
    }

    @Test func `sends nothing to a user who is not made`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        await #expect(
            identityRefusal {
                try await test.identities.createUser(
                    email: "ann@example.com", password: nil, roles: [], isInvited: true, now: TestStore.now)
            } == "email_taken")
        #expect(test.mails().isEmpty)
        #expect(try await test.store.count("seaworthy_mailed_tokens") == 0)
    }

    // MARK: Another address

    @Test func `moves an account to another address, which counts as verified, and ends no session`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser()
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(0))
        let reset = try test.mailedToken()
        let moved = try await test.identities.changeUser(user.id, .init(email: "Anna@Example.com"), now: TestStore.now + 7)
        #expect(moved.email == "anna@example.com" && moved.verifiedAt == TestStore.now + 7)
        // What went to the old address is of no use.
        await #expect(
            identityRefusal { try await test.identities.resetPassword(reset, password: "another horse battery", test.at(1)) }
                == "invalid_mailed_token")
        let signedIn = try await test.signIn("anna@example.com", at: 1)
        await #expect(identityRefusal { try await test.signIn("ann@example.com", at: 1) } == "invalid_credentials")
        _ = try await test.identities.changeUser(user.id, .init(email: "annika@example.com"), now: TestStore.now + 8)
        #expect(await test.isGood(signedIn.accessToken, at: 2))
    }

    @Test func `refuses an address that is another user's or none, and proves nothing by the same`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        try await test.makeUser("bob@example.com")
        func change(_ email: String) async -> String {
            await identityRefusal { try await test.identities.changeUser(ann.id, .init(email: email, isDisabled: true), now: 0) }
        }
        await #expect(change("BOB@example.com") == "email_taken")
        await #expect(change("bob") == "invalid_input /email invalid_format")
        #expect(try await test.identities.user(id: ann.id) == ann)
        try await test.identities.register(email: "carl@example.com", password: TestIdentities.password, test.at(0))
        let token = try test.mailedToken()
        let carl = try await test.identities.user(email: "carl@example.com")
        let same = try await test.identities.changeUser(carl.id, .init(email: "carl@example.com"), now: TestStore.now)
        #expect(same.verifiedAt == nil)
        _ = try await test.identities.verifyEmail(token, test.at(1))
    }

    // MARK: Removing

    @Test func `removes a user with everything of theirs, and of others nothing`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        let signedIn = try await test.signIn()
        let other = try await test.signIn("bob@example.com")
        _ = try await test.identities.refresh(signedIn.refreshToken, test.at(1))
        for user in [ann, bob] {
            try await test.identities.forgotPassword(email: user.email, test.at(0))
            try await test.store.run(
                "INSERT INTO seaworthy_linked_identities (issuer, subject, user_id, created_at) VALUES ('i', '\(user.email)', '\(user.id)', 0)",
                onPostgres:
                    "INSERT INTO seaworthy_linked_identities (issuer, subject, user_id, created_at) VALUES ('i', '\(user.email)', '\(user.id)', now())"
            )
        }
        try await test.identities.removeUser(ann.id, now: TestStore.now)
        #expect(await !test.isGood(signedIn.accessToken, at: 2))
        #expect(await test.isGood(other.accessToken, at: 2))
        for table in ["users", "sessions", "refresh_tokens", "mailed_tokens", "linked_identities"] {
            #expect(try await test.store.count("seaworthy_\(table)") == 1, "\(table)")
        }
        let signIns = try await test.store.rows("SELECT user_id, account FROM seaworthy_sign_ins ORDER BY id")
        #expect(signIns.count == 2 && Set(signIns.map { $0[0] }) == [.null, .text(bob.id)])
        #expect(signIns.allSatisfy { $0[1].text?.isEmpty == false })
        await #expect(identityRefusal { try await test.identities.removeUser(ann.id, now: TestStore.now) } == "identity_not_found")
        await #expect(identityRefusal { try await test.identities.refresh(signedIn.refreshToken, test.at(3)) } == "invalid_refresh_token")
        // The address is free again, for another user.
        #expect(try await test.makeUser().id != ann.id)
    }

    // MARK: The last administrator

    @Test func `leaves one administrator who is not disabled`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(roles: ["admin"]), try await test.makeUser("bob@example.com", roles: ["admin", "sales"]))
        let carl = try await test.makeUser("carl@example.com", roles: ["sales"])
        func change(_ user: User, _ change: Identities.UserChange) async -> String {
            await identityRefusal { try await test.identities.changeUser(user.id, change, now: TestStore.now) }
        }
        await #expect(change(bob, .init(isDisabled: true)) == "done")
        // Bob, who is disabled, does not count.
        await #expect(change(ann, .init(roles: ["sales"])) == "last_administrator")
        await #expect(change(ann, .init(isDisabled: true)) == "last_administrator")
        await #expect(change(ann, .init(roles: ["sales", "admin"], isDisabled: true)) == "last_administrator")
        await #expect(identityRefusal { try await test.identities.removeUser(ann.id, now: TestStore.now) } == "last_administrator")
        #expect(try await test.identities.user(id: ann.id).isActiveAdministrator)
        // What takes nothing away is free, and so is what is done to others.
        await #expect(change(ann, .init(email: "anna@example.com", roles: ["admin", "sales"], isDisabled: false)) == "done")
        await #expect(change(carl, .init(roles: [], isDisabled: true)) == "done")
        await #expect(change(bob, .init(roles: ["sales"])) == "done")
        await #expect(change(bob, .init(roles: ["admin"], isDisabled: false)) == "done")
        await #expect(change(ann, .init(roles: [])) == "done")
        await #expect(identityRefusal { try await test.identities.removeUser(bob.id, now: TestStore.now) } == "last_administrator")
        await #expect(identityRefusal { try await test.identities.removeUser(carl.id, now: TestStore.now) } == "done")
    }

    @Test func `leaves one of many who take it from each other at the same moment`() async throws {
        let test = try await TestIdentities()
        for round in 0..<15 {
            var users: [User] = []
            for number in 0..<4 { users.append(try await test.makeUser("u\(number)-\(round)@example.com", roles: ["admin"])) }
            let identities = test.identities
            let done = await withTaskGroup(of: String.self) { group in
                for (number, user) in users.enumerated() {
                    group.addTask {
                        await identityRefusal {
                            switch number % 3 {
                            case 0: _ = try await identities.changeUser(user.id, .init(isDisabled: true), now: TestStore.now)
                            case 1: _ = try await identities.changeUser(user.id, .init(roles: []), now: TestStore.now)
                            default: try await identities.removeUser(user.id, now: TestStore.now)
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(done.sorted() == ["done", "done", "done", "last_administrator"])
            let left = try await identities.users(behind: "", limit: 100).filter(\.isActiveAdministrator)
            #expect(left.count == 1)
            // The next round begins without one.
            for user in try await identities.users(behind: "", limit: 100) {
                try await test.store.run("DELETE FROM seaworthy_users WHERE id = '\(user.id)'")
            }
        }
    }

    @Test func `holds the administrator who stays until the one who goes has gone`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(roles: ["admin"]), try await test.makeUser("bob@example.com", roles: ["admin"]))
        let identities = test.identities
        let isHeld = Shared(false)
        async let second: String = {
            while !isHeld.value { try? await Task.sleep(for: .milliseconds(1)) }
            return await identityRefusal { try await identities.changeUser(bob.id, .init(isDisabled: true), now: TestStore.now) }
        }()
        try await identities.database.transaction(.write) { transaction in
            _ = try await identities.administrator(otherThan: ann.id, in: transaction)
            try await identities.change(ann.id, now: TestStore.now, in: transaction) { $0.roles = [] }
            isHeld.value = true
            // Time enough for the other to be done, if it did not have to wait.
            try await Task.sleep(for: .milliseconds(300))
        }
        #expect(await second == "last_administrator")
        #expect(try await identities.user(id: bob.id).isActiveAdministrator)
    }

    // MARK: Second factors

    @Test func `ends a second factor that is lost, and tells its user`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser()
        let signedIn = try await test.signIn()
        let caller = try await test.identities.authenticate(signedIn.accessToken, now: TestStore.now)
        let begun = try await test.identities.enrolSecondFactor(of: caller, password: TestIdentities.password, test.at(0))
        // One that was only begun is nobody's loss.
        try await test.identities.resetSecondFactor(of: user.id, now: TestStore.now)
        #expect(test.mails().isEmpty)
        await #expect(
            identityRefusal { try await test.identities.confirmSecondFactor(of: caller, code: "000000", test.at(0)) } == "totp_state")
        #expect(!begun.secret.isEmpty)
        let again = try await test.identities.enrolSecondFactor(of: caller, password: TestIdentities.password, test.at(0))
        let secret = try #require(try await test.store.rows("SELECT totp_secret FROM seaworthy_users").first?.first?.text)
        #expect(!secret.contains(again.secret))
        try await test.store.run(
            "UPDATE seaworthy_users SET totp_confirmed_at = 1", onPostgres: "UPDATE seaworthy_users SET totp_confirmed_at = now()")
        await #expect(identityRefusal { try await test.signIn(at: 5) } == "totp_required")
        try await test.identities.resetSecondFactor(of: user.id, now: TestStore.now)
        #expect(test.mails().map(\.kind) == [.secondFactorChanged])
        _ = try await test.signIn(at: 6)
        #expect(await test.isGood(signedIn.accessToken, at: 6))
        let nobody = "01a223bc-5819-7c25-b076-e6c0ab4910a6"
        await #expect(identityRefusal { try await test.identities.resetSecondFactor(of: nobody, now: 0) } == "identity_not_found")
    }
}
