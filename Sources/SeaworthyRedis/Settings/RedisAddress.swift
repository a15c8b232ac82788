import SeaworthySchema

/// Reads `REDIS_URL`:
///
///     redis://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/DATABASE][?sentinel=NAME…]
///
/// `rediss` for TLS. Several hosts are some servers of a cluster, the sentinels, or names of one server.
/// <https://www.iana.org/assignments/uri-schemes/prov/redis>
package enum RedisAddress {
    package struct Problem: Error, Sendable, Equatable {
        /// What is wrong, without quoting what may hold a password.
        package let detail: String
        package let fix: String
    }

    private static let form = "write redis://user:password@HOST:PORT/DATABASE, or rediss://… for TLS"

    package static func parse(_ text: String) throws(Problem) -> RedisSettings {
        var rest = text[...]
        let isSecure: Bool
        if rest.lowercased().hasPrefix("redis://") {
            isSecure = false
        } else if rest.lowercased().hasPrefix("rediss://") {
            isSecure = true
        } else {
            throw Problem(detail: "does not begin with redis:// or rediss://", fix: form)
        }
        rest = rest.dropFirst(isSecure ? 9 : 8)
        guard !rest.contains("#") else {
            throw Problem(detail: "has a #, which begins no part of it", fix: "write it as %23 within a password")
        }
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
        if let mark = rest.firstIndex(of: "?") { rest = rest[..<mark] }
        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard !credentials[0].contains("/"), !credentials.dropFirst().contains(where: { $0.contains("/") || $0.contains("@") }) else {
                throw Problem(detail: "has a / or @ within the user or password", fix: "write it as %2F or %40")
            }
            user = credentials[0].isEmpty ? nil : try decoded(credentials[0], "the user")
            password = credentials.count == 2 && !credentials[1].isEmpty ? try decoded(credentials[1], "the password") : nil
            guard user == nil || password != nil else {
                throw Problem(detail: "names a user and no password", fix: "write USER:PASSWORD@, or :PASSWORD@ for the default user")
            }
            rest = rest[rest.index(after: at)...]
        }
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let sentinel = try sentinel(query)
        var settings = RedisSettings(
            try hosts(parts[0], standardPort: sentinel == nil ? RedisEndpoint.standardPort : RedisEndpoint.sentinelPort))
        settings.user = user
        settings.password = password
        settings.sentinel = sentinel
        settings.tls = isSecure ? RedisSettings.TLS() : nil
        if parts.count == 2, !parts[1].isEmpty {
            guard let number = Int(parts[1]), (0...65_535).contains(number), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw Problem(detail: "has a path that is no number of a database", fix: "write /0, or leave it out")
            }
            settings.database = number
        }
        return settings
    }

    private static func hosts(_ text: Substring, standardPort: Int) throws(Problem) -> [RedisEndpoint] {
        var endpoints: [RedisEndpoint] = []
        for host in text.split(separator: ",", omittingEmptySubsequences: false) { endpoints.append(try endpoint(host, standardPort)) }
        guard Set(endpoints).count == endpoints.count else { throw Problem(detail: "names a host twice", fix: "name each once") }
        return endpoints
    }

    private static func endpoint(_ text: Substring, _ standardPort: Int) throws(Problem) -> RedisEndpoint {
        var host = text
        var port = standardPort
        let afterBracket = text.lastIndex(of: "]").map { text.index(after: $0) } ?? text.startIndex
        if let colon = text[afterBracket...].lastIndex(of: ":") {
            guard let number = Int(text[text.index(after: colon)...]), (1...65_535).contains(number) else {
                throw Problem(detail: "has a port that is no number from 1 to 65535", fix: form)
            }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let allowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        guard !host.isEmpty, allowed else { throw Problem(detail: "has no host, or one with characters that no name has", fix: form) }
        return RedisEndpoint(host: String(host), port: port)
    }

    private static func sentinel(_ query: Substring?) throws(Problem) -> RedisSettings.Sentinel? {
        guard let query else { return nil }
        var values: [String: String] = [:]
        for item in query.split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard ["sentinel", "sentinelUser", "sentinelPassword"].contains(name) else {
                throw Problem(
                    detail: "has a parameter that is not known", fix: "the known ones are sentinel, sentinelUser and sentinelPassword")
            }
            guard values[name] == nil, pair.count == 2, !pair[1].isEmpty else {
                throw Problem(detail: "has \(name) twice, or without a value", fix: "write ?sentinel=NAME")
            }
            values[name] = try decoded(pair[1], name)
        }
        guard let primary = values["sentinel"] else {
            guard values.isEmpty else {
                throw Problem(detail: "says how to sign in to sentinels, and names no primary", fix: "add sentinel=NAME")
            }
            return nil
        }
        guard values["sentinelUser"] == nil || values["sentinelPassword"] != nil else {
            throw Problem(detail: "has a sentinelUser and no sentinelPassword", fix: "add sentinelPassword=…")
        }
        return RedisSettings.Sentinel(primary: primary, user: values["sentinelUser"], password: values["sentinelPassword"])
    }

    private static func decoded(_ text: Substring, _ what: String) throws(Problem) -> String {
        do {
            return try PercentDecoding.decode(text.utf8, plusIsSpace: false)
        } catch {
            throw Problem(detail: "has \(what) that cannot be read: \(error.detail)", fix: "write a % itself as %25")
        }
    }
}
