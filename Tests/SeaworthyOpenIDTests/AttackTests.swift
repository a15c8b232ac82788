import Crypto
import HTTPServing
import NIOHTTP1
import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

/// A provider, or somebody between it and this server, that does something wrong in one way.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let code: OpenIDError.Code
    let reason: String
    let prepare: @Sendable (inout TestProvider.Behaviour) -> Void

    init(
        _ name: String, _ code: OpenIDError.Code, _ reason: String, _ prepare: @escaping @Sendable (inout TestProvider.Behaviour) -> Void
    ) {
        self.name = name
        self.code = code
        self.reason = reason
        self.prepare = prepare
    }

    var testDescription: String { name }
}

extension Attack {
    /// The claims of a token with a right signature.
    static func claim(_ name: String, _ value: JSONValue?, _ problem: String, claim: String? = nil) -> Attack {
        Attack(
            "\(claim ?? name) of the kind: \(value?.compactText.prefix(60) ?? "missing")", .claimsRefused,
            "the claim «\(name)» of the ID token \(problem)"
        ) { $0.claims = { $0.set(name, value) } }
    }

    static func text(_ count: Int) -> JSONValue { .string(String(repeating: "s", count: count)) }

    static let claims: [Attack] = [
        claim("iss", "http://127.0.0.1:1", "is not the provider's issuer"),
        claim("iss", nil, "is not the provider's issuer"),
        claim("aud", "client-2", "does not name this client"),
        claim("aud", ["client-2"], "does not name this client"),
        claim("aud", [], "does not name this client"),
        claim("aud", nil, "does not name this client"),
        claim("aud", ["client-1", 1], "does not name this client"),
        claim("aud", ["client-1", "client-2"], "names an audience that is not trusted"),
        claim("azp", "client-2", "does not name this client"),
        claim("azp", 1, "does not name this client"),
        claim("exp", nil, "is missing, or no moment"),
        claim("exp", "4102444800", "is missing, or no moment"),
        claim("exp", .number("1e300"), "is missing, or no moment"),
        claim("exp", 1, "has passed"),
        claim("exp", .number("-9223372036854775808"), "has passed"),
        claim("exp", .number("1000000000.5"), "has passed"),
        claim("iat", nil, "is missing, or no moment"),
        claim("iat", 4_102_444_800, "is still to come"),
        claim("nbf", 4_102_444_800, "is still to come"),
        claim("nbf", "now", "is no moment"),
        claim("nonce", "another", "is not of this attempt"),
        claim("nonce", nil, "is not of this attempt"),
        claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ", "is not of the access token"),
        claim("at_hash", 1, "is not of the access token"),
        claim("sub", nil, "is not 1 to 255 printable ASCII characters"),
        claim("sub", "", "is not 1 to 255 printable ASCII characters"),
        claim("sub", 7, "is not 1 to 255 printable ASCII characters"),
        claim("sub", text(256), "is not 1 to 255 printable ASCII characters"),
        claim("sub", "a\u{0}b", "is not 1 to 255 printable ASCII characters"),
        claim("sub", "ä", "is not 1 to 255 printable ASCII characters"),
        Attack("azp missing with several audiences", .claimsRefused, "the claim «azp» of the ID token is missing, with several audiences") {
            $0.claims = { $0.set("aud", ["client-1", "trusted"]) }
        },
        // U+212A is the same character as K to Swift, and not the same audience.
        Attack("an audience that only looks like the client", .claimsRefused, "the claim «aud» of the ID token does not name this client") {
            $0.clientID = "K"
            $0.claims = { $0.set("aud", "\u{212A}") }
        },
        Attack("at_hash without an access token", .claimsRefused, "the claim «at_hash» of the ID token is not of the access token") {
            $0.tokenAnswer = { $0.set("access_token", nil) }
        },
        Attack("a member twice", .malformedToken, "the payload of the ID token is no JSON object: a member stands twice") {
            $0.payload = { $0.dropLast() + #","sub":"somebody-else"}"# }
        },
        Attack("a payload that is a list", .malformedToken, "the payload of the ID token is no JSON object: it is an array") {
            $0.payload = { "[\($0)]" }
        },
    ]

    static let noToken = "the ID token is no signed token in compact form"
    static let refusedAlgorithm = "the ID token is signed by none of the algorithms that are accepted and announced"
    static let noKey = "the provider publishes no key that the ID token may be signed with"
    static let badSignature = "the signature of the ID token is not of the provider's key"

    static let signatures: [Attack] = [
        Attack("alg none", .algorithmRefused, refusedAlgorithm) {
            $0.header = { $0.set("alg", "none") }
            $0.signature = { _ in [] }
        },
        Attack("alg nOnE", .algorithmRefused, refusedAlgorithm) {
            $0.header = { $0.set("alg", "nOnE") }
            $0.signature = { _ in [] }
        },
        Attack("no alg", .algorithmRefused, refusedAlgorithm) { $0.header = { $0.set("alg", nil) } },
        Attack("HS256 with the public key as the secret", .algorithmRefused, refusedAlgorithm) {
            $0.header = { $0.set("alg", "HS256") }
            let secret = SymmetricKey(data: Array(JSONValue.object(SigningKey.rsa.jwk).compactText.utf8))
            $0.signature = { Array(HMAC<SHA256>.authenticationCode(for: Array($0.utf8), using: secret)) }
        },
        Attack("an algorithm that is not announced", .algorithmRefused, refusedAlgorithm) {
            $0.document = { $0.set("id_token_signing_alg_values_supported", ["ES256", "RS384"]) }
        },
        Attack("an algorithm that the key is not for", .unknownKey, noKey) {
            $0.header = { $0.set("alg", "ES256") }
        },
        Attack("an algorithm other than that of the key's alg", .unknownKey, noKey) {
            $0.keySet = { set in
                var key = SigningKey.rsa.jwk
                key.set("alg", "RS512")
                set.set("keys", [.object(key)])
            }
        },
        Attack("PS256 said, RS256 done", .invalidSignature, badSignature) { $0.header = { $0.set("alg", "PS256") } },
        Attack("a key of another", .invalidSignature, badSignature) {
            $0.signingKey = .otherRSA
            $0.header = { $0.set("kid", "rsa-1") }
        },
        Attack("a key of its own in the header", .unknownKey, noKey) {
            $0.signingKey = .otherRSA
            $0.header = { $0.set("jwk", .object(SigningKey.otherRSA.jwk)) }
        },
        Attack("an unknown kid", .unknownKey, noKey) { $0.header = { $0.set("kid", "rsa-9") } },
        Attack("a kid that only looks the same", .unknownKey, noKey) {
            $0.keySet = { set in
                var key = SigningKey.rsa.jwk
                key.set("kid", "K")
                set.set("keys", [.object(key)])
            }
            $0.header = { $0.set("kid", "\u{212A}") }
        },
        Attack("a kid that is no text", .malformedToken, "the kid of the ID token is no text") { $0.header = { $0.set("kid", 1) } },
        Attack("no kid, and several keys", .unknownKey, "the provider publishes several keys that the ID token may be signed with") {
            $0.keys = [.rsa, .otherRSA]
            $0.header = { $0.set("kid", nil) }
        },
        Attack("a key for encryption", .unknownKey, noKey) {
            $0.keySet = { set in
                var key = SigningKey.rsa.jwk
                key.set("use", "enc")
                set.set("keys", [.object(key)])
            }
        },
        Attack("a changed payload", .invalidSignature, badSignature) {
            $0.token = { token in
                var parts = token.split(separator: ".").map(String.init)
                parts[1] = Base64URL.text(of: (Base64URL.bytes(of: parts[1]) ?? []) + [0x20])
                return parts.joined(separator: ".")
            }
        },
        Attack("a changed header", .invalidSignature, badSignature) {
            $0.token = { token in
                var parts = token.split(separator: ".").map(String.init)
                parts[0] = Base64URL.text(of: (Base64URL.bytes(of: parts[0]) ?? []) + [0x20])
                return parts.joined(separator: ".")
            }
        },
        Attack("no signature", .invalidSignature, badSignature) { $0.signature = { _ in [] } },
        Attack("an ES256 signature of zeros", .invalidSignature, badSignature) {
            $0.keys = [.p256]
            $0.signingKey = .p256
            $0.algorithm = "ES256"
            $0.signature = { _ in [UInt8](repeating: 0, count: 64) }
        },
        Attack("two parts", .malformedToken, noToken) { $0.token = { $0.split(separator: ".").prefix(2).joined(separator: ".") } },
        Attack("five parts, as an encrypted token", .malformedToken, noToken) { $0.token = { $0 + ".e.e" } },
        Attack("padding", .malformedToken, noToken) { $0.token = { $0 + "=" } },
        Attack("a demanded extension", .malformedToken, "the header of the ID token demands an extension") {
            $0.header = { $0.set("crit", ["exp"]) }
        },
        Attack("an access token", .malformedToken, "the header of the ID token says that it is a token of another kind") {
            $0.header = { $0.set("typ", "at+jwt") }
        },
    ]

    static let discovery = "/.well-known/openid-configuration"

    static func document(_ name: String, _ value: JSONValue?, _ reason: String) -> Attack {
        Attack("\(name) \(value?.compactText ?? "missing")", .invalidDocument, reason) { $0.document = { $0.set(name, value) } }
    }

    static func unusable(_ text: String) -> String { "the discovery document cannot be used: \(text)" }

    static let documents: [Attack] = [
        document("issuer", "https://evil.example", "the issuer of the discovery document is not, to the byte, the one that is set"),
        document("issuer", nil, unusable("«issuer» is missing")),
        document("token_endpoint", "http://169.254.169.254/token", unusable("«token_endpoint» is not encrypted")),
        document("jwks_uri", "http://metadata.example/keys", unusable("«jwks_uri» is not encrypted")),
        document("jwks_uri", "https://user:password@provider.example/keys", unusable("«jwks_uri» is missing, or no address")),
        document("jwks_uri", "file:///etc/passwd", unusable("«jwks_uri» is missing, or no address")),
        document("authorization_endpoint", "javascript:alert(1)", unusable("«authorization_endpoint» is missing, or no address")),
        document("authorization_endpoint", nil, unusable("«authorization_endpoint» is missing, or no address")),
        document("userinfo_endpoint", "http://example.org/", unusable("«userinfo_endpoint» is not encrypted")),
        document("response_types_supported", ["id_token"], unusable("«response_types_supported» does not have code")),
        document("response_types_supported", nil, unusable("«response_types_supported» does not have code")),
        document("code_challenge_methods_supported", "S256", unusable("«code_challenge_methods_supported» does not have S256")),
        document(
            "id_token_signing_alg_values_supported", nil,
            unusable("«id_token_signing_alg_values_supported» has none of RS256 RS384 RS512 PS256 ES256 ES384 EdDSA")),
        document("code_challenge_methods_supported", ["plain"], unusable("«code_challenge_methods_supported» does not have S256")),
        document(
            "id_token_signing_alg_values_supported", ["none", "HS256"],
            unusable("«id_token_signing_alg_values_supported» has none of RS256 RS384 RS512 PS256 ES256 ES384 EdDSA")),
        document(
            "token_endpoint_auth_methods_supported", ["private_key_jwt"],
            "the provider does not take a client secret by client_secret_basic or client_secret_post"),
        Attack("a document that redirects", .invalidAnswer, "the discovery document of «test» answers with status 302") {
            $0.answers[discovery] = HTTPReceiver.Answer(status: .found, headers: [("location", "/elsewhere")])
        },
        Attack("a document of more than a mebibyte", .invalidAnswer, "the discovery document of «test» has more than 1048576 bytes") {
            $0.answers[discovery] = HTTPReceiver.Answer(body: String(repeating: " ", count: 1_048_577))
        },
        Attack(
            "a document with a member twice", .invalidAnswer, "the discovery document of «test» is no JSON object: a member stands twice"
        ) {
            $0.answers[discovery] = HTTPReceiver.Answer(body: #"{"issuer":"a","issuer":"b"}"#)
        },
        Attack(
            "a document that is a page", .invalidAnswer,
            "the discovery document of «test» is no JSON object: unexpected character at byte 0"
        ) { $0.answers[discovery] = HTTPReceiver.Answer(body: "<html>") },
        Attack("a document that is a text", .invalidAnswer, "the discovery document of «test» is no JSON object: it is a string") {
            $0.answers[discovery] = HTTPReceiver.Answer(body: #""no object""#)
        },
        Attack("keys that redirect", .invalidAnswer, "the key set of «test» answers with status 307") {
            $0.answers["/keys"] = HTTPReceiver.Answer(status: .temporaryRedirect, headers: [("location", "/elsewhere")])
        },
        Attack("keys that are no set", .invalidDocument, "the provider's keys are no set of keys") {
            $0.keySet = { $0.set("keys", "none") }
        },
        Attack("more than a hundred keys", .invalidDocument, "the provider has more than 100 keys") {
            $0.keySet = { $0.set("keys", .array(Array(repeating: .object(SigningKey.rsa.jwk), count: 101))) }
        },
        Attack("the same key twice", .unknownKey, "the provider publishes several keys that the ID token may be signed with") {
            $0.keys = [.rsa, .rsa]
        },
    ]

    static func callback(_ name: String, _ code: OpenIDError.Code, _ reason: String, _ parameters: [(String, String?)]) -> Attack {
        Attack(name, code, reason) {
            $0.callback = { callback in
                for (name, value) in parameters {
                    callback.removeAll { $0.name == name }
                    if let value { callback.append((name, value)) }
                }
            }
        }
    }

    static let callbacks: [Attack] = [
        callback("iss of another", .issuerMismatch, "«iss» of the callback names another issuer", [("iss", "https://evil.example")]),
        callback("iss missing", .issuerMismatch, "the callback has no «iss», which the provider announces", [("iss", nil)]),
        callback("state missing", .invalidCallback, "the callback has no «state»", [("state", nil)]),
        callback("state of another", .stateMismatch, "the state of the callback is not of this attempt", [("state", "another")]),
        callback("code missing", .invalidCallback, "the callback has to have one of «code» and «error»", [("code", nil)]),
        callback("code and error", .invalidCallback, "the callback has to have one of «code» and «error»", [("error", "access_denied")]),
        callback("code empty", .invalidCallback, "the code of the callback is no code", [("code", "")]),
        callback("code with a line in it", .invalidCallback, "the code of the callback is no code", [("code", "a\nb")]),
        callback("a code of another", .codeRefused, "the token endpoint refused with status 400: invalid_grant", [("code", "x")]),
        callback("denied", .accessDenied, "the provider refused the sign-in: access_denied", [("code", nil), ("error", "access_denied")]),
        callback(
            "denied, said by another", .issuerMismatch, "«iss» of the callback names another issuer",
            [("code", nil), ("error", "access_denied"), ("iss", "https://evil.example")]),
        callback(
            "to be done first", .interactionRequired, "the provider refused the sign-in: consent_required",
            [("code", nil), ("error", "consent_required")]),
        callback(
            "out of order", .unavailable, "the provider refused the sign-in: temporarily_unavailable",
            [("code", nil), ("error", "temporarily_unavailable")]),
        callback(
            "an error that forges a line of the log", .requestRefused, "the provider refused the sign-in: an error code that is none",
            [("code", nil), ("error", "x\nadmin signed in")]),
        Attack("state twice", .invalidCallback, "«state» stands twice in the callback") {
            $0.callback = { $0.append((name: "state", value: "another")) }
        },
    ]

    static func token(_ name: String, _ code: OpenIDError.Code, _ reason: String, _ answer: HTTPReceiver.Answer) -> Attack {
        Attack(name, code, reason) { $0.answers["/token"] = answer }
    }

    static let tokens: [Attack] = [
        token(
            "no such client", .clientRefused, "the token endpoint refused with status 401: invalid_client",
            TestProvider.json(["error": "invalid_client", "error_description": "secret of ada@example.org is wrong"], 401)),
        token(
            "no error code", .clientRefused, "the token endpoint refused with status 401: no error code",
            HTTPReceiver.Answer(status: .unauthorized)),
        token(
            "another error", .requestRefused, "the token endpoint refused with status 400: an error code that is none",
            TestProvider.json(["error": "Not One"], 400)),
        token(
            "a fault", .unavailable, "the token endpoint refused with status 502: no error code",
            HTTPReceiver.Answer(status: .badGateway, body: "<html>")),
        token(
            "too many", .unavailable, "the token endpoint refused with status 429: no error code",
            HTTPReceiver.Answer(status: .tooManyRequests)),
        token(
            "a redirect", .requestRefused, "the token endpoint refused with status 307: no error code",
            HTTPReceiver.Answer(status: .temporaryRedirect, headers: [("location", "/elsewhere")])),
        token(
            "too much", .invalidAnswer, "the token endpoint of «test» has more than 1048576 bytes",
            HTTPReceiver.Answer(body: String(repeating: " ", count: 1_048_577))),
        token(
            "no JSON", .invalidAnswer, "the token endpoint of «test» answers with no JSON object: the JSON ends too early, at byte 0",
            HTTPReceiver.Answer()),
        Attack("no ID token", .invalidAnswer, "the token endpoint of «test» answers without an ID token") {
            $0.tokenAnswer = { $0.set("id_token", nil) }
        },
        Attack("another type", .invalidAnswer, "the token endpoint of «test» answers with tokens of another type than Bearer") {
            $0.tokenAnswer = { $0.set("token_type", "mac") }
        },
    ]
}

@Suite(.timeLimit(.minutes(5))) struct AttackTests {
    @Test(arguments: Attack.claims + Attack.signatures + Attack.documents + Attack.callbacks + Attack.tokens)
    func `refuses each for its own reason`(attack: Attack) async throws {
        var behaviour = TestProvider.Behaviour()
        attack.prepare(&behaviour)
        try await SignIn.with(behaviour, otherAudiences: ["trusted"]) { test in
            let error = try await test.refusal()
            #expect(error.code == attack.code)
            #expect(error.reason == attack.reason)
            #expect(test.provider.count("/elsewhere") == 0, "a redirect was followed")
            for secret in [TestProvider.accessToken, behaviour.secret ?? "", "ada@example.org", "person-1"] {
                #expect(!error.description.contains(secret))
                #expect(!error.detail.contains(secret))
            }
        }
    }
}
