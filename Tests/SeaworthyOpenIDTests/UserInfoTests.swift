import HTTPServing
import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

@Suite(.timeLimit(.minutes(5))) struct UserInfoTests {
    private func behaviour(_ userInfo: JSONObject, hasEmail: Bool = false) -> TestProvider.Behaviour {
        var behaviour = TestProvider.Behaviour()
        behaviour.userInfo = userInfo
        if !hasEmail {
            behaviour.claims = {
                $0.set("email", nil)
                $0.set("name", nil)
            }
        }
        return behaviour
    }

    @Test func `is asked for an address that the token does not have`() async throws {
        try await SignIn.with(
            behaviour(["sub": "person-1", "email": "b@example.org", "email_verified": false, "name": "B", "nonce": "x", "extra": 1])
        ) { test in
            let identity = try await test.identity()
            #expect(identity.email == "b@example.org")
            #expect(!identity.isEmailVerified, "the token's word is about another address")
            #expect(identity.name == "B")
            #expect(identity.claims["extra"] == 1)
            #expect(identity.claims["nonce"] != "x", "the token goes first")
            #expect(test.provider.count("/userinfo") == 1)
        }
    }

    @Test func `is not asked when the token has the address, nobody wants it, or the settings say no`() async throws {
        try await SignIn.with(behaviour(["sub": "person-1", "email": "b@example.org"], hasEmail: true)) { test in
            let identity = try await test.identity()
            #expect(identity.email == "ada@example.org")
            #expect(test.provider.count("/userinfo") == 0)
        }
        for (scopes, readsUserInfo) in [(["openid", "profile"], true), (["openid", "email"], false)] {
            try await SignIn.with(behaviour(["sub": "person-1", "email": "b@example.org"]), scopes: scopes, readsUserInfo: readsUserInfo) {
                test in
                let identity = try await test.identity()
                #expect(identity.email == nil)
                #expect(test.provider.count("/userinfo") == 0)
            }
        }
    }

    @Test(arguments: ["person-2", nil, 1] as [JSONValue?])
    func `is refused when it is about somebody else`(subject: JSONValue?) async throws {
        var answer: JSONObject = ["email": "b@example.org"]
        answer.set("sub", subject)
        try await SignIn.with(behaviour(answer)) { test in
            let expected = OpenIDError(.claimsRefused, "the user info endpoint of «test» answers about another subject than the ID token")
            let error = try await test.refusal()
            #expect(error == expected)
        }
    }

    @Test func `is refused when it is no object`() async throws {
        var behaviour = behaviour(["sub": "person-1"])
        behaviour.answers["/userinfo"] = HTTPReceiver.Answer(body: "a.signed.answer")
        try await SignIn.with(behaviour) { test in
            let error = try await test.refusal()
            #expect(error.code == .invalidAnswer)
        }
    }
}
