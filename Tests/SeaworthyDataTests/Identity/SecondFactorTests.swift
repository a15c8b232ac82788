import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `Codes by time` {
    private static let rfc = TimeCode(secret: Array("12345678901234567890".utf8))

    // RFC 6238, appendix B: the last six digits of those for SHA-1.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ])
    func `are those of the standard`(_ time: Int64, _ code: String) {
        #expect(Self.rfc.code(step: time / TimeCode.period) == code)
        #expect(Self.rfc.step(of: code, at: time * 1_000_000, after: nil) == time / 30)
    }

    @Test func `are taken a step before and behind, and each once`() {
        let now: Int64 = 59 * 1_000_000
        for (step, expected) in [(0, 0), (1, 1), (2, 2), (3, nil), (-1, nil)] as [(Int64, Int64?)] {
            #expect(Self.rfc.step(of: Self.rfc.code(step: step), at: now, after: nil) == expected)
        }
        #expect(Self.rfc.step(of: Self.rfc.code(step: 1), at: now, after: 1) == nil)
        #expect(Self.rfc.step(of: Self.rfc.code(step: 1), at: now, after: 2) == nil)
        #expect(Self.rfc.step(of: Self.rfc.code(step: 2), at: now, after: 1) == 2)
        #expect(Self.rfc.step(of: "28708", at: now, after: nil) == nil)
        #expect(Self.rfc.step(of: "", at: now, after: nil) == nil)
    }

    @Test func `are set up by an address that apps read`() {
        #expect(
            Self.rfc.uri(issuer: "My Shop", account: "ann@example.com")
                == "otpauth://totp/My%20Shop:ann%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20Shop&algorithm=SHA1&digits=6&period=30"
        )
    }

    // RFC 4648, section 10, without padding.
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ])
    func `have secrets in base32`(_ text: String, _ base32: String) {
        #expect(Base32.text(of: Array(text.utf8)) == base32)
    }
}

@Suite struct `The second factor` {
    /// Somebody who has signed in, and what their authenticator knows.
    private struct Ann {
        let test: TestIdentities
        var tokens: Identities.SignedIn
        var code: TimeCode

        static func enrolled() async throws -> (Ann, [String]) {
            let test = try await TestIdentities()
            try await test.makeUser()
            let tokens = try await test.signIn()
            let caller = try await test.identities.authenticate(tokens.accessToken, now: TestStore.now)
            let enrolment = try await test.identities.enrolSecondFactor(of: caller, password: TestIdentities.password, test.at(0))
            let secret = try #require(TestIdentities.base32(enrolment.secret))
            let code = TimeCode(secret: secret)
            #expect(enrolment.uri.contains(enrolment.secret))
            let codes = try await test.identities.confirmSecondFactor(of: caller, code: code.code(step: step(0)), test.at(0))
            return (Ann(test: test, tokens: tokens, code: code), codes)
        }

        static func step(_ seconds: Int64) -> Int64 { (TestStore.now / 1_000_000 + seconds) / 30 }

        func caller() async throws -> Authentication {
            try await test.identities.authenticate(tokens.accessToken, now: TestStore.now)
        }
    }

    @Test func `is asked for once it is confirmed, and each code is taken once`() async throws {
        let (ann, codes) = try await Ann.enrolled()
        let test = ann.test
        #expect(codes.count == RecoveryCodes.count && Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.wholeMatch(of: /[a-z2-7]{5}-[a-z2-7]{5}/) != nil })
        #expect(test.mails().map(\.kind) == [.secondFactorChanged])
        await #expect(identityRefusal { try await test.signIn(at: 60) } == "totp_required")
        // With a wrong password nothing is told of it.
        await #expect(identityRefusal { try await test.signIn("ann@example.com", "wrong password", at: 60) } == "invalid_credentials")
        await #expect(identityRefusal { try await test.signIn(code: "000000", at: 60) } == "invalid_credentials")
        let code = ann.code.code(step: Ann.step(60))
        #expect(try await test.signIn(code: code, at: 60).user.hasSecondFactor)
        await #expect(identityRefusal { try await test.signIn(code: code, at: 60) } == "invalid_credentials")
        // The code that confirmed it is used up as well, and so is every one before the last.
        await #expect(identityRefusal { try await test.signIn(code: ann.code.code(step: Ann.step(30)), at: 60) } == "invalid_credentials")
        #expect(
            try await test.signIn(code: ann.code.code(step: Ann.step(90)).replacing(/^.../, with: { "\($0.output) " }), at: 90).user
                .hasSecondFactor)
    }

    @Test func `lets a recovery code stand in for it, once`() async throws {
        let (ann, codes) = try await Ann.enrolled()
        let test = ann.test
        _ = try await test.signIn(code: codes[3], at: 60)
        await #expect(identityRefusal { try await test.signIn(code: codes[3], at: 61) } == "invalid_credentials")
        _ = try await test.signIn(code: codes[4].uppercased().replacing("-", with: " "), at: 62)
        // They are found with keys that were used before, too.
        let rotated = try await TestIdentities(secretKeys: [Array(repeating: 9, count: 32)] + TestStore.secretKeys, store: test.store)
        _ = try await rotated.signIn(code: codes[5], at: 63)
        _ = try await rotated.signIn(code: ann.code.code(step: Ann.step(90)), at: 90)
        let other = try await TestIdentities(secretKeys: [Array(repeating: 9, count: 32)], store: test.store)
        await #expect(identityRefusal { try await other.signIn(code: codes[6], at: 64) } == "invalid_credentials")
    }

    @Test func `is stored so that the database alone gives no code`() async throws {
        let (ann, codes) = try await Ann.enrolled()
        let row = try await ann.test.store.rows("SELECT totp_secret, recovery_codes FROM seaworthy_users")
        let text = row.flatMap(\.self).compactMap(\.text).joined()
        #expect(!text.contains(Base32.text(of: ann.code.secret)))
        #expect(!text.contains(Base64URL.text(of: ann.code.secret)))
        for code in codes { #expect(!text.contains(code) && !text.contains(RandomSecret.hash(code.replacing("-", with: "")))) }
        // Another's secret does not open: it is bound to its user.
        try await ann.test.makeUser("bob@example.com")
        try await ann.test.store.run(
            "UPDATE seaworthy_users SET totp_confirmed_at = (SELECT totp_confirmed_at FROM seaworthy_users WHERE email = 'ann@example.com'), totp_secret = (SELECT totp_secret FROM seaworthy_users WHERE email = 'ann@example.com') WHERE email = 'bob@example.com'"
        )
        let code = ann.code.code(step: Ann.step(60))
        await #expect(identityRefusal { try await ann.test.signIn("bob@example.com", code: code, at: 60) } == "invalid_credentials")
    }

    @Test func `takes the password to begin, and a code to end`() async throws {
        let (ann, codes) = try await Ann.enrolled()
        let (test, caller) = (ann.test, try await ann.caller())
        await #expect(
            identityRefusal { try await test.identities.enrolSecondFactor(of: caller, password: TestIdentities.password, test.at(1)) }
                == "totp_state")
        await #expect(
            identityRefusal { try await test.identities.enrolSecondFactor(of: caller, password: "wrong password", test.at(1)) }
                == "invalid_credentials")
        await #expect(
            identityRefusal { try await test.identities.confirmSecondFactor(of: caller, code: "123456", test.at(1)) } == "totp_state")
        func disable(_ password: String, _ code: String, _ seconds: Int64) async -> String {
            await identityRefusal {
                try await test.identities.disableSecondFactor(of: caller, password: password, code: code, test.at(seconds))
            }
        }
        await #expect(disable("wrong password", codes[0], 2) == "invalid_credentials")
        await #expect(disable(TestIdentities.password, "000000", 3) == "invalid_input /code wrong_code")
        await #expect(disable(TestIdentities.password, codes[0], 4) == "done")
        await #expect(disable(TestIdentities.password, codes[1], 5) == "totp_state")
        #expect(try await test.signIn(at: 60).user.hasSecondFactor == false)
        // Neither the old codes nor the old secret come back with another one.
        let again = try await test.identities.enrolSecondFactor(of: caller, password: TestIdentities.password, test.at(6))
        #expect(again.secret != Base32.text(of: ann.code.secret))
        await #expect(
            identityRefusal { try await test.identities.confirmSecondFactor(of: caller, code: codes[2], test.at(7)) }
                == "invalid_input /code wrong_code")
        #expect(try await test.signIn(at: 61).user.hasSecondFactor == false)
    }

    @Test func `needs to be begun before it is confirmed, and ends other sessions then`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let (here, there) = (try await test.signIn(), try await test.signIn())
        let caller = try await test.identities.authenticate(here.accessToken, now: TestStore.now)
        await #expect(
            identityRefusal { try await test.identities.confirmSecondFactor(of: caller, code: "123456", test.at(0)) } == "totp_state")
        _ = try await test.identities.enrolSecondFactor(of: caller, password: TestIdentities.password, test.at(0))
        // Begun alone, it is not asked for.
        #expect(try await test.signIn(at: 1).user.hasSecondFactor == false)
        let row = try await test.store.rows("SELECT totp_secret FROM seaworthy_users")[0][0]
        let box = SecretBox(secretKeys: TestStore.secretKeys, purpose: "second factor")
        let secret = try #require(box.open(row.text ?? "", binding: Array(here.user.id.utf8)))
        let code = TimeCode(secret: secret).code(step: TestStore.now / 30_000_000)
        _ = try await test.identities.confirmSecondFactor(of: caller, code: code, test.at(0))
        #expect(await test.isGood(here.accessToken))
        #expect(await !test.isGood(there.accessToken))
        await #expect(identityRefusal { try await test.identities.refresh(there.refreshToken, test.at(1)) } == "invalid_refresh_token")
    }
}
