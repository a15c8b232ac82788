import SeaworthySchema
import Testing

@testable import SeaworthyData

/// What becomes of people who come from a provider; the protocol has its own tests.
@Suite struct `Signing in with a provider` {
    /// Says that whoever comes with `code=NAME` is NAME, as it was told.
    private struct Provider: SignInProvider {
        var name = "corp"
        let people: Shared<[String: ProvidedIdentity]> = Shared([:])
        let attempts: Shared<[ProviderAttempt]> = Shared([])

        func begin(redirectURI: String) async throws -> (url: String, attempt: ProviderAttempt) {
            let attempt = ProviderAttempt(
                state: "state\(attempts.value.count)", nonce: "nonce", verifier: "verifier", redirectURI: redirectURI)
            attempts.change { $0.append(attempt) }
            return ("https://corp.example/authorize", attempt)
        }

        func finish(_ parameters: [(name: String, value: String)], of attempt: ProviderAttempt) async throws -> ProvidedIdentity {
            guard attempts.value.contains(attempt), parameters.contains(where: { $0.name == "state" && $0.value == attempt.state }) else {
                throw IdentityError(.providerRefused, "not this attempt")
            }
            guard let code = parameters.first(where: { $0.name == "code" }), let person = people.value[code.value] else {
                throw IdentityError(.providerRefused, "nobody")
            }
            return person
        }
    }

    private struct Fixture {
        let test: TestIdentities
        let provider: Provider

        init(register: Bool = true, providerRegisters: Bool? = nil) async throws {
            let further = providerRegisters.map { ", register: \($0)" } ?? ""
            provider = Provider()
            test = try await TestIdentities(
                "identity: { register: \(register), providers: { corp: { issuer: 'https://corp.example', clientId: app\(further) } } }\n",
                providers: [provider])
        }

        func say(_ code: String, _ subject: String, _ email: String?, isVerified: Bool = true) {
            provider.people.change {
                $0[code] = ProvidedIdentity(issuer: "https://corp.example", subject: subject, email: email, isEmailVerified: isVerified)
            }
        }

        func signIn(_ code: String, target: String? = nil, at seconds: Int64 = 0) async throws -> Identities.ProviderOutcome {
            let (_, kept) = try await test.identities.beginProviderSignIn("corp", target: target, now: TestStore.now + seconds * 1_000_000)
            let state = try #require(provider.attempts.value.last?.state)
            return try await test.identities.finishProviderSignIn(
                "corp", parameters: [("state", state), ("code", code)], kept: kept, test.at(seconds))
        }

        func user(_ code: String, at seconds: Int64 = 0) async throws -> User {
            guard case .signedIn(let signedIn) = try await signIn(code, at: seconds) else { throw IdentityError(.busy, "no tokens") }
            return signedIn.user
        }
    }

    @Test func `makes an account the first time, and finds it again whatever the address is then`() async throws {
        let fixture = try await Fixture()
        fixture.say("ada", "1", "Ada@Example.com")
        let first = try await fixture.user("ada")
        #expect(first.email == "ada@example.com" && first.verifiedAt == TestStore.now && first.roles == [])
        fixture.say("ada", "1", "ada@other.example", isVerified: false)
        #expect(try await fixture.user("ada", at: 1).id == first.id)
        // Another subject with her old address, which is still that of her account, is another way to the same account.
        fixture.say("bob", "2", "ada@example.com")
        #expect(try await fixture.user("bob", at: 2).id == first.id)
        #expect(try await fixture.test.store.count("seaworthy_users") == 1)
        let told = try await fixture.test.identities.securityEvents(of: first.id, before: nil, limit: 9).map(\.kind)
        #expect(told.reversed() == ["registered", "identity_linked", "signed_in", "signed_in", "identity_linked", "signed_in"])
        let methods = try await fixture.test.identities.signIns(of: first.id, before: nil, limit: 9).map(\.method)
        #expect(methods == ["corp", "corp", "corp"])
        #expect(try await fixture.test.identities.sessions(of: first.id, now: TestStore.now).allSatisfy { $0.method == "corp" })
    }

    @Test func `takes nobody for the owner of an address that is not verified there`() async throws {
        let fixture = try await Fixture()
        try await fixture.test.makeUser("ada@example.com", roles: ["sales"])
        for (email, isVerified) in [("ada@example.com", false), (nil, true), ("no address", true)] as [(String?, Bool)] {
            fixture.say("eve", "6", email, isVerified: isVerified)
            await #expect(identityRefusal { try await fixture.signIn("eve") } == "provider_refused")
        }
        #expect(try await fixture.test.store.count("seaworthy_users") == 1)
        #expect(try await fixture.test.store.count("seaworthy_linked_identities") == 0)
    }

    @Test func `leads to the account with the address, and closes the way of who registered with it before`() async throws {
        let fixture = try await Fixture()
        let ann = try await fixture.test.makeUser("ann@example.com", roles: ["sales"])
        fixture.say("ann", "1", "ann@example.com")
        #expect(try await fixture.user("ann").id == ann.id)
        // Her own password goes on.
        _ = try await fixture.test.signIn("ann@example.com", at: 1)
        // Mallory registers with Bob's address, and has the mail sent that Bob does not open.
        try await fixture.test.identities.register(email: "bob@example.com", password: "mallory was here", fixture.test.at(0))
        let token = try fixture.test.mailedToken()
        fixture.say("bob", "2", "bob@example.com")
        let bob = try await fixture.user("bob", at: 2)
        #expect(bob.verifiedAt == TestStore.now + 2_000_000)
        let told = try await fixture.test.identities.securityEvents(of: bob.id, before: nil, limit: 9).map(\.kind)
        #expect(told.reversed() == ["registered", "email_verified", "identity_linked", "signed_in"])
        await #expect(
            identityRefusal { try await fixture.test.signIn("bob@example.com", "mallory was here", at: 3) } == "invalid_credentials")
        await #expect(
            identityRefusal { try await fixture.test.identities.verifyEmail(token, fixture.test.at(3)) } == "invalid_mailed_token")
    }

    @Test(arguments: [(true, nil, true), (false, nil, false), (false, true, true), (true, false, false)] as [(Bool, Bool?, Bool)])
    func `makes accounts where the provider, or else the schema, says so`(_ register: Bool, _ own: Bool?, _ makes: Bool) async throws {
        let fixture = try await Fixture(register: register, providerRegisters: own)
        fixture.say("ada", "1", "ada@example.com")
        await #expect(identityRefusal { try await fixture.signIn("ada") } == (makes ? "done" : "registration_closed"))
        #expect(try await fixture.test.store.count("seaworthy_users") == (makes ? 1 : 0))
    }

    @Test func `is refused to who is disabled`() async throws {
        let fixture = try await Fixture()
        fixture.say("ada", "1", "ada@example.com")
        let ada = try await fixture.user("ada")
        _ = try await fixture.test.identities.changeUser(ada.id, .init(isDisabled: true), now: TestStore.now)
        await #expect(identityRefusal { try await fixture.signIn("ada", at: 1) } == "account_disabled")
        fixture.say("other", "2", "ada@example.com")
        await #expect(identityRefusal { try await fixture.signIn("other", at: 2) } == "account_disabled")
    }

    @Test func `ends in the browser that began it, within ten minutes, with the same provider`() async throws {
        let fixture = try await Fixture()
        fixture.say("ada", "1", "ada@example.com")
        let identities = fixture.test.identities
        let (url, kept) = try await identities.beginProviderSignIn("corp", target: nil, now: TestStore.now)
        #expect(url == "https://corp.example/authorize")
        #expect(fixture.provider.attempts.value[0].redirectURI == "https://app.example/v1/auth/oidc/corp/callback")
        let parameters = [(name: "state", value: "state0"), (name: "code", value: "ada")]
        for (kept, seconds) in [(nil, 0), ("", 0), ("x", 0), (kept + "A", 0), (kept, 600)] as [(String?, Int64)] {
            await #expect(
                identityRefusal {
                    try await identities.finishProviderSignIn("corp", parameters: parameters, kept: kept, fixture.test.at(seconds))
                } == "provider_refused")
        }
        // What is kept of one attempt is of no use for another.
        let (_, other) = try await identities.beginProviderSignIn("corp", target: nil, now: TestStore.now)
        await #expect(
            identityRefusal { try await identities.finishProviderSignIn("corp", parameters: parameters, kept: other, fixture.test.at(0)) }
                == "provider_refused")
        #expect(SealedAttempt(secretKeys: TestStore.secretKeys).open(kept, provider: "another", now: TestStore.now) == nil)
        _ = try await identities.finishProviderSignIn("corp", parameters: parameters, kept: kept, fixture.test.at(599))
        await #expect(
            identityRefusal { try await identities.beginProviderSignIn("nobody", target: nil, now: TestStore.now) } == "identity_not_found")
    }

    @Test func `hands over to a page with a code that is good once, for a minute`() async throws {
        let fixture = try await Fixture()
        fixture.say("ada", "1", "ada@example.com")
        func code(at seconds: Int64) async throws -> (code: String, kept: String) {
            guard case .redirect("/app?x=1", let code, let kept) = try await fixture.signIn("ada", target: "/app?x=1", at: seconds) else {
                return ("", "")
            }
            return (code, kept)
        }
        let identities = fixture.test.identities
        let (second0, first) = (try await code(at: 0), try await code(at: 0))
        #expect(try await fixture.test.store.count("seaworthy_sessions") == 0)
        // In another browser it is worth nothing.
        for kept in [nil, "", second0.kept] {
            await #expect(
                identityRefusal {
                    try await identities.signIn(handedOver: first.code, kept: kept, by: "corp", fixture.test.at(1))
                }
                    == "invalid_mailed_token")
        }
        let signedIn = try await identities.signIn(handedOver: first.code, kept: first.kept, by: "corp", fixture.test.at(59))
        #expect(await fixture.test.isGood(signedIn.accessToken, at: 59))
        await #expect(
            identityRefusal {
                try await identities.signIn(handedOver: first.code, kept: first.kept, by: "corp", fixture.test.at(59))
            }
                == "invalid_mailed_token")
        let second = try await code(at: 100)
        await #expect(
            identityRefusal {
                try await identities.signIn(handedOver: second.code, kept: second.kept, by: "corp", fixture.test.at(160))
            }
                == "invalid_mailed_token")
        // It is no token of a mail, and one of a mail is no such code.
        await #expect(identityRefusal { try await identities.verifyEmail(second.code, fixture.test.at(101)) } == "invalid_mailed_token")
        try await identities.forgotPassword(email: "ada@example.com", fixture.test.at(101))
        let mailed = try fixture.test.mailedToken()
        await #expect(
            identityRefusal { try await identities.signIn(handedOver: mailed, kept: nil, by: "corp", fixture.test.at(101)) }
                == "invalid_mailed_token")
    }

    @Test func `needs the server's address`() async throws {
        let provider = Provider()
        let test = try await TestIdentities(
            "identity: { providers: { corp: { issuer: 'https://corp.example', clientId: app } } }\n", providers: [provider]
        ) {
            $0.publicURL = nil
        }
        await #expect(
            identityRefusal { try await test.identities.beginProviderSignIn("corp", target: nil, now: 0) } == "provider_unavailable")
    }
}
