import Crypto
import SeaworthySchema

/// Codes by time (TOTP, RFC 6238): SHA-1, six digits, thirty seconds, which is what authenticator apps assume.
struct TimeCode: Sendable {
    static let secretBytes = 20
    static let period: Int64 = 30
    static let digits = 6
    /// How many steps a clock may be before or behind ours.
    static let tolerance: Int64 = 1

    let secret: [UInt8]

    static func makeSecret() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The code of a time step (RFC 4226 section 5.3).
    func code(step: Int64) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> Int64(56 - $0 * 8)) }
        let hash = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(hash[hash.count - 1] & 15)
        let number = hash[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.count) + text
    }

    /// The step of which this is the code, around a time in microseconds since the epoch; nil where it is none, or one that was taken before.
    ///
    /// - Parameter last: the last step of which a code was taken.
    func step(of code: String, at now: Int64, after last: Int64?) -> Int64? {
        let current = now / 1_000_000 / Self.period
        var found: Int64?
        // Every step is compared whatever came before, so that the time tells nothing.
        for step in (current - Self.tolerance)...(current + Self.tolerance) {
            if self.code(step: step).isSameSecret(as: code), step > last ?? .min { found = step }
        }
        return found
    }

    /// What an authenticator app reads as a QR code (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
    func uri(issuer: String, account: String) -> String {
        let (issuer, account) = (issuer.percentEncoded, account.percentEncoded)
        return
            "otpauth://totp/\(issuer):\(account)?secret=\(Base32.text(of: secret))&issuer=\(issuer)&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.period)"
    }
}
