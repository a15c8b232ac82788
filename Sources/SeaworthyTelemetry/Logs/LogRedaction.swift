/// What never reaches the log: values under keys that name secrets, and within any text what looks like one, or is one of the server's own.
package struct LogRedaction: Sendable {
    static let replacement = "[redacted]"
    /// Shorter ones stand in other words by chance.
    static let shortestSecret = 8
    /// Of longer ones that run over the end of a cut text only the beginning is looked at.
    static let longestSecret = 4096

    /// A key that contains one of these is redacted.
    static let fragments = [
        "authorization", "cookie", "password", "passwd", "secret", "apikey", "privatekey", "signingkey", "encryptionkey", "credential",
    ]
    /// A key that ends in one of these is redacted; `tokenCount` is not.
    static let endings = ["token", "tokens", "databaseurl", "redisurl", "smtpurl", "dsn"]

    /// By their first byte, the longest first: one may stand in another. Nothing where there are none.
    private let secrets: [[[UInt8]]]

    /// - Parameter secrets: the server's own, such as the values of its settings.
    package init(secrets: [String] = []) {
        let bytes = Set(secrets).map { Array($0.utf8) }.filter { $0.count >= Self.shortestSecret }.sorted { $0.count > $1.count }
        self.secrets = bytes.isEmpty ? [] : (0...255).map { first in bytes.filter { $0[0] == first } }
    }

    /// Whether all that stands under a key is hidden. It is compared without case and without separators, so `Set-Cookie`, `set_cookie` and
    /// `setCookie` are the same.
    static func hides(_ key: String) -> Bool {
        var letters: [UInt8] = []
        letters.reserveCapacity(key.utf8.count)
        for byte in key.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): letters.append(byte | 0x20)
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: " "): continue
            default: letters.append(byte)
            }
        }
        let name = String(decoding: letters, as: UTF8.self)
        return endings.contains { name.hasSuffix($0) } || fragments.contains { name.contains($0) }
    }

    /// A text without the secrets in it.
    func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = ranges(in: bytes)
        return ranges.isEmpty ? text : String(decoding: Self.masked(bytes, ranges, end: bytes.count), as: UTF8.self)
    }

    /// The first `limit` bytes of a text without the secrets that begin in them, cut before a scalar that would not fit. What was cut is shown by
    /// `…`.
    ///
    /// It looks at a bounded part, however long the text is.
    func masked(_ text: Substring, limit: Int) -> String {
        let bytes = Array(text.utf8.prefix(limit + Self.longestSecret))
        var end = min(limit, bytes.count)
        guard end < bytes.count else { return masked(String(text)) }
        while end > 0, bytes[end] & 0b1100_0000 == 0b1000_0000 { end -= 1 }
        return String(decoding: Self.masked(bytes, ranges(in: bytes), end: end), as: UTF8.self) + "…"
    }

    private func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges = SecretShape.ranges(in: bytes)
        guard !secrets.isEmpty else { return ranges }
        for (start, byte) in bytes.enumerated() {
            for secret in secrets[Int(byte)] where bytes[start...].starts(with: secret) {
                ranges.append(start..<(start + secret.count))
                break
            }
        }
        return ranges.sorted { $0.lowerBound < $1.lowerBound }
    }

    private static func masked(_ bytes: [UInt8], _ ranges: [Range<Int>], end: Int) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        for range in ranges where range.upperBound > index && range.lowerBound < end {
            result += bytes[index..<max(index, range.lowerBound)]
            if range.lowerBound >= index { result += Array(replacement.utf8) }
            index = range.upperBound
        }
        return result + bytes[min(index, end)..<end]
    }
}
