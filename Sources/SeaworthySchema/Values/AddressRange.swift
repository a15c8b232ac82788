/// Addresses that begin alike: `10.0.0.0/8`, `2001:db8::/32` (RFC 4632, RFC 4291 section 2.3), or one address.
package struct AddressRange: Sendable, Hashable {
    /// As it was written.
    package let text: String
    private let network: [UInt8]
    private let bits: Int

    /// Nil for what is no address, or has no such length. Bits behind the prefix do not count.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]), !parts[0].contains("%") else { return nil }
        let longest = address.bytes.count * 8
        var bits = longest
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]), number <= longest else {
                return nil
            }
            bits = number
        }
        self.text = String(text)
        self.bits = bits
        network = address.bytes
    }

    /// More than any network that somebody has to themselves: those are 10.0.0.0/8 and fc00::/7 at most (RFC 1918, RFC 4193).
    package var holdsStrangers: Bool { bits < 7 }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == network.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole) == network.prefix(whole) else { return false }
        let rest = bits % 8
        return rest == 0 || (address.bytes[whole] ^ network[whole]) >> (8 - UInt8(rest)) == 0
    }
}
