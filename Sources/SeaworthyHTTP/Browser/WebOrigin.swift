import SeaworthySchema

/// Where a page comes from, as browsers tell servers apart: scheme, host and port (RFC 6454).
package struct WebOrigin: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`.
    package let scheme: String
    /// In lower case; an IPv6 address in its brackets.
    package let host: String
    package let port: Int

    /// Nil for what is no origin of a page on the web: also `null`, which browsers send of pages that have none, and everything with a path.
    package init?(_ text: some StringProtocol) {
        guard let end = text.firstRange(of: "://") else { return nil }
        scheme = text[..<end.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        guard let authority = Self.authority(text[end.upperBound...], scheme: scheme) else { return nil }
        (host, port) = authority
    }

    /// The host and port that an authority means.
    static func authority(_ text: some StringProtocol, scheme: String) -> (host: String, port: Int)? {
        var host = text.lowercased()[...]
        var port = scheme == "https" ? 443 : 80
        let colon = host.lastIndex(of: ":")
        if let colon, !host.hasSuffix("]") {
            let digits = host[host.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits), (1...65_535).contains(number) else {
                return nil
            }
            port = number
            host = host[..<colon]
        }
        guard isHost(host) else { return nil }
        return (String(host), port)
    }

    private static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return text.dropFirst().dropLast().utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: ":")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                    || byte == UInt8(ascii: ".")
            } && text.utf8.count > 4
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty
                && label.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
    }

    /// Pages of this machine: nobody is on the way to them.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        // A name may begin like an address: `127.0.0.1.example.com`.
        return IPAddress(host.hasPrefix("[") ? host.dropFirst().dropLast() : host[...])?.isLoopback ?? false
    }

    package var description: String {
        let isStandard = port == (scheme == "https" ? 443 : 80)
        return "\(scheme)://\(host)\(isStandard ? "" : ":\(port)")"
    }
}
