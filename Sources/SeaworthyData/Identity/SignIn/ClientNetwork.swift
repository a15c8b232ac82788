/// Where a client comes from, as far as one client can be told from another: an IPv4 address, or the /64 of an IPv6 address, of which one
/// client has all (RFC 4291 section 2.5.4).
package enum ClientNetwork {
    /// The name of the network of an address; `unknown` for what is none.
    package static func name(of address: String?) -> String {
        guard let address else { return "unknown" }
        if address.utf8.contains(UInt8(ascii: ".")) {
            // An IPv4 address, also as an IPv6 socket shows it: `::ffff:192.0.2.1`.
            return address.split(separator: ":").last.map(String.init) ?? "unknown"
        }
        guard let groups = groups(of: address) else { return "unknown" }
        return groups.prefix(4).map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    private static func groups(of address: String) -> [UInt16]? {
        let text = address.prefix { $0 != "%" }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        func parse(_ half: Substring) -> [UInt16]? {
            var groups: [UInt16] = []
            for part in half.split(separator: ":") {
                guard let group = UInt16(part, radix: 16) else { return nil }
                groups.append(group)
            }
            return groups
        }
        guard let first = halves.first.flatMap(parse) else { return nil }
        guard halves.count == 2 else { return first.count == 8 ? first : nil }
        guard let last = parse(halves[1]), first.count + last.count < 8 else { return nil }
        return first + Array(repeating: 0, count: 8 - first.count - last.count) + last
    }
}
