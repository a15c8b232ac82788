package import SeaworthySchema

/// Where a client comes from, as far as one client can be told from another: an IPv4 address, or the /64 of an IPv6 address, of which one
/// client has all (RFC 4291 section 2.5.4).
package enum ClientNetwork {
    /// The name of the network of an address; `unknown` for what is none.
    package static func name(of address: String?) -> String { name(ip: address.flatMap { IPAddress($0) }) }

    package static func name(ip address: IPAddress?) -> String {
        guard let address else { return "unknown" }
        if address.isIPv4 { return address.description }
        let groups = stride(from: 0, to: 8, by: 2).map { UInt16(address.bytes[$0]) << 8 | UInt16(address.bytes[$0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }
}
