import Crypto
import CryptoExtras
import SeaworthySchema

/// A public key that a provider signs with, from a JSON Web Key (RFC 7517, RFC 7518 6, RFC 8037).
struct VerificationKey: Sendable {
    private enum Material: Sendable {
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    /// A modulus of 8,192 bits, where BoringSSL ends too: larger ones only cost time.
    static let maximumModulusBytes = 1_024

    /// `kid`.
    let id: String?
    /// The issuer that Entra lets the key sign for, with `{tenantid}` in it or one tenant.
    let issuer: String?
    private let algorithm: String?
    private let material: Material

    /// nil for a key that cannot verify here: of another kind or size, for encryption, or with its private part, which the world then
    /// knows. A set may have such keys (RFC 7517 5).
    init?(_ value: JSONValue) {
        guard case .object(let object) = value, object["d"] == nil, object["k"] == nil else { return nil }
        if let use = object["use"], use != "sig" { return nil }
        if let operations = object["key_ops"] {
            guard case .array(let list) = operations, list.contains("verify") else { return nil }
        }
        guard let material = Self.material(object) else { return nil }
        for name in ["kid", "alg"] {
            switch object[name] {
            case nil, .string: break
            default: return nil
            }
        }
        self.material = material
        id = object.text("kid")
        issuer = object.text("issuer")
        algorithm = object.text("alg")
    }

    private static func material(_ object: JSONObject) -> Material? {
        func bytes(_ name: String) -> [UInt8]? { object.text(name).flatMap(Base64URL.bytes) }
        switch (object.text("kty"), object.text("crv")) {
        case ("RSA", _):
            // swift-crypto refuses less than 2,048 bits.
            guard let n = bytes("n"), let e = bytes("e"), n.count <= maximumModulusBytes else { return nil }
            return (try? _RSA.Signing.PublicKey(n: n, e: e)).map(Material.rsa)
        case ("EC", "P-256"):
            guard let x = bytes("x"), let y = bytes("y"), x.count == 32, y.count == 32 else { return nil }
            return (try? P256.Signing.PublicKey(rawRepresentation: x + y)).map(Material.p256)
        case ("EC", "P-384"):
            guard let x = bytes("x"), let y = bytes("y"), x.count == 48, y.count == 48 else { return nil }
            return (try? P384.Signing.PublicKey(rawRepresentation: x + y)).map(Material.p384)
        case ("OKP", "Ed25519"):
            guard let x = bytes("x") else { return nil }
            return (try? Curve25519.Signing.PublicKey(rawRepresentation: x)).map(Material.ed25519)
        default: return nil
        }
    }

    /// Whether the key may make such signatures: of the same kind, and not meant for another algorithm.
    func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        guard self.algorithm == nil || self.algorithm == algorithm.rawValue else { return false }
        return switch (material, algorithm) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.p256, .es256), (.p384, .es384), (.ed25519, .edDSA): true
        default: false
        }
    }

    /// - Returns: false also for an algorithm that the key does not fit.
    func isValid(signature: [UInt8], of bytes: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        switch (material, algorithm) {
        case (.rsa(let key), .rs256):
            key.isValidSignature(.init(rawRepresentation: signature), for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case (.rsa(let key), .rs384):
            key.isValidSignature(.init(rawRepresentation: signature), for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case (.rsa(let key), .rs512):
            key.isValidSignature(.init(rawRepresentation: signature), for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case (.rsa(let key), .ps256):
            key.isValidSignature(.init(rawRepresentation: signature), for: SHA256.hash(data: bytes), padding: .PSS)
        case (.p256(let key), .es256):
            (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: bytes) } ?? false
        case (.p384(let key), .es384):
            (try? P384.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: bytes) } ?? false
        case (.ed25519(let key), .edDSA): key.isValidSignature(signature, for: bytes)
        default: false
        }
    }
}
