import Crypto
import CryptoExtras
import FoundationEssentials
package import SeaworthySchema

/// The keys that access tokens are signed with: the first signs, all verify, so that one is replaced without a token that stops working.
package struct SigningKeys: Sendable {
    package struct Key: Sendable {
        enum Secret: Sendable {
            case ed25519(Curve25519.Signing.PrivateKey)
            case p256(P256.Signing.PrivateKey)
        }

        let secret: Secret
        /// The key's thumbprint (RFC 7638): the same on every node, and never another key's.
        package let id: String

        /// The name of the algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
        package var algorithm: String {
            switch secret {
            case .ed25519: "EdDSA"
            case .p256: "ES256"
            }
        }

        init(_ secret: Secret) {
            self.secret = secret
            // Its members in lexical order, without spaces.
            id = RandomSecret.hash(JSONValue.object(JSONObject(Self.members(secret))).compactText)
        }

        /// The signature of RFC 7515: for ES256 the two numbers one behind the other (RFC 7518 section 3.4).
        func sign(_ bytes: [UInt8]) throws -> [UInt8] {
            switch secret {
            case .ed25519(let key): Array(try key.signature(for: bytes))
            case .p256(let key): Array(try key.signature(for: bytes).rawRepresentation)
            }
        }

        func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
            switch secret {
            case .ed25519(let key): key.publicKey.isValidSignature(signature, for: bytes)
            case .p256(let key):
                (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map { key.publicKey.isValidSignature($0, for: bytes) }
                    ?? false
            }
        }

        /// The public key as a JSON Web Key (RFC 7517).
        package var json: JSONValue {
            .object(
                JSONObject(
                    Self.members(secret) + [
                        .init(name: "kid", value: .string(id)), .init(name: "alg", value: .string(algorithm)),
                        .init(name: "use", value: "sig"),
                    ]))
        }

        private static func members(_ secret: Secret) -> [JSONObject.Member] {
            switch secret {
            case .ed25519(let key):
                [
                    .init(name: "crv", value: "Ed25519"), .init(name: "kty", value: "OKP"),
                    .init(name: "x", value: .string(Base64URL.text(of: key.publicKey.rawRepresentation))),
                ]
            case .p256(let key):
                // The two coordinates, 32 bytes each.
                [
                    .init(name: "crv", value: "P-256"), .init(name: "kty", value: "EC"),
                    .init(name: "x", value: .string(Base64URL.text(of: key.publicKey.rawRepresentation.prefix(32)))),
                    .init(name: "y", value: .string(Base64URL.text(of: key.publicKey.rawRepresentation.suffix(32)))),
                ]
            }
        }
    }

    /// Never empty.
    package let all: [Key]
    package var first: Key { all[0] }

    /// `/.well-known/jwks.json` (RFC 7517 section 5).
    package var json: JSONValue { ["keys": .array(all.map(\.json))] }

    /// What is wrong with a bundle of keys; says which one by its place, never what it is.
    package enum Fault: Error, Sendable, Equatable {
        case empty
        case tooMany(Int)
        /// No private key in PEM, PKCS#8, of Ed25519 or P-256.
        case unreadable(Int)
        case repeated(Int)
    }

    /// The most keys of a bundle.
    package static let maximumCount = 8

    // Of PKCS#8; other forms have another word before «private».
    private static let label = "PRIVATE KEY-----"
    private static let begin = "-----BEGIN " + label
    private static let end = "-----END " + label

    /// Reads private keys in PEM one behind another: PKCS#8 (RFC 5958), Ed25519 or P-256.
    package init(pem text: String) throws(Fault) {
        let end = Self.end
        var keys: [Key] = []
        for part in text.split(separator: end).map(String.init) {
            guard !part.allSatisfy(\.isWhitespace) else { continue }
            let pem = part.drop(while: \.isWhitespace) + end + "\n"
            guard let secret = Self.secret(String(pem)) else { throw .unreadable(keys.count + 1) }
            let key = Key(secret)
            guard !keys.contains(where: { $0.id == key.id }) else { throw .repeated(keys.count + 1) }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw .empty }
        guard keys.count <= Self.maximumCount else { throw .tooMany(keys.count) }
        all = keys
    }

    /// Keys of Ed25519 from the application's secret keys, where there are none of their own: they change with those.
    package init(secretKeys: [[UInt8]]) {
        all = DerivedKeys.keys(secretKeys, for: "access token").compactMap { derived in
            (try? Curve25519.Signing.PrivateKey(rawRepresentation: derived.withUnsafeBytes { Data($0) })).map { Key(.ed25519($0)) }
        }
    }

    private static func secret(_ pem: String) -> Key.Secret? {
        guard pem.hasPrefix(begin) else { return nil }
        if let key = try? Curve25519.Signing.PrivateKey(pemRepresentation: pem) { return .ed25519(key) }
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) { return .p256(key) }
        return nil
    }
}
