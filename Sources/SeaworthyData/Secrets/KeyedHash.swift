import Crypto
import SeaworthySchema

/// A hash that nobody can make or guess from without the application's secret keys: HMAC-SHA256 (RFC 2104) in base64url.
package struct KeyedHash: Sendable {
    private let keys: [SymmetricKey]

    package init(secretKeys: [[UInt8]], purpose: String) {
        keys = DerivedKeys.keys(secretKeys, for: purpose)
    }

    /// With each of the keys; the first is the one to store.
    package func hashes(of text: String) -> [String] {
        keys.map { Base64URL.text(of: Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: $0))) }
    }

    package func hash(of text: String) -> String { hashes(of: text).first ?? "" }
}
