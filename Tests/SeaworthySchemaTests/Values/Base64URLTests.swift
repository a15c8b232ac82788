import Testing

@testable import SeaworthySchema

@Suite struct Base64URLTests {
    @Test(arguments: [([], ""), ([0], "AA"), ([0xFB, 0xFF], "-_8"), ([0x66, 0x6F, 0x6F], "Zm9v")] as [([UInt8], String)])
    func `writes and reads`(bytes: [UInt8], text: String) {
        #expect(Base64URL.text(of: bytes) == text)
        #expect(Base64URL.bytes(of: text) == bytes)
    }

    @Test(arguments: ["A", "AA==", "+_8", "-/8", "AB", "Zm9v\n", "Zm 9v", "Zm9ä", "Zm9v=", "=", "Zm9vA"])
    func `reads no other form of the same bytes`(text: String) {
        #expect(Base64URL.bytes(of: text) == nil)
    }
}
