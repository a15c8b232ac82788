/// Where errors are reported, and as whom: `https://KEY@HOST[:PORT][/PATH]/PROJECT` (Sentry's «DSN»). Printed or reflected it does not show the key.
package struct SentryDSN: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package struct Problem: Error, Equatable {
        /// Goes on from the setting's name: `has no host`. Nothing of the value stands in it.
        package let detail: String

        package static let fix = "copy it from Sentry, Settings > Projects > Client Keys: https://KEY@HOST/PROJECT"
    }

    /// Where envelopes are sent to.
    let envelopeURL: String
    package let publicKey: String

    package init(_ text: String) throws(Problem) {
        guard text.utf8.count <= 1024, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"'<>\\^`{}|".utf8.contains($0) }) else {
            throw Problem(detail: "is longer than 1024 bytes, or has a space or a character that no DSN has")
        }
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else { throw Problem(detail: "begins neither with https:// nor with http://") }
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) else {
            throw Problem(detail: "has a query or a fragment")
        }
        let rest = text.dropFirst(isSecure ? "https://".count : "http://".count)
        guard let slash = rest.firstIndex(of: "/") else { throw Problem(detail: "names no project") }
        let authority = rest[..<slash].split(separator: "@", omittingEmptySubsequences: false)
        guard authority.count == 2 else { throw Problem(detail: "has no key before the host") }
        // Old ones have a secret behind a colon, which nobody asks for any more.
        let key = authority[0].prefix { $0 != ":" }
        guard !key.isEmpty, key.utf8.allSatisfy(Self.isWord) else { throw Problem(detail: "has a key that is none") }
        let address = try Self.checked(authority[1])
        var path = rest[slash...].split(separator: "/", omittingEmptySubsequences: false)
        guard let project = path.popLast(), !project.isEmpty, project.utf8.allSatisfy(Self.isWord) else {
            throw Problem(detail: "names no project")
        }
        envelopeURL = "\(isSecure ? "https" : "http")://\(address)\(path.joined(separator: "/"))/api/\(project)/envelope/"
        publicKey = String(key)
    }

    package var description: String { "SentryDSN" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The value of `X-Sentry-Auth`.
    func authorization(client: String) -> String {
        "Sentry sentry_version=7, sentry_client=\(client), sentry_key=\(publicKey)"
    }

    private static func checked(_ address: Substring) throws(Problem) -> Substring {
        let isLiteral = address.hasPrefix("[")
        let host = isLiteral ? address.prefix { $0 != "]" } : address.prefix { $0 != ":" }
        guard !host.dropFirst(isLiteral ? 1 : 0).isEmpty else { throw Problem(detail: "has no host") }
        let behind = address.dropFirst(host.count + (isLiteral ? 1 : 0))
        if !behind.isEmpty {
            guard behind.hasPrefix(":"), let port = Int(behind.dropFirst()), (1...65535).contains(port) else {
                throw Problem(detail: "has a port that is no number from 1 to 65535")
            }
        }
        return address
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
