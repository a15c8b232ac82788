package import Crypto
import FoundationEssentials

/// The keys that backups are encrypted with: the first encrypts, all decrypt.
package struct BackupKeys: Sendable {
    package let all: [SymmetricKey]

    /// - Parameter keys: at least one, each of at least 32 bytes.
    package init(_ keys: [[UInt8]]) {
        all = keys.map { SymmetricKey(data: $0) }
    }
}

/// What is derived from one key for one backup, by HKDF (RFC 5869) with the backup's own random salt: no two backups share a key, so
/// that counting nonces never meet twice.
struct DerivedKeys: Sendable {
    /// Encrypts the chunks.
    let chunks: SymmetricKey
    /// Seals the manifest and the mark of a verification.
    let manifest: SymmetricKey
    /// Makes hashes of contents that tell nothing to whoever guesses what a table holds.
    let contents: SymmetricKey
    /// Shows whether a key is the right one, and nothing else of it.
    let check: [UInt8]

    static let checkBytes = 16

    init(_ key: SymmetricKey, salt: [UInt8]) {
        func derive(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key, salt: salt, info: Array("seaworthy backup 1: \(purpose)".utf8), outputByteCount: 32)
        }
        chunks = derive("chunks")
        manifest = derive("manifest")
        contents = derive("contents")
        check = derive("check").withUnsafeBytes { Array($0.prefix(Self.checkBytes)) }
    }
}

extension Sequence<UInt8> {
    /// Lower-case hexadecimal.
    var hexadecimal: String {
        var text: [UInt8] = []
        for byte in self {
            text.append(Self.digit(byte >> 4))
            text.append(Self.digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension [UInt8] {
    /// Bytes of the system's generator.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// Nil for what is no hexadecimal text of whole bytes.
    init?(hexadecimal text: String) {
        let digits = text.utf8.map { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0) }
    }
}
