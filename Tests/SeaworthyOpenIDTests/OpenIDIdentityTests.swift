import SeaworthyOpenID
import Testing

@Suite struct OpenIDIdentityTests {
    @Test func `is what it was made of`() {
        #expect(OpenIDIdentity(issuer: "https://i.example", subject: "1").subject == "1")
    }
}
