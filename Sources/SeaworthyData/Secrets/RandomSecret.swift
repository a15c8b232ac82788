import Crypto
import SeaworthySchema

/// Secrets that the server makes for somebody: enough random bits that a plain hash of one is as good as the secret is long.
package enum RandomSecret {
    /// 256 random bits in base64url: 43 characters.
    package static func make(bytes: Int = 32) -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.text(of: (0..<bytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// What of a secret is stored: SHA-256 in base64url.
    static func hash(_ secret: String) -> String {
        Base64URL.text(of: Array(SHA256.hash(data: Array(secret.utf8))))
    }
}
