import SeaworthySchema
import Testing

@Suite struct `An IP address` {
    @Test(
        arguments: [
            ("192.0.2.1", [192, 0, 2, 1]), ("0.0.0.0", [0, 0, 0, 0]), ("255.255.255.255", [255, 255, 255, 255]),
            ("::ffff:192.0.2.1", [192, 0, 2, 1]), ("::FFFF:c000:0201", [192, 0, 2, 1]),
            ("::", Array(repeating: 0, count: 16)), ("::1", Array(repeating: 0, count: 15) + [1]),
            ("2001:db8::7", [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [7]),
            ("1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]),
            ("1:2:3:4:5:6:7::", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]),
            ("fe80::1%eth0", [0xfe, 0x80] + Array(repeating: 0, count: 13) + [1]),
            ("64:ff9b::192.0.2.1", [0, 0x64, 0xff, 0x9b] + Array(repeating: 0, count: 8) + [192, 0, 2, 1]),
        ] as [(String, [UInt8])])
    func `is read from its text`(_ text: String, _ bytes: [UInt8]) {
        #expect(IPAddress(text)?.bytes == bytes)
        #expect((IPAddress(text)?.description).flatMap { IPAddress($0) }?.bytes == bytes)
    }

    @Test(arguments: [
        "", "192.0.2", "192.0.2.1.5", "192.0.2.256", "192.0.2.01", "192.0.2.+1", "192.0.2.1 ", "a.b.c.d", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "+1::", "1:2:3", "1:", ":1:2:3:4:5:6:7",
        "192.0.2.1::", "::192.0.2.1:1", "::1.2.3", "localhost", "[::1]", "::1:80/64",
    ])
    func `is nothing else`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:0DB8:0:0:0:0:0:0001", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("fe80::1%eth0", "fe80::1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("0:0:1:0:0:0:0:0", "0:0:1::"),
    ])
    func `is written in one way`(text: String, expected: String) {
        #expect(IPAddress(text)?.description == expected)
    }

    @Test func `knows this machine`() {
        #expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].allSatisfy { IPAddress($0)?.isLoopback == true })
        #expect(["128.0.0.1", "10.0.0.1", "::2", "::", "1::1"].allSatisfy { IPAddress($0)?.isLoopback == false })
    }
}

@Suite struct `A range of addresses` {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/8", "10.9.9.9", true),
        ("192.0.2.128/25", "192.0.2.129", true), ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.6", false), ("192.0.2.7/31", "192.0.2.6", true), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
        ("::/0", "2001:db8::1", true), ("::/0", "127.0.0.1", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("::1", "::1", true), ("127.0.0.0/8", "::ffff:127.0.0.1", true),
    ])
    func `holds what begins alike`(_ range: String, _ address: String, _ holds: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == holds)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "10.0.0.0/8/9", "example.com", "fe80::1%eth0", "*",
    ])
    func `is nothing else`(_ text: String) {
        #expect(AddressRange(text) == nil)
    }
}
