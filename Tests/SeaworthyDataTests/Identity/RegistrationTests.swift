import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `Registering` {
    private static let password = TestIdentities.password

    @Test func `makes an account that can be used once its address is proven`() async throws {
        let test = try await TestIdentities()
        try await test.identities.register(email: "Ann@Example.com", password: Self.password, test.at(0))
        let mail = try #require(test.mails().first)
        #expect(mail.kind == .verification && mail.to == "ann@example.com")
        #expect(mail.text.contains("https://app.example/account/verify#token="))
        #expect(mail.text.contains("within 1 day"))
        await #expect(identityRefusal { try await test.signIn() } == "invalid_credentials")
        let token = try TestIdentities.token(in: mail)
        let user = try await test.identities.verifyEmail(token, test.at(10))
        #expect(user.verifiedAt == TestStore.now + 10_000_000)
        #expect(user.roles == [] && user.attributes == [:])
        #expect(try await test.signIn().user.id == user.id)
        await #expect(identityRefusal { try await test.identities.verifyEmail(token, test.at(11)) } == "invalid_mailed_token")
    }

    @Test func `of an address with an account says the same, and sends another mail there`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        await #expect(
            identityRefusal { try await test.identities.register(email: "ann@example.com", password: "another horse battery", test.at(0)) }
                == "done")
        #expect(test.mails().map(\.kind) == [.existingAccount])
        _ = try await test.signIn()
        await #expect(identityRefusal { try await test.signIn("ann@example.com", "another horse battery") } == "invalid_credentials")
    }

    @Test func `gives the account the password of the registration that is proven, whoever else registered`() async throws {
        let test = try await TestIdentities()
        try await test.identities.register(email: "ann@example.com", password: Self.password, test.at(0))
        let own = try test.mailedToken()
        try await test.identities.register(email: "ann@example.com", password: "mallory comes later", test.at(60))
        let mallorys = try test.mailedToken()
        // Ann's mail goes on, and says whose it is when it is asked.
        await #expect(
            identityRefusal { try await test.identities.verifyEmail(mallorys, password: Self.password, test.at(61)) }
                == "invalid_input /password wrong_password")
        _ = try await test.identities.verifyEmail(own, password: Self.password, test.at(62))
        _ = try await test.signIn(at: 63)
        await #expect(identityRefusal { try await test.signIn("ann@example.com", "mallory comes later", at: 63) } == "invalid_credentials")
        // With it all the others are used up.
        await #expect(identityRefusal { try await test.identities.verifyEmail(mallorys, test.at(64)) } == "invalid_mailed_token")
        #expect(try await test.store.count("seaworthy_users") == 1)
    }

    @Test func `sends a mail a minute at most, to a new address and to one that has an account`() async throws {
        let test = try await TestIdentities()
        func register(_ seconds: Int64) async throws -> [IdentityMail.Kind] {
            try await test.identities.register(email: "ann@example.com", password: Self.password, test.at(seconds))
            return test.mails().map(\.kind)
        }
        #expect(try await register(0) == [.verification])
        #expect(try await register(59) == [])
        try await test.identities.register(email: "ann@example.com", password: Self.password, test.at(60))
        _ = try await test.identities.verifyEmail(try test.mailedToken(), test.at(61))
        #expect(try await register(62) == [.existingAccount])
        #expect(try await register(121) == [])
        #expect(try await register(122) == [.existingAccount])
    }

    @Test func `tells nobody who guesses that there is no account: failures count before it is proven`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser("bob@example.com")
        var answers: [[String]] = []
        for email in ["ann@example.com", "bob@example.com"] {
            try await test.identities.register(email: email, password: "mallory was here", test.at(0))
            var told: [String] = []
            for second in 0..<7 {
                told.append(await identityRefusal { try await test.signIn(email, "mallory was here", at: Int64(second) / 7) })
            }
            answers.append(told)
        }
        #expect(answers[0] == answers[1])
        #expect(answers[0].last == "too_many_attempts")
    }

    @Test func `is refused where the schema does not say that people may`() async throws {
        for preamble in ["", "identity: { register: false }\n"] {
            let test = try await TestIdentities(preamble)
            await #expect(
                identityRefusal { try await test.identities.register(email: "ann@example.com", password: Self.password, test.at(0)) }
                    == "registration_closed")
            #expect(try await test.store.count("seaworthy_users") == 0)
        }
    }

    @Test func `takes a good address and a good password`() async throws {
        let test = try await TestIdentities()
        for (email, password, refusal) in [
            ("ann", Self.password, "invalid_input /email invalid_format"),
            ("ann@example.com", "short", "invalid_input /password too_short"),
            ("ann@example.com", "password1234", "invalid_input /password common_password"),
            ("ann@example.com", "ann@example.com", "invalid_input /password guessable_password"),
        ] {
            await #expect(identityRefusal { try await test.identities.register(email: email, password: password, test.at(0)) } == refusal)
        }
        #expect(test.mails().isEmpty)
        #expect(try await test.store.count("seaworthy_users") == 0)
    }

    @Test func `is over when what was sent is too old`() async throws {
        let test = try await TestIdentities()
        try await test.identities.register(email: "ann@example.com", password: Self.password, test.at(0))
        let token = try test.mailedToken()
        await #expect(identityRefusal { try await test.identities.verifyEmail(token, test.at(86_400)) } == "invalid_mailed_token")
        _ = try await test.identities.verifyEmail(token, test.at(86_399))
    }
}

@Suite struct `A new password` {
    private static let new = "another horse battery"

    @Test func `is set with what comes by mail, once, and ends every session`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let tokens = try await test.signIn()
        #expect(await test.isGood(tokens.accessToken))
        try await test.identities.forgotPassword(email: "ANN@example.com", test.at(1))
        let mail = try #require(test.mails().first)
        #expect(
            mail.kind == .passwordReset && mail.text.contains("https://app.example/account/reset#token=")
                && mail.text.contains("30 minutes"))
        let token = try TestIdentities.token(in: mail)
        // One that is refused does not use it up.
        await #expect(
            identityRefusal { try await test.identities.resetPassword(token, password: "short", test.at(2)) }
                == "invalid_input /password too_short")
        try await test.identities.resetPassword(token, password: Self.new, test.at(3))
        #expect(test.mails().map(\.kind) == [.passwordChanged])
        await #expect(
            identityRefusal { try await test.identities.resetPassword(token, password: Self.new, test.at(4)) } == "invalid_mailed_token")
        #expect(await !test.isGood(tokens.accessToken, at: 4))
        await #expect(identityRefusal { try await test.identities.refresh(tokens.refreshToken, test.at(4)) } == "invalid_refresh_token")
        await #expect(identityRefusal { try await test.signIn(at: 4) } == "invalid_credentials")
        _ = try await test.signIn("ann@example.com", Self.new, at: 5)
        let stored = try await test.store.rows("SELECT * FROM seaworthy_mailed_tokens")
        #expect(stored.isEmpty)
    }

    @Test func `is asked for without telling who has an account`() async throws {
        let test = try await TestIdentities()
        for email in ["nobody@example.com", "no address", ""] { try await test.identities.forgotPassword(email: email, test.at(0)) }
        #expect(test.mails().isEmpty)
    }

    @Test func `is set with what was mailed within its time, for its purpose, and with one of several mails`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(0))
        let first = try test.mailedToken()
        // Not again at once.
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(59))
        #expect(test.mails().isEmpty)
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(60))
        let second = try test.mailedToken()
        func reset(_ token: String, _ seconds: Int64) async -> String {
            await identityRefusal { try await test.identities.resetPassword(token, password: Self.new, test.at(seconds)) }
        }
        await #expect(reset(first, 1800) == "invalid_mailed_token")
        await #expect(identityRefusal { try await test.identities.verifyEmail(second, test.at(61)) } == "invalid_mailed_token")
        await #expect(reset("", 61) == "invalid_mailed_token")
        // Asking again has made nothing useless; using one does.
        await #expect(reset(first, 1799) == "done")
        await #expect(reset(second, 1799) == "invalid_mailed_token")
        _ = test.mails()
        try await test.identities.register(email: "bob@example.com", password: Self.new, test.at(62))
        await #expect(reset(try test.mailedToken(), 63) == "invalid_mailed_token")
    }

    @Test func `of an invitation is not taken away by who asks for another`() async throws {
        let test = try await TestIdentities()
        let user = try await test.identities.createUser(email: "ann@example.com", password: nil, roles: [], now: TestStore.now)
        let token = try await test.identities.invite(user, now: TestStore.now)
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(61))
        let mailed = try test.mailedToken()
        try await test.identities.resetPassword(token, password: Self.new, test.at(100))
        await #expect(
            identityRefusal { try await test.identities.resetPassword(mailed, password: TestIdentities.password, test.at(101)) }
                == "invalid_mailed_token")
    }

    @Test func `that was set meanwhile is not overridden by a change that began before, nor by an ended session`() async throws {
        let test = try await TestIdentities()
        let user = try await test.makeUser()
        let tokens = try await test.signIn()
        let caller = try await test.identities.authenticate(tokens.accessToken, now: TestStore.now)
        let verified = try await test.identities.requirePassword(TestIdentities.password, of: user, test.at(1))
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(1))
        try await test.identities.resetPassword(try test.mailedToken(), password: Self.new, test.at(2))
        let now = try await test.identities.user(id: user.id)
        #expect(throws: IdentityError.self) { try Identities.require(verified, of: now) }
        // Who knows the new password, and has but the old session, changes nothing with it.
        for attempt in 0..<3 {
            let refusal = await identityRefusal {
                switch attempt {
                case 0: try await test.identities.changePassword(of: caller, from: Self.new, to: "third horse battery", test.at(3))
                case 1: _ = try await test.identities.enrolSecondFactor(of: caller, password: Self.new, test.at(3))
                default: _ = try await test.identities.confirmSecondFactor(of: caller, code: "000000", test.at(3))
                }
            }
            #expect(refusal == "invalid_token")
        }
        _ = try await test.signIn("ann@example.com", Self.new, at: 4)
    }

    @Test func `by mail proves the address too`() async throws {
        let test = try await TestIdentities()
        try await test.identities.register(email: "ann@example.com", password: TestIdentities.password, test.at(0))
        _ = test.mails()
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(1))
        try await test.identities.resetPassword(try test.mailedToken(), password: Self.new, test.at(2))
        #expect(try await test.signIn("ann@example.com", Self.new, at: 3).user.verifiedAt == TestStore.now + 2_000_000)
    }

    @Test func `is set by who knows the old one, and ends the other sessions`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let (here, there) = (try await test.signIn(at: 1), try await test.signIn(at: 2))
        #expect(await test.isGood(there.accessToken, at: 2))
        let caller = try await test.identities.authenticate(here.accessToken, now: TestStore.now)
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(2))
        let token = try test.mailedToken()
        func change(_ old: String, _ new: String, _ seconds: Int64) async -> String {
            await identityRefusal { try await test.identities.changePassword(of: caller, from: old, to: new, test.at(seconds)) }
        }
        await #expect(change("wrong password", Self.new, 3) == "invalid_credentials")
        await #expect(change(TestIdentities.password, TestIdentities.password, 4) == "invalid_input /newPassword same_password")
        await #expect(change(TestIdentities.password, "password1234", 4) == "invalid_input /newPassword common_password")
        #expect(test.mails().isEmpty)
        await #expect(change(TestIdentities.password, Self.new, 5) == "done")
        #expect(test.mails().map(\.kind) == [.passwordChanged])
        #expect(await test.isGood(here.accessToken, at: 5))
        #expect(await !test.isGood(there.accessToken, at: 5))
        // Who stole a mail before has nothing of it.
        await #expect(
            identityRefusal { try await test.identities.resetPassword(token, password: Self.new, test.at(6)) } == "invalid_mailed_token")
        // The old one is asked for as slowly as at a sign-in.
        for second in 7...11 { _ = await change("guess \(second)", Self.new, Int64(second)) }
        await #expect(change(Self.new, TestIdentities.password, 11) == "too_many_attempts")
    }

    @Test func `without an address for links comes as a code`() async throws {
        let test = try await TestIdentities { $0.publicURL = nil }
        try await test.makeUser()
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(0))
        let mail = try #require(test.mails().first)
        let lines = mail.text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
        let token = try #require(lines.first { $0.utf8.count == 43 })
        try await test.identities.resetPassword(String(token), password: Self.new, test.at(1))
    }
}
