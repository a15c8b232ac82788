import Crypto
import SeaworthySchema

/// The signatures that are accepted (RFC 7518 3.1, RFC 8037). Neither `none` nor those with a shared secret are among them: with a
/// public key as the secret anybody could make those.
enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case es256 = "ES256"
    case es384 = "ES384"
    /// Ed25519.
    case edDSA = "EdDSA"

    /// The left half of the hash that goes with the signature, as `at_hash` has it (OpenID Connect Core 3.1.3.6).
    func halfHash(of text: String) -> String {
        let bytes = Array(text.utf8)
        let hash: [UInt8] =
            switch self {
            case .rs256, .ps256, .es256: Array(SHA256.hash(data: bytes))
            case .rs384, .es384: Array(SHA384.hash(data: bytes))
            // Ed25519 hashes with SHA-512 within, which is what providers take.
            case .rs512, .edDSA: Array(SHA512.hash(data: bytes))
            }
        return Base64URL.text(of: hash.prefix(hash.count / 2))
    }
}
