import Crypto
import SeaworthySchema

/// Values that nobody guesses.
enum RandomText {
    /// 256 bits of the system's generator, as 43 characters that need no escape in an address: just what RFC 7636 4.1 asks of a code
    /// verifier.
    static func make() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Base64URL.text(of: $0) }
    }
}

/// Proof key for code exchange (RFC 7636), S256.
enum ProofKey {
    static let method = "S256"

    static func challenge(of codeVerifier: String) -> String {
        Base64URL.text(of: Array(SHA256.hash(data: Array(codeVerifier.utf8))))
    }
}
