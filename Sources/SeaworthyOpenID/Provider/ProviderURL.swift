/// An address of a provider. Read strictly, in the one form that every reader of addresses understands alike: so what is checked here is
/// what is asked.
struct ProviderURL: Sendable, Equatable {
    let text: String
    let isEncrypted: Bool
    /// Without brackets.
    let host: String
    let hasQuery: Bool

    /// nil for what is no http or https address in ASCII, or has a user or a fragment.
    init?(_ text: String) {
        if text.hasPrefix("https://") {
            isEncrypted = true
        } else if text.hasPrefix("http://") {
            isEncrypted = false
        } else {
            return nil
        }
        let rest = text.dropFirst(isEncrypted ? "https://".count : "http://".count)
        // What stands neither in a path nor in a query (RFC 3986 appendix A), and `#`.
        guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !rest.contains(where: { "\"#<>\\^`{|}".contains($0) }) else {
            return nil
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let host = Self.host(authority) else { return nil }
        self.host = host
        self.text = text
        hasQuery = rest.contains("?")
    }

    /// This machine itself: `localhost`, 127.0.0.0/8 or ::1.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0).map(String.init) == String($0) }
    }

    /// The host of `host`, `host:port`, `[address]` or `[address]:port`; nil with a user, or of another form.
    private static func host(_ authority: Substring) -> String? {
        let host: Substring
        let port: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority[host.endIndex...]
            guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }) else { return nil }
        }
        guard port.isEmpty || port.first == ":" && isPort(port.dropFirst()) else { return nil }
        return String(host).lowercased()
    }

    private static func isPort(_ digits: Substring) -> Bool {
        digits.first?.isNumber ?? false && (UInt16(digits) ?? 0) > 0
    }
}
