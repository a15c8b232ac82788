import Crypto
import CryptoExtras
import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

@Suite struct VerificationKeyTests {
    struct Example: Sendable {
        var algorithm: SignatureAlgorithm
        var jwk: JSONObject
        var signed: String
        var signature: String
    }

    /// Tokens that others made: RFC 7515 A.3 and RFC 8037 A.4.
    static let examples = [
        Example(
            algorithm: .es256,
            jwk: [
                "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            ],
            signed: "eyJhbGciOiJFUzI1NiJ9."
                + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"),
        Example(
            algorithm: .edDSA, jwk: ["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"],
            signed: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"),
    ]

    @Test(arguments: examples)
    func `agrees with the examples of the specifications`(example: Example) throws {
        let (algorithm, signed) = (example.algorithm, example.signed)
        let key = try #require(VerificationKey(.object(example.jwk)))
        var bytes = try #require(Base64URL.bytes(of: example.signature))
        #expect(key.isValid(signature: bytes, of: Array(signed.utf8), algorithm))
        bytes[10] ^= 1
        #expect(!key.isValid(signature: bytes, of: Array(signed.utf8), algorithm))
        #expect(!key.isValid(signature: [], of: Array(signed.utf8), algorithm))
        #expect(!key.isValid(signature: bytes, of: Array(signed.utf8), .rs256), "of another kind")
    }

    @Test func `passes over keys that cannot verify here`() throws {
        let rsa = SigningKey.rsa.jwk
        let weak = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1_024)).publicKey.getKeyPrimitives()
        #expect(VerificationKey(.object(rsa)) != nil)
        for (name, value) in [
            ("kty", "oct"), ("kty", nil), ("n", .string(Base64URL.text(of: weak.modulus))), ("n", "no base64!"), ("n", nil), ("e", nil),
            ("n", .string(Base64URL.text(of: [UInt8](repeating: 0xFF, count: 1_025)))), ("use", "enc"), ("key_ops", ["encrypt"]),
            ("key_ops", "verify"), ("d", "AQAB"), ("k", "AQAB"), ("kid", 1), ("alg", 1),
        ] as [(String, JSONValue?)] {
            var jwk = rsa
            jwk.set(name, value)
            #expect(VerificationKey(.object(jwk)) == nil, "\(name) \(value?.kind ?? "missing")")
        }
        for (key, name, value) in [
            (SigningKey.p256, "x", "AQAB"), (.p256, "y", nil), (.p256, "crv", "P-521"), (.p384, "crv", "P-256"), (.p384, "y", "AQAB"),
            (.ed25519, "x", "AQAB"), (.ed25519, "crv", "X25519"), (.ed25519, "x", nil),
            (.p256, "x", .string(String(repeating: "A", count: 43))),
        ] as [(SigningKey, String, JSONValue?)] {
            var jwk = key.jwk
            #expect(VerificationKey(.object(jwk)) != nil)
            jwk.set(name, value)
            #expect(VerificationKey(.object(jwk)) == nil, "\(name) \(value?.kind ?? "missing")")
        }
        #expect(VerificationKey("text") == nil)
        var jwk = rsa
        jwk.set("key_ops", ["verify"])
        #expect(VerificationKey(.object(jwk)) != nil)
    }
}
