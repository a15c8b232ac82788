import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

@Suite struct RandomTextTests {
    @Test func `is 256 bits, and never the same`() {
        let values = (0..<1_000).map { _ in RandomText.make() }
        #expect(values.allSatisfy { $0.utf8.count == 43 && Base64URL.bytes(of: $0)?.count == 32 })
        #expect(Set(values).count == 1_000)
    }

    /// RFC 7636, appendix B.
    @Test func `makes the challenge of the specification's example`() {
        #expect(ProofKey.challenge(of: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func `escapes all but the unreserved`() {
        #expect(FormText.text(of: [("a b", "1+2&3=4/5?~._-"), ("ä", "\u{0}")]) == "a%20b=1%2B2%263%3D4%2F5%3F~._-&%C3%A4=%00")
        #expect(FormText.text(of: []) == "")
    }
}
