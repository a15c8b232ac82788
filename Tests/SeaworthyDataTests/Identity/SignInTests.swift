import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyData

@Suite struct `Signing in` {
    @Test func `takes the address in any case and the password as it is`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser("Ann@Example.com", roles: ["sales"])
        #expect(user.email == "ann@example.com")
        let signedIn = try await test.signIn("ANN@example.COM")
        #expect(signedIn.user.id == user.id)
        #expect(signedIn.expiresIn == 900)
        let caller = try await test.identities.authenticate(signedIn.accessToken, now: TestStore.now)
        #expect(caller.caller == Caller(user: .init(id: user.id, email: "ann@example.com"), roles: ["sales"]))
        #expect(caller.session == signedIn.session)
        await #expect(identityRefusal { try await test.signIn("ann@example.com", "Correct horse battery") } == "invalid_credentials")
    }

    @Test func `tells nothing of who has an account`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        try await test.identities.register(email: "new@example.com", password: TestIdentities.password, test.at(0))
        // A wrong password, nobody, no address, and one that is right but not verified yet.
        var answers: Set<String> = []
        for (email, password) in [
            ("ann@example.com", "wrong password"), ("bob@example.com", TestIdentities.password), ("no address", "x"),
            ("new@example.com", TestIdentities.password), ("new@example.com", "wrong password"),
        ] {
            do {
                _ = try await test.signIn(email, password)
                answers.insert("done")
            } catch let error as IdentityError { answers.insert("\(error)") }
        }
        #expect(answers.count == 1, "\(answers)")
        #expect(answers.first?.hasSuffix("[invalid_credentials]") == true)
    }

    @Test func `hashes again once the parameters have changed, and only with the right password`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let before = try await test.store.rows("SELECT password_hash FROM seaworthy_users")
        _ = try await test.signIn()
        #expect(try await test.store.rows("SELECT password_hash FROM seaworthy_users") == before)
        let stronger = try await TestIdentities(store: test.store) { $0.password.passes = 2 }
        _ = await identityRefusal { try await stronger.signIn("ann@example.com", "wrong password") }
        #expect(try await test.store.rows("SELECT password_hash FROM seaworthy_users") == before)
        _ = try await stronger.signIn(at: 1)
        let after = try await test.store.rows("SELECT password_hash FROM seaworthy_users")[0][0].text
        #expect(after?.hasPrefix("$argon2id$v=19$m=8,t=2,p=1$") == true)
        _ = try await stronger.signIn(at: 2)
        _ = try await test.signIn(at: 3)
    }

    @Test func `is slowed down for a network that guesses, not for the owner's`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        _ = try await test.signIn(at: 0, from: "198.51.100.1")
        for second in 1...5 {
            await #expect(
                identityRefusal { try await test.signIn("ann@example.com", "guess \(second)", at: Int64(second)) } == "invalid_credentials")
        }
        do {
            _ = try await test.signIn(at: 5)
            Issue.record("not slowed down")
        } catch let error as IdentityError {
            #expect(error.code == .tooManyAttempts)
            #expect(error.retryAfter == .seconds(1))
        }
        // What is refused so does not make the wait longer, and the right password is taken behind it.
        _ = try await test.signIn(at: 5, from: "198.51.100.1")
        _ = try await test.signIn(at: 6)
        _ = try await test.signIn(at: 6)
        // Neither does another account suffer from the same network.
        try await test.makeUser("bob@example.com")
        _ = try await test.signIn("bob@example.com", at: 6)
    }

    @Test func `is slowed down for addresses that nobody has, as for others`() async throws {
        let test = try await TestIdentities()
        for second in 1...5 {
            _ = await identityRefusal { try await test.signIn("nobody@example.com", "guess \(second)", at: Int64(second)) }
        }
        await #expect(identityRefusal { try await test.signIn("NOBODY@example.com", "guess", at: 5) } == "too_many_attempts")
        // What was typed for an address is not stored.
        _ = await identityRefusal { try await test.signIn("my password 123", "guess", at: 5) }
        let text = try await test.store.rows("SELECT * FROM seaworthy_sign_ins").flatMap(\.self).compactMap(\.text).joined(separator: " ")
        #expect(!text.contains("nobody@example.com") && !text.contains("my password"))
        // The wait goes on after a change of keys.
        let rotated = try await TestIdentities(secretKeys: [Array(repeating: 9, count: 32)] + TestStore.secretKeys, store: test.store)
        await #expect(identityRefusal { try await rotated.signIn("nobody@example.com", "guess", at: 5) } == "too_many_attempts")
    }

    @Test func `is slowed down everywhere but at home when many networks guess`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        _ = try await test.signIn(at: 0, from: "198.51.100.1")
        for number in 0..<SignInGuard.freeFailuresEverywhere {
            _ = await identityRefusal { try await test.signIn("ann@example.com", "guess", at: 1, from: "203.0.113.\(number)") }
        }
        await #expect(identityRefusal { try await test.signIn(at: 1, from: "203.0.113.200") } == "too_many_attempts")
        _ = try await test.signIn(at: 1, from: "198.51.100.1")
        // A new password by mail makes the way free from anywhere: whoever has it is no guesser.
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(2, from: "203.0.113.200"))
        try await test.identities.resetPassword(
            try test.mailedToken(), password: "another horse battery", test.at(2, from: "203.0.113.200"))
        _ = try await test.signIn("ann@example.com", "another horse battery", at: 2, from: "203.0.113.200")
    }

    @Test func `is slowed down for guesses of the second factor, whatever else is tried in between`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser()
        let sealed = try #require(test.identities.secondFactorBox.seal(TimeCode.makeSecret(), binding: Array(user.id.utf8)))
        try await test.identities.database.transaction(.write) { transaction in
            try await test.identities.change(user.id, now: TestStore.now, in: transaction) { user in
                user.totpSecret = sealed
                user.totpConfirmedAt = TestStore.now
            }
            return
        }
        for second in 1...5 {
            await #expect(identityRefusal { try await test.signIn(code: "00000\(second)", at: Int64(second)) } == "invalid_credentials")
        }
        for _ in 0..<(SignInGuard.maximumAttempts + 1) {
            try await test.identities.note(.codeRequired, test.identities.accounts.hash(of: user.email), user.id, test.at(5))
        }
        await #expect(identityRefusal { try await test.signIn(code: "000006", at: 5) } == "too_many_attempts")
    }

    @Test func `tells few of many who guess at the same moment`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let answers = await withTaskGroup(of: String.self) { group in
            for number in 0..<20 { group.addTask { await identityRefusal { try await test.signIn("ann@example.com", "guess \(number)") } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0 == "invalid_credentials" } == SignInGuard.freeFailures, "\(answers)")
        #expect(answers.count { $0 == "too_many_attempts" } == 20 - SignInGuard.freeFailures)
    }

    @Test func `is refused to who is disabled, at once and with every token`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser()
        let tokens = try await test.signIn()
        #expect(await test.isGood(tokens.accessToken))
        let disabled = try await test.identities.changeUser(user.id, .init(isDisabled: true), now: TestStore.now)
        #expect(disabled.disabledAt == TestStore.now)
        #expect(await !test.isGood(tokens.accessToken))
        await #expect(identityRefusal { try await test.identities.refresh(tokens.refreshToken, test.at(1)) } == "invalid_refresh_token")
        await #expect(identityRefusal { try await test.signIn(at: 1) } == "account_disabled")
        // With a wrong password nothing is told of it.
        await #expect(identityRefusal { try await test.signIn("ann@example.com", "wrong password", at: 1) } == "invalid_credentials")
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(1))
        #expect(test.mails().isEmpty)
        _ = try await test.identities.changeUser(user.id, .init(isDisabled: false), now: TestStore.now)
        _ = try await test.signIn(at: 2)
        await #expect(identityRefusal { try await test.identities.refresh(tokens.refreshToken, test.at(3)) } == "invalid_refresh_token")
    }

    @Test func `is kept in a history of its user's own`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        _ = await identityRefusal { try await test.signIn("ann@example.com", "wrong password", at: 1) }
        _ = try await test.identities.signIn(
            email: "ann@example.com", password: TestIdentities.password, code: nil,
            test.at(2, from: "2001:db8::7", agent: String(repeating: "x", count: 1000)))
        _ = try await test.signIn("bob@example.com", at: 3)
        let history = try await test.identities.signIns(of: ann.id, before: nil, limit: 10)
        #expect(history.map(\.outcome) == ["success", "wrong_password"])
        #expect(history.map(\.address) == ["2001:db8::7", "192.0.2.1"])
        #expect(history.map(\.at) == [TestStore.now + 2_000_000, TestStore.now + 1_000_000])
        #expect(history[0].userAgent == String(repeating: "x", count: 256))
        #expect(history.allSatisfy { $0.method == "password" })
        #expect(try await test.identities.signIns(of: ann.id, before: history[0].id, limit: 10).map(\.id) == [history[1].id])
        #expect(try await test.identities.signIns(of: ann.id, before: nil, limit: 1).count == 1)
        #expect(try await test.identities.signIns(of: bob.id, before: nil, limit: 10).count == 1)
        #expect(try await test.identities.user(id: ann.id).lastLoginAt == TestStore.now + 2_000_000)
    }

    @Test func `with a password that is changed meanwhile begins no session`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser()
        await #expect(
            identityRefusal {
                try await test.identities.admit(user.id, account: "a", method: "password", test.at(0)) { user in
                    user.passwordHash == "another" ? .success : .wrongPassword
                }
            } == "invalid_credentials")
        #expect(try await test.store.count("seaworthy_sessions") == 0)
    }
}
