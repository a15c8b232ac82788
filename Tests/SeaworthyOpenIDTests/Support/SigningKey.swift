import Crypto
import CryptoExtras
import Foundation
import JWTKit
import SeaworthySchema

@testable import SeaworthyOpenID

/// A private key of the tests' provider. JWTKit makes the signatures, so that another's code agrees with what is tested.
struct SigningKey: Sendable {
    /// The public part as a JSON Web Key, with `kid`, without `alg`.
    var jwk: JSONObject
    private let sign: @Sendable (_ algorithm: String, _ bytes: [UInt8]) async throws -> [UInt8]

    func signature(_ algorithm: String, of bytes: [UInt8]) async throws -> [UInt8] { try await sign(algorithm, bytes) }

    /// Making one takes a second, so there are two for all tests.
    static let rsa = makeRSA("rsa-1")
    static let otherRSA = makeRSA("rsa-2")
    static let p256 = makeP256("p256-1")
    static let p384 = makeP384("p384-1")
    static let ed25519 = makeEd25519("ed-1")

    static func of(_ algorithm: String) -> SigningKey {
        switch algorithm {
        case "ES256": p256
        case "ES384": p384
        case "EdDSA": ed25519
        default: rsa
        }
    }

    private static func makeRSA(_ id: String) -> SigningKey {
        do {
            let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            let primitives = try key.publicKey.getKeyPrimitives()
            let jwk: JSONObject = [
                "kty": "RSA", "kid": .string(id), "use": "sig", "n": .string(Base64URL.text(of: primitives.modulus)),
                "e": .string(Base64URL.text(of: primitives.publicExponent)),
            ]
            return SigningKey(jwk: jwk) { algorithm, bytes in
                let pair = try Insecure.RSA.PrivateKey(backing: key)
                let keys = JWTKeyCollection()
                switch algorithm {
                case "RS384": await keys.add(rsa: pair, digestAlgorithm: .sha384)
                case "RS512": await keys.add(rsa: pair, digestAlgorithm: .sha512)
                case "PS256": await keys.add(pss: pair, digestAlgorithm: .sha256)
                default: await keys.add(rsa: pair, digestAlgorithm: .sha256)
                }
                return try await Array(keys.getKey().sign(bytes))
            }
        } catch {
            preconditionFailure("no RSA key: \(error)")
        }
    }

    private static func makeP256(_ id: String) -> SigningKey {
        let key = P256.Signing.PrivateKey()
        return SigningKey(jwk: curveKey("EC", "P-256", id, Array(key.publicKey.rawRepresentation))) { _, bytes in
            let keys = JWTKeyCollection()
            await keys.add(ecdsa: try ES256PrivateKey(backing: key))
            return try await Array(keys.getKey().sign(bytes))
        }
    }

    private static func makeP384(_ id: String) -> SigningKey {
        let key = P384.Signing.PrivateKey()
        return SigningKey(jwk: curveKey("EC", "P-384", id, Array(key.publicKey.rawRepresentation))) { _, bytes in
            let keys = JWTKeyCollection()
            await keys.add(ecdsa: try ES384PrivateKey(backing: key))
            return try await Array(keys.getKey().sign(bytes))
        }
    }

    private static func makeEd25519(_ id: String) -> SigningKey {
        let key = Curve25519.Signing.PrivateKey()
        var jwk = curveKey("OKP", "Ed25519", id, Array(key.publicKey.rawRepresentation))
        jwk.members.removeAll { $0.name == "y" }
        jwk.members.removeAll { $0.name == "x" }
        jwk.append("x", .string(Base64URL.text(of: key.publicKey.rawRepresentation)))
        return SigningKey(jwk: jwk) { _, bytes in
            let keys = JWTKeyCollection()
            await keys.add(eddsa: EdDSA.PrivateKey(backing: key))
            return try await Array(keys.getKey().sign(bytes))
        }
    }

    private static func curveKey(_ type: String, _ curve: String, _ id: String, _ point: [UInt8]) -> JSONObject {
        [
            "kty": .string(type), "crv": .string(curve), "kid": .string(id),
            "x": .string(Base64URL.text(of: point.prefix(point.count / 2))),
            "y": .string(Base64URL.text(of: point.suffix(point.count / 2))),
        ]
    }
}

extension JSONObject {
    /// Sets or replaces a member; nil takes it away.
    mutating func set(_ name: String, _ value: JSONValue?) {
        members.removeAll { $0.name == name }
        if let value { append(name, value) }
    }
}
