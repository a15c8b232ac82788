import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

@Suite struct OpenIDIdentityTests {
    private func identity(
        _ claims: JSONObject, userInfo: JSONObject? = nil, names: OpenIDClaimNames = OpenIDClaimNames()
    ) -> OpenIDIdentity {
        OpenIDIdentity(issuer: "https://i.example", subject: "1", claims: claims, userInfo: userInfo, names: names)
    }

    @Test(
        arguments: [
            (true, true), (false, false), ("true", true), ("false", false), (1, true), (0, false), ("1", true), ("yes", false),
            (nil, false),
            (.null, false), ([true], false),
        ] as [(JSONValue?, Bool)])
    func `takes an address for verified only when the provider says so`(value: JSONValue?, isVerified: Bool) {
        var claims: JSONObject = ["email": "a@example.org"]
        claims.set("email_verified", value)
        #expect(identity(claims).isEmailVerified == isVerified)
    }

    @Test(arguments: ["", "nobody", "a b@example.org", "a@example.org\n", "a@b\u{0}", String(repeating: "a", count: 320) + "@"])
    func `has no address where there is none`(text: String) {
        let identity = identity(["email": .string(text), "email_verified": true])
        #expect(identity.email == nil)
        #expect(!identity.isEmailVerified)
    }

    @Test func `reads the claims under the names that are set`() {
        let names = OpenIDClaimNames(email: "upn", emailVerified: "xms_edov", name: "display")
        let identity = identity(
            ["upn": "a@example.org", "xms_edov": 1, "display": .string(String(repeating: "n", count: 201)), "name": "other"], names: names)
        #expect(identity.email == "a@example.org")
        #expect(identity.isEmailVerified)
        #expect(identity.name == String(repeating: "n", count: 200))
    }

    @Test func `does not take one source's word for the address of another`() {
        let identity = identity(["email_verified": true], userInfo: ["email": "a@example.org"])
        #expect(identity.email == "a@example.org")
        #expect(!identity.isEmailVerified)
    }
}
