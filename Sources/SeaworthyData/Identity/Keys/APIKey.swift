/// An API key as it is sent: `sw_<prefix>_<secret>`. The prefix names the key and is shown; the secret is 256 random bits, told once.
struct APIKey: Sendable {
    /// What no access token begins with, and by which a key is found that was published by mistake.
    static let mark = "sw_"
    /// 60 random bits.
    static let prefixLength = 12
    static let secretLength = 43

    let prefix: String
    let secret: String

    /// A new one.
    init() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<8).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        prefix = String(Base32.text(of: bytes).lowercased().prefix(Self.prefixLength))
        secret = RandomSecret.make()
    }

    /// Nil for what has not just the form of a key.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let start = Self.mark.utf8.count
        guard Self.isMeant(by: text), bytes.count == start + Self.prefixLength + 1 + Self.secretLength,
            bytes[start + Self.prefixLength] == UInt8(ascii: "_")
        else { return nil }
        let prefix = bytes[start..<start + Self.prefixLength]
        let secret = bytes.suffix(Self.secretLength)
        guard prefix.allSatisfy(Self.isInPrefix), secret.allSatisfy(Self.isInSecret) else { return nil }
        self.prefix = String(decoding: prefix, as: UTF8.self)
        self.secret = String(decoding: secret, as: UTF8.self)
    }

    var text: String { "\(Self.mark)\(prefix)_\(secret)" }

    /// Whether a bearer's token is to be a key, and no access token.
    static func isMeant(by text: String) -> Bool { text.utf8.starts(with: mark.utf8) }

    /// The prefix that somebody means who gives it, with what stands before and behind it or without; nil for what holds none.
    static func prefix(meantBy text: String) -> String? {
        let rest = isMeant(by: text) ? text.dropFirst(mark.count) : text[...]
        let prefix = rest.prefix { $0 != "_" }
        guard prefix.utf8.count == prefixLength, prefix.utf8.allSatisfy(isInPrefix) else { return nil }
        return String(prefix)
    }

    private static func isInPrefix(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains(byte)
    }

    private static func isInSecret(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
