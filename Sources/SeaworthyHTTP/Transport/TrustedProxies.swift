package import SeaworthySchema

/// The proxies that are believed what they say of clients: `X-Forwarded-For` and `X-Forwarded-Proto`. From everybody else both are passed
/// over, since anybody can send them.
package struct TrustedProxies: Sendable, Equatable {
    private let ranges: [AddressRange]

    package init(_ ranges: [AddressRange] = []) {
        self.ranges = ranges
    }

    package var isEmpty: Bool { ranges.isEmpty }

    func contains(_ address: String?) -> Bool {
        guard !ranges.isEmpty, let address = address.flatMap({ IPAddress($0) }) else { return false }
        return contains(address)
    }

    private func contains(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }

    /// Where a request comes from that a trusted proxy hands over.
    ///
    /// Each proxy adds the address of whom it talks to at the end of `X-Forwarded-For`. So it is read from there: the client is the first
    /// address that is no trusted proxy's. What stands before it may be made up.
    ///
    /// - Parameters:
    ///   - peer: the proxy, as the connection knows it.
    ///   - forwardedFor: every value of the field, joined by commas; nil where it was not sent. So with `forwardedProto`.
    func source(_ peer: RequestSource, forwardedFor: String?, forwardedProto: String?) -> RequestSource {
        let isSecure =
            // Of several proxies each has to have been reached in secret.
            forwardedProto.map {
                $0.elements(separatedBy: ",").allSatisfy { $0.isEqualIgnoringASCIICase(to: "https") }
            } ?? peer.isSecure
        var address = peer.address
        for entry in (forwardedFor ?? "").elements(separatedBy: ",").reversed() {
            let text = Self.withoutPort(entry)
            // Whoever wrote it is a trusted proxy, but does not know: the proxy is as near as one can tell. No proxy tells a zone.
            guard !text.utf8.contains(UInt8(ascii: "%")), let found = IPAddress(text) else { break }
            address = found.description
            if !contains(found) { break }
        }
        return RequestSource(address: address, isSecure: isSecure)
    }

    /// Some write `192.0.2.1:4711` and `[2001:db8::1]:4711`.
    private static func withoutPort(_ text: Substring) -> Substring {
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "[") { return Substring(bytes.dropFirst().prefix { $0 != UInt8(ascii: "]") }) }
        return bytes.count { $0 == UInt8(ascii: ":") } == 1 ? Substring(bytes.prefix { $0 != UInt8(ascii: ":") }) : text
    }
}
