import Crypto
import FoundationEssentials

/// Keys for one purpose from the application's secret keys: by HKDF-SHA256 (RFC 5869), so that what is made with one is of no use elsewhere.
enum DerivedKeys {
    /// In the order of the secret keys: the first makes, all are known.
    static func keys(_ secretKeys: [[UInt8]], for purpose: String) -> [SymmetricKey] {
        secretKeys.map {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: $0), info: Data("seaworthy \(purpose) v1".utf8), outputByteCount: 32)
        }
    }
}
