/// Which metadata values never reach the log.
///
/// A key is compared without case and without separators, so `Set-Cookie`, `set_cookie` and `setCookie` are the same.
/// Only keys are looked at: a secret written into a message or under an innocent key is not recognised.
enum LogRedaction {
    static let replacement = "[redacted]"

    /// A key that contains one of these is redacted.
    static let fragments = [
        "authorization", "cookie", "password", "passwd", "secret", "apikey", "privatekey", "signingkey", "encryptionkey", "credential",
    ]
    /// A key that ends in one of these is redacted; `tokenCount` is not.
    static let endings = ["token", "tokens", "databaseurl", "redisurl", "smtpurl", "dsn"]

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
}
