import Crypto
import FoundationEssentials
import SeaworthySchema

/// Encrypts what leaves the server and must come back as it was, or what is stored and must not be read from the database.
///
/// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; keys of ``DerivedKeys``. The first key seals, all open.
struct SecretBox: Sendable {
    private let keys: [SymmetricKey]

    init(secretKeys: [[UInt8]], purpose: String) {
        keys = DerivedKeys.keys(secretKeys, for: purpose)
    }

    /// The sealed bytes in base64url; nil without a key.
    ///
    /// - Parameter binding: what has to be said again to open it.
    func seal(_ bytes: [UInt8], binding: [UInt8]) -> String? {
        // Sealing fails only for a nonce of the wrong size or data beyond 64 GiB, neither of which can be.
        guard let key = keys.first, let box = try? AES.GCM.seal(bytes, using: key, authenticating: binding), let data = box.combined else {
            return nil
        }
        return Base64URL.text(of: data)
    }

    /// What was sealed; nil where the text was not made with this binding and one of the keys.
    func open(_ text: String, binding: [UInt8]) -> [UInt8]? {
        guard let bytes = Base64URL.bytes(of: text), let box = try? AES.GCM.SealedBox(combined: bytes) else { return nil }
        for key in keys {
            if let opened = try? AES.GCM.open(box, using: key, authenticating: binding) { return Array(opened) }
        }
        return nil
    }
}
