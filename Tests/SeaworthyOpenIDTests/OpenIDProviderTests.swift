import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

@Suite(.timeLimit(.minutes(5))) struct OpenIDProviderTests {
    @Test(arguments: ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"])
    func `tells who signed in, whatever the token is signed with`(algorithm: String) async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.algorithm = algorithm
        behaviour.signingKey = .of(algorithm)
        behaviour.keys = [.rsa, .p256, .p384, .ed25519]
        try await SignIn.with(behaviour) { test in
            let identity = try await test.identity()
            #expect(identity.issuer == test.provider.issuer)
            #expect(identity.subject == "person-1")
            #expect(identity.email == "ada@example.org")
            #expect(identity.isEmailVerified)
            #expect(identity.name == "Ada Lovelace")
            #expect(identity.claims["aud"] == "client-1")
        }
    }

    @Test func `asks with PKCE, state and nonce, each time with others`() async throws {
        try await SignIn.with { test in
            let first = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            let second = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            let query = FormReader.parameters(String(first.url.drop { $0 != "?" }.dropFirst()))
            let names = query.map(\.name)
            #expect(first.url.hasPrefix(test.provider.origin + "/authorize?theme=dark&"))
            #expect(
                names == [
                    "theme", "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
                    "code_challenge_method",
                ])
            #expect(query.first { $0.name == "scope" }?.value == "openid email profile")
            #expect(query.first { $0.name == "state" }?.value == first.attempt.state)
            #expect(query.first { $0.name == "code_challenge" }?.value == ProofKey.challenge(of: first.attempt.codeVerifier))
            #expect(!first.url.contains(first.attempt.codeVerifier))
            let values = [first, second].flatMap { [$0.attempt.state, $0.attempt.nonce, $0.attempt.codeVerifier] }
            #expect(Set(values).count == 6)
            #expect(values.allSatisfy { Base64URL.bytes(of: $0)?.count == 32 })
        }
    }

    @Test(
        arguments: [
            (["client_secret_basic", "client_secret_post"], true), (["private_key_jwt", "client_secret_post"], true), (nil, true),
            (["client_secret_basic"], false),
        ] as [([String]?, Bool)])
    func `proves who it is as the provider takes it`(methods: [String]?, hasSecret: Bool) async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.methods = methods
        if !hasSecret { behaviour.secret = nil }
        try await SignIn.with(behaviour) { test in
            let identity = try await test.identity()
            #expect(identity.subject == "person-1")
        }
    }

    @Test func `sends the secret as it is set to, and no other way`() async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.methods = ["client_secret_basic", "client_secret_post"]
        try await SignIn.with(behaviour, authentication: .post) { test in
            let error = try await test.refusal()
            #expect(error.code == .clientRefused, "the tests' provider takes basic where it announces it")
        }
        behaviour.methods = ["client_secret_basic"]
        try await SignIn.with(behaviour, authentication: .post) { test in
            let error = try await test.refusal()
            #expect(error == OpenIDError(.invalidDocument, "the provider does not take a client secret by client_secret_post"))
        }
    }

    /// As Entra's document, and Google's.
    @Test func `does without what a document may leave out`() async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.document = {
            $0.set("code_challenge_methods_supported", nil)
            $0.set("authorization_response_iss_parameter_supported", nil)
        }
        behaviour.callback = { $0.removeAll { $0.name == "iss" } }
        behaviour.claims = {
            for name in ["nbf", "at_hash", "email", "email_verified", "name"] { $0.set(name, nil) }
        }
        try await SignIn.with(behaviour) { test in
            let identity = try await test.identity()
            #expect(identity.subject == "person-1")
            #expect(identity.email == nil && identity.name == nil && !identity.isEmailVerified)
        }
    }

    @Test func `takes a token without a key's name where one key alone fits`() async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.keys = [.p256, .rsa]
        behaviour.header = { $0.set("kid", nil) }
        try await SignIn.with(behaviour) { test in
            let identity = try await test.identity()
            #expect(identity.subject == "person-1")
        }
    }

    @Test func `takes further audiences that are trusted`() async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.claims = {
            $0.set("aud", ["client-1", "api"])
            $0.set("azp", "client-1")
        }
        try await SignIn.with(behaviour, otherAudiences: ["api"]) { test in
            let identity = try await test.identity()
            #expect(identity.subject == "person-1")
        }
    }

    @Test(arguments: [(59, true), (60, false)] as [(Int64, Bool)])
    func `lets clocks differ by less than a minute, in one direction`(seconds: Int64, isTaken: Bool) async throws {
        var behaviour = TestProvider.Behaviour()
        // The clock stands still, so the bound is exact.
        behaviour.claims = { $0.set("exp", $0["iat"]) }
        try await SignIn.with(behaviour) { test in
            test.clock.freeze()
            test.provider.change { $0.now = test.clock.clock.now() }
            test.clock.shiftNow(seconds)
            if isTaken {
                let identity = try await test.identity()
                #expect(identity.subject == "person-1")
            } else {
                let error = try await test.refusal()
                #expect(error.reason == "the claim «exp» of the ID token has passed")
            }
        }
    }

    @Test(arguments: [(60, true), (61, false)] as [(Int64, Bool)])
    func `lets clocks differ by a minute, in the other direction`(seconds: Int64, isTaken: Bool) async throws {
        try await SignIn.with { test in
            test.clock.freeze()
            test.provider.change { $0.now = test.clock.clock.now() }
            test.clock.shiftNow(-seconds)
            if isTaken {
                let identity = try await test.identity()
                #expect(identity.subject == "person-1")
            } else {
                let error = try await test.refusal()
                #expect(error.reason == "the claim «iat» of the ID token is still to come")
            }
        }
    }

    @Test func `refuses a callback of another attempt, without asking the provider for tokens`() async throws {
        try await SignIn.with { test in
            let request = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            let other = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            let callback = try await test.callback(of: request)
            await #expect(throws: OpenIDError(.stateMismatch, "the state of the callback is not of this attempt")) {
                try await test.client.finish(callback, of: other.attempt)
            }
            #expect(test.provider.count("/token") == 0)
        }
    }

    @Test func `gets nothing for a code a second time, or with another verifier or address`() async throws {
        try await SignIn.with { test in
            let refused = OpenIDError(.codeRefused, "the token endpoint refused with status 400: invalid_grant")
            let request = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            let callback = try await test.callback(of: request)
            _ = try await test.client.finish(callback, of: request.attempt)
            await #expect(throws: refused) { try await test.client.finish(callback, of: request.attempt) }

            for change in [
                { (attempt: inout OpenIDAttempt) in attempt.codeVerifier = RandomText.make() }, { $0.redirectURI += "&more" },
            ] {
                let request = try await test.client.begin(redirectURI: TestProvider.redirectURI)
                let callback = try await test.callback(of: request)
                var attempt = request.attempt
                change(&attempt)
                await #expect(throws: refused) { try await test.client.finish(callback, of: attempt) }
            }
        }
    }

    @Test func `refuses a sign-in beyond the bound, and takes one again afterwards`() async throws {
        try await SignIn.with(limit: 1) { test in
            let requests = try await [
                test.client.begin(redirectURI: TestProvider.redirectURI), test.client.begin(redirectURI: TestProvider.redirectURI),
            ]
            let callbacks = try await [test.callback(of: requests[0]), test.callback(of: requests[1])]
            await test.provider.gate.close()
            async let first = test.client.finish(callbacks[0], of: requests[0].attempt)
            await test.provider.gate.waiting(1)
            await #expect(throws: OpenIDError(.unavailable, "more than 1 sign-ins at once with «test»")) {
                try await test.client.finish(callbacks[1], of: requests[1].attempt)
            }
            await test.provider.gate.open()
            #expect(try await first.subject == "person-1")
            #expect(try await test.client.finish(callbacks[1], of: requests[1].attempt).subject == "person-1")
        }
    }

    @Test func `ends with a cancellation when whoever asked is cancelled`() async throws {
        try await SignIn.with { test in
            let request = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            let callback = try await test.callback(of: request)
            await test.provider.gate.close()
            let client = test.client
            let finishing = Task { try await client.finish(callback, of: request.attempt) }
            await test.provider.gate.waiting(1)
            finishing.cancel()
            await #expect(throws: CancellationError.self) { try await finishing.value }
            await test.provider.gate.open()
        }
    }
}
