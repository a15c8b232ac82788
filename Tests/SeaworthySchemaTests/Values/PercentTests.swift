import Testing

@testable import SeaworthySchema

@Suite struct PercentTests {
    /// The unreserved characters are those of RFC 3986 section 2.3.
    @Test func `leaves unreserved characters alone and escapes every other byte`() {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        #expect(unreserved.percentEncoded == unreserved)
        #expect("a b+c/d%".percentEncoded == "a%20b%2Bc%2Fd%25")
        #expect("ü\u{0}\u{7F}".percentEncoded == "%C3%BC%00%7F")
        let others = (UInt8(0)..<0x80).filter { !unreserved.utf8.contains($0) }
        #expect(others.count == 62)
        for byte in others {
            #expect(String(decoding: [byte], as: UTF8.self).percentEncoded.utf8.count == 3, "\(byte)")
        }
    }
}
