import Crypto
import CryptoExtras
import Foundation
import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `Access tokens` {
    private static let keys = SigningKeys(secretKeys: TestStore.secretKeys)
    private static let now = TestStore.now

    private static func tokens(_ keys: SigningKeys = keys, issuer: String = "https://app.example", audience: String = "app") -> AccessTokens
    {
        AccessTokens(keys, issuer: issuer, audience: audience, lifetime: .seconds(900))
    }

    private static func text(_ bytes: String) -> String { Base64URL.text(of: Array(bytes.utf8)) }

    private static func part(_ token: String, _ index: Int) throws -> JSONObject {
        let parts = token.split(separator: ".")
        let bytes = try #require(Base64URL.bytes(of: parts[index]))
        guard case .object(let object) = try JSONParser.parse(String(decoding: bytes, as: UTF8.self)) else { return [:] }
        return object
    }

    private static func refusal(_ tokens: AccessTokens, _ token: String, at time: Int64 = now) async -> String {
        await identityRefusal { try tokens.claims(of: token, now: time) }
    }

    @Test func `say what RFC 9068 asks for, and are verified`() async throws {
        let tokens = Self.tokens()
        let token = try tokens.make(user: "u", session: "s", now: Self.now)
        let header = try Self.part(token, 0)
        #expect(header["alg"] == "EdDSA" && header["typ"] == "at+jwt" && header["kid"] == .string(Self.keys.first.id))
        let claims = try tokens.claims(of: token, now: Self.now)
        let seconds = Self.now / 1_000_000
        #expect(claims == .init(iss: "https://app.example", aud: "app", sub: "u", sid: "s", iat: seconds, exp: seconds + 900))
        // As another would verify it: with the public key alone.
        let jwk = Self.keys.json
        guard case .object(let set) = jwk, case .array(let list)? = set["keys"], case .object(let key)? = list.first,
            case .string(let x)? = key["x"]
        else { throw Failure() }
        let publicKey = try Curve25519.Signing.PublicKey(rawRepresentation: Data(Base64URL.bytes(of: x) ?? []))
        let parts = token.split(separator: ".")
        let signature = try #require(Base64URL.bytes(of: parts[2]))
        #expect(publicKey.isValidSignature(Data(signature), for: Data("\(parts[0]).\(parts[1])".utf8)))
        #expect(key["kid"] == .string(Self.keys.first.id) && key["d"] == nil)
    }

    private struct Failure: Error {}

    @Test func `are good for their time only`() async throws {
        let tokens = Self.tokens()
        let token = try tokens.make(user: "u", session: "s", now: Self.now)
        await #expect(Self.refusal(tokens, token, at: Self.now + 899_999_999) == "done")
        await #expect(Self.refusal(tokens, token, at: Self.now + 900_000_000) == "invalid_token")
        await #expect(Self.refusal(tokens, token, at: Self.now - 60_000_000) == "done")
        await #expect(Self.refusal(tokens, token, at: Self.now - 61_000_000) == "invalid_token")
    }

    @Test func `of or for another server are refused`() async throws {
        let token = try Self.tokens(issuer: "https://evil.example").make(user: "u", session: "s", now: Self.now)
        await #expect(Self.refusal(Self.tokens(), token) == "invalid_token")
        let other = try Self.tokens(audience: "other").make(user: "u", session: "s", now: Self.now)
        await #expect(Self.refusal(Self.tokens(), other) == "invalid_token")
    }

    @Test func `with another header, signature or content are refused`() async throws {
        let tokens = Self.tokens()
        let token = try tokens.make(user: "u", session: "s", now: Self.now)
        let parts = token.split(separator: ".").map(String.init)
        let kid = Self.keys.first.id
        let publicKey: [UInt8] =
            switch Self.keys.first.secret {
            case .ed25519(let key): Array(key.publicKey.rawRepresentation)
            case .p256(let key): Array(key.publicKey.rawRepresentation)
            }
        func signed(_ header: String, _ payload: String) -> String {
            let text = "\(Self.text(header)).\(payload)"
            guard case .ed25519(let key) = Self.keys.first.secret, let signature = try? key.signature(for: Data(text.utf8)) else {
                return ""
            }
            return "\(text).\(Base64URL.text(of: Array(signature)))"
        }
        // Key confusion: the public key as the secret of HMAC.
        func confused(_ header: String) -> String {
            let text = "\(Self.text(header)).\(parts[1])"
            let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: publicKey))
            return "\(text).\(Base64URL.text(of: Array(code)))"
        }
        let bad: [(String, String)] = [
            ("none", "\(Self.text(#"{"alg":"none","kid":"\#(kid)","typ":"at+jwt"}"#)).\(parts[1])."),
            ("none, with the old signature", "\(Self.text(#"{"alg":"none","kid":"\#(kid)","typ":"at+jwt"}"#)).\(parts[1]).\(parts[2])"),
            ("HS256", confused(#"{"alg":"HS256","kid":"\#(kid)","typ":"at+jwt"}"#)),
            ("EdDSA said, HMAC made", confused(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt"}"#)),
            ("another algorithm than the key's", signed(#"{"alg":"ES256","kid":"\#(kid)","typ":"at+jwt"}"#, parts[1])),
            ("no key", signed(#"{"alg":"EdDSA","typ":"at+jwt"}"#, parts[1])),
            ("an unknown key", signed(#"{"alg":"EdDSA","kid":"../../keys","typ":"at+jwt"}"#, parts[1])),
            ("a key of its own", signed(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt","jwk":{}}"#, parts[1])),
            ("an address of keys", signed(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt","jku":"https://evil.example"}"#, parts[1])),
            ("something critical", signed(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt","crit":["x"]}"#, parts[1])),
            ("another type", signed(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"JWT"}"#, parts[1])),
            ("a member twice", signed(#"{"alg":"EdDSA","alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt"}"#, parts[1])),
            ("no claims", signed(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt"}"#, Self.text("{}"))),
            (
                "other claims",
                "\(parts[0]).\(Self.text(#"{"iss":"https://app.example","aud":"app","sub":"v","sid":"s","iat":1720096200,"exp":1720097100}"#)).\(parts[2])"
            ),
            ("two parts", "\(parts[0]).\(parts[1])"), ("four parts", "\(token).x"), ("nothing", ""), ("dots", ".."),
            ("padding", "\(parts[0])=.\(parts[1]).\(parts[2])"), ("too long", token + String(repeating: "A", count: 4096)),
        ]
        for (what, token) in bad { await #expect(Self.refusal(tokens, token) == "invalid_token", "\(what)") }
        // What is made as those above, and is right, is taken.
        await #expect(Self.refusal(tokens, signed(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt"}"#, parts[1])) == "done")
        // Each letter of it counts.
        for index in stride(from: 0, to: token.utf8.count, by: 7) {
            var bytes = Array(token.utf8)
            bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let other = String(decoding: bytes, as: UTF8.self)
            await #expect(Self.refusal(tokens, other) == "invalid_token", "letter \(index)")
        }
    }

    // MARK: Keys

    @Test func `are signed with keys of Ed25519 or P-256 in PEM, the first of several`() async throws {
        let (first, second) = (P256.Signing.PrivateKey(), Curve25519.Signing.PrivateKey())
        let pem = first.pemRepresentation + "\n\n" + second.pemRepresentation + "\n"
        let keys = try SigningKeys(pem: pem)
        #expect(keys.all.map(\.algorithm) == ["ES256", "EdDSA"])
        let tokens = Self.tokens(keys)
        let token = try tokens.make(user: "u", session: "s", now: Self.now)
        #expect(try Self.part(token, 0)["alg"] == "ES256")
        await #expect(Self.refusal(tokens, token) == "done")
        // A key goes out of use with overlap: it is no longer the first, and still verifies.
        let rotated = try Self.tokens(SigningKeys(pem: second.pemRepresentation + first.pemRepresentation))
        await #expect(Self.refusal(rotated, token) == "done")
        #expect(try Self.part(try rotated.make(user: "u", session: "s", now: Self.now), 0)["alg"] == "EdDSA")
        await #expect(Self.refusal(try Self.tokens(SigningKeys(pem: second.pemRepresentation)), token) == "invalid_token")
        guard case .object(let set) = keys.json, case .array(let list)? = set["keys"], case .object(let key)? = list.first else { return }
        #expect(key["kty"] == "EC" && key["crv"] == "P-256" && key["d"] == nil)
        let coordinates = try ["x", "y"].map { name -> [UInt8] in
            guard case .string(let text)? = key[name] else { return [] }
            return try #require(Base64URL.bytes(of: text))
        }
        #expect(coordinates[0] + coordinates[1] == Array(first.publicKey.rawRepresentation))
    }

    // RFC 7638 has no example of Ed25519; this is that of RFC 8037, appendix A.3.
    @Test func `name a key by its thumbprint`() throws {
        let seed = try #require(Base64URL.bytes(of: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
        let key = SigningKeys.Key(.ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: Data(seed))))
        #expect(key.id == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    @Test func `are not signed with what is no such key`() throws {
        let good = Curve25519.Signing.PrivateKey().pemRepresentation
        let curve = P384.Signing.PrivateKey().pemRepresentation
        #expect(throws: SigningKeys.Fault.empty) { try SigningKeys(pem: "  \n") }
        #expect(throws: SigningKeys.Fault.unreadable(1)) { try SigningKeys(pem: "secret") }
        #expect(throws: SigningKeys.Fault.unreadable(2)) { try SigningKeys(pem: good + "\n" + curve) }
        #expect(throws: SigningKeys.Fault.unreadable(1)) {
            try SigningKeys(pem: Curve25519.Signing.PrivateKey().publicKey.pemRepresentation)
        }
        #expect(throws: SigningKeys.Fault.repeated(2)) { try SigningKeys(pem: good + good) }
        let many = (0..<9).map { _ in Curve25519.Signing.PrivateKey().pemRepresentation }.joined()
        #expect(throws: SigningKeys.Fault.tooMany(9)) { try SigningKeys(pem: many) }
    }
}

@Suite struct `Secrets` {
    @Test func `in base64 for URLs have one form`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 5) }
            #expect(Base64URL.bytes(of: Base64URL.text(of: bytes)) == bytes)
        }
        // RFC 4648, section 10.
        #expect(Base64URL.text(of: Array("foobar".utf8)) == "Zm9vYmFy" && Base64URL.bytes(of: "Zm8") == Array("fo".utf8))
        for text in ["Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 8", "Zm9vYmFyZ"] where text != "Zm9" {
            #expect(Base64URL.bytes(of: text) == nil, "\(text)")
        }
        #expect(Base64URL.bytes(of: "Zm9") == nil)
    }

    @Test func `that are sealed open with what they are bound to, and with any of the keys`() throws {
        let (old, new): ([UInt8], [UInt8]) = (Array(repeating: 1, count: 32), Array(repeating: 2, count: 32))
        let text = try #require(SecretBox(secretKeys: [old], purpose: "a").seal([1, 2, 3], binding: [9]))
        #expect(SecretBox(secretKeys: [new, old], purpose: "a").open(text, binding: [9]) == [1, 2, 3])
        #expect(SecretBox(secretKeys: [new], purpose: "a").open(text, binding: [9]) == nil)
        #expect(SecretBox(secretKeys: [old], purpose: "b").open(text, binding: [9]) == nil)
        #expect(SecretBox(secretKeys: [old], purpose: "a").open(text, binding: []) == nil)
        #expect(SecretBox(secretKeys: [old], purpose: "a").open(text + "A", binding: [9]) == nil)
        #expect(SecretBox(secretKeys: [old], purpose: "a").open("", binding: [9]) == nil)
        #expect(SecretBox(secretKeys: [], purpose: "a").seal([1], binding: []) == nil)
    }

    @Test func `are compared whole, by their bytes`() {
        #expect(!"K".isSameSecret(as: "\u{212A}"))
        #expect("abc".isSameSecret(as: "abc") && !"abc".isSameSecret(as: "abd") && !"abc".isSameSecret(as: "ab") && "".isSameSecret(as: ""))
        #expect(RandomSecret.make() != RandomSecret.make() && RandomSecret.make().utf8.count == 43)
    }
}
