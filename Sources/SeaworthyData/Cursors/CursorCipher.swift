import Crypto
import FoundationEssentials
import SeaworthySchema

/// Seals the position that a cursor carries, so that a client can neither read the values in it nor make one up.
///
/// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce and the binding as authenticated data; keys by HKDF-SHA256 (RFC 5869) from
/// the application's secret keys. The first key seals, all open.
struct CursorCipher: Sendable {
    private let keys: [SymmetricKey]

    /// The longest position that is sealed: longer ones would make an address that is refused (base64 takes a third more). A page whose last
    /// record has sort values longer than that has no cursor.
    static let maximumPositionBytes = 8 * 1024

    /// The longest text of a cursor that is looked at, in bytes. It is bounded by the URL's length anyway.
    private static let maximumLength = 16 * 1024

    init(secretKeys: [[UInt8]]) {
        keys = secretKeys.map {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: $0), info: Data("seaworthy cursor v1".utf8), outputByteCount: 32)
        }
    }

    func seal(_ position: [UInt8], binding: [UInt8]) -> String {
        // Sealing fails only for a nonce of the wrong size or data beyond 64 GiB, neither of which can be; a page without a cursor is
        // then the safe answer.
        guard let key = keys.first, let box = try? AES.GCM.seal(position, using: key, authenticating: binding), let data = box.combined
        else {
            return ""
        }
        return Base64URL.text(of: data)
    }

    /// The position; nil when the text is no cursor of this binding and these keys.
    func open(_ text: String, binding: [UInt8]) -> [UInt8]? {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding),
            // One cursor has one text: no padding, no other alphabet, no bits that decoding passes over.
            Base64URL.text(of: data).hasSameBytes(as: text), let box = try? AES.GCM.SealedBox(combined: data)
        else { return nil }
        for key in keys {
            if let position = try? AES.GCM.open(box, using: key, authenticating: binding) { return Array(position) }
        }
        return nil
    }
}
