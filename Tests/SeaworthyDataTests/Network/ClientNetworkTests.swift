import SeaworthyData
import Testing

@Suite struct `The network of a client` {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8::1", "2001:db8:0:0::/64"), ("::1", "0:0:0:0::/64"), ("fe80::1%eth0", "fe80:0:0:0::/64"),
        ("2001:0DB8:1:2::", "2001:db8:1:2::/64"), ("nonsense", "unknown"), ("1:2:3", "unknown"), ("1:2:3:4:5:6:7:8:9", "unknown"),
        ("::1:2:3:4:5:6:7:8", "unknown"), ("g::1", "unknown"),
    ])
    func `is the address, or what of an IPv6 address one client has all of`(_ address: String, _ network: String) {
        #expect(ClientNetwork.name(of: address) == network)
        #expect(ClientNetwork.name(of: nil) == "unknown")
    }
}
