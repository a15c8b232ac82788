/// Whose pages may call the server beside its own: origins, all below a domain, or everybody's, for all routes or for a group of them.
package struct AllowedOrigins: Sendable, Equatable {
    /// What one entry is not.
    package struct Refusal: Error, Equatable {
        package let entry: String
        package let reason: String
    }

    /// What a page may do.
    enum Permission: Equatable {
        /// It reads what everybody may; nothing is sent along that the browser keeps.
        case anonymous
        /// It is as good as the server's own pages, cookies included.
        case credentials
    }

    private struct Rules: Sendable, Equatable {
        var exact: Set<WebOrigin> = []
        /// Of hosts below these: `.example.com`, with scheme and port.
        var below: [WebOrigin] = []
        var hasAnyone = false

        var isEmpty: Bool { exact.isEmpty && below.isEmpty && !hasAnyone }
    }

    private var rules: [RouteGroup: Rules] = [:]

    package init() {}

    /// - Parameter entries: `https://app.example.com`, `https://*.example.com` or `*`, each also behind `data=`, `auth=` or `docs=`.
    package init(_ entries: [String]) throws(Refusal) {
        for entry in entries {
            var text = entry[...]
            var groups = RouteGroup.allCases
            if let mark = text.firstIndex(of: "=") {
                guard let group = RouteGroup(rawValue: String(text[..<mark])) else {
                    throw Refusal(
                        entry: entry, reason: "names no group: there are \(RouteGroup.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                groups = [group]
                text = text[text.index(after: mark)...]
            }
            for group in groups { try add(text, entry, to: group) }
        }
    }

    private mutating func add(_ text: Substring, _ entry: String, to group: RouteGroup) throws(Refusal) {
        if text == "*" {
            rules[group, default: Rules()].hasAnyone = true
        } else if let star = text.firstRange(of: "://*.") {
            let domain = text[star.upperBound...]
            guard let origin = WebOrigin("\(text[..<star.lowerBound])://\(domain)"), origin.host.contains("."), !origin.host.contains("[")
            else {
                throw Refusal(entry: entry, reason: "is not of the form https://*.example.com, with a domain of two names at least")
            }
            rules[group, default: Rules()].below.append(origin)
        } else {
            guard let origin = WebOrigin(text) else {
                throw Refusal(entry: entry, reason: "is no origin: scheme, host and port alone, such as https://app.example.com")
            }
            rules[group, default: Rules()].exact.insert(origin)
        }
    }

    package var isEmpty: Bool { rules.isEmpty }

    func isEmpty(_ group: RouteGroup) -> Bool { rules[group]?.isEmpty ?? true }

    /// Whether answers of a group depend on who asks.
    func variesByOrigin(_ group: RouteGroup) -> Bool { rules[group].map { !$0.exact.isEmpty || !$0.below.isEmpty } ?? false }

    /// Groups in which everybody's pages may ask.
    package var groupsOfAnyone: [RouteGroup] { RouteGroup.allCases.filter { rules[$0]?.hasAnyone ?? false } }

    /// Those whose pages somebody on the way could change.
    package var open: [WebOrigin] {
        Set(rules.values.flatMap { Array($0.exact) + $0.below }).filter { $0.scheme == "http" && !$0.isLoopback }
            .sorted { $0.description < $1.description }
    }

    /// - Parameter origin: as the browser sends it.
    /// - Returns: nil where its page may not ask.
    func permission(_ origin: String, in group: RouteGroup) -> Permission? {
        guard let rules = rules[group] else { return nil }
        if let origin = WebOrigin(origin), rules.exact.contains(origin) || rules.below.contains(where: { $0.isAbove(origin) }) {
            return .credentials
        }
        return rules.hasAnyone ? .anonymous : nil
    }
}

extension WebOrigin {
    fileprivate func isAbove(_ other: WebOrigin) -> Bool {
        scheme == other.scheme && port == other.port && other.host.hasSuffix(".\(host)") && !other.host.contains("[")
    }
}
