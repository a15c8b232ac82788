import Crypto
import Foundation
import HTTPServing
import NIOHTTP1
import SeaworthySchema
import Synchronization

@testable import SeaworthyOpenID

/// An OpenID Connect provider that takes the protocol strictly, signs with real keys, and misbehaves when it is told to.
final class TestProvider: Sendable {
    struct Behaviour: Sendable {
        /// Where the issuer is, behind the port.
        var path = ""
        var clientID = "client-1"
        /// nil for a public client.
        var secret: String? = "a secret: with 100% of +signs"  // not-a-secret
        var methods: [String]? = ["client_secret_basic"]
        var document: @Sendable (inout JSONObject) -> Void = { _ in }
        var keys = [SigningKey.rsa]
        var keySet: @Sendable (inout JSONObject) -> Void = { _ in }
        var signingKey = SigningKey.rsa
        var algorithm = "RS256"
        var header: @Sendable (inout JSONObject) -> Void = { _ in }
        var claims: @Sendable (inout JSONObject) -> Void = { _ in }
        /// The payload as text, before it is signed.
        var payload: @Sendable (String) -> String = { $0 }
        /// In place of a signature by the key.
        var signature: (@Sendable (_ signed: String) -> [UInt8])?
        /// The token, when it is signed.
        var token: @Sendable (String) -> String = { $0 }
        var tokenAnswer: @Sendable (inout JSONObject) -> Void = { _ in }
        var userInfo: JSONObject?
        var callback: @Sendable (inout [(name: String, value: String)]) -> Void = { _ in }
        /// The provider's clock; nil for the machine's.
        var now: Int64?
        /// Whole answers in place of the provider's own, by path.
        var answers: [String: HTTPReceiver.Answer] = [:]
    }

    private struct Grant {
        var redirectURI: String
        var nonce: String
        var challenge: String
    }

    private struct State {
        var behaviour: Behaviour
        var grants: [String: Grant] = [:]
        var counts: [String: Int] = [:]
    }

    private final class Held: Sendable {
        let state: Mutex<State>
        let gate = Gate()
        init(_ behaviour: Behaviour) { state = Mutex(State(behaviour: behaviour)) }
    }

    static let accessToken = "access-token-1"
    static let redirectURI = "https://app.example/callback?provider=test"

    private let held: Held
    private let server: HTTPReceiver

    /// Held while closed: the token endpoint waits for it.
    var gate: Gate { held.gate }
    var origin: String { "http://127.0.0.1:\(server.port)" }
    var issuer: String { origin + held.state.withLock { $0.behaviour.path } }

    private init(_ held: Held, _ server: HTTPReceiver) {
        self.held = held
        self.server = server
    }

    static func start(_ behaviour: Behaviour = Behaviour()) async throws -> TestProvider {
        let held = Held(behaviour)
        let server = try await HTTPReceiver.start { await answer($0, held) }
        return TestProvider(held, server)
    }

    func stop() async { await server.stop() }

    func change(_ change: (inout Behaviour) -> Void) {
        held.state.withLock { change(&$0.behaviour) }
    }

    /// How often a path was asked for.
    func count(_ path: String) -> Int { held.state.withLock { $0.counts[path] ?? 0 } }

    private static func answer(_ request: HTTPReceiver.Request, _ held: Held) async -> HTTPReceiver.Answer {
        let behaviour = held.state.withLock { state in
            state.counts[request.path, default: 0] += 1
            return state.behaviour
        }
        if let answer = behaviour.answers[request.path] { return answer }
        let origin = "http://\(request.headers.first(name: "host") ?? "")"
        switch request.path {
        case behaviour.path + "/.well-known/openid-configuration": return document(origin, behaviour)
        case "/keys":
            var object: JSONObject = ["keys": .array(behaviour.keys.map { .object($0.jwk) })]
            behaviour.keySet(&object)
            return json(object)
        case "/authorize": return authorize(request, origin, behaviour, held)
        case "/token":
            await held.gate.pass()
            return await token(request, origin, behaviour, held)
        case "/userinfo":
            guard request.headers["authorization"] == ["Bearer \(accessToken)"], let object = behaviour.userInfo else {
                return HTTPReceiver.Answer(status: .unauthorized)
            }
            return json(object)
        default: return HTTPReceiver.Answer(status: .notFound)
        }
    }

    static func json(_ object: JSONObject, _ status: Int = 200) -> HTTPReceiver.Answer {
        HTTPReceiver.Answer(
            status: .init(statusCode: status), headers: [("content-type", "application/json")], body: JSONValue.object(object).compactText)
    }

    private static func document(_ origin: String, _ behaviour: Behaviour) -> HTTPReceiver.Answer {
        var object: JSONObject = [
            "issuer": .string(origin + behaviour.path),
            "authorization_endpoint": .string("\(origin)/authorize?theme=dark"),
            "token_endpoint": .string("\(origin)/token"),
            "jwks_uri": .string("\(origin)/keys"),
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": .array(
                ["none", "HS256"] + SignatureAlgorithm.allCases.map { .string($0.rawValue) }),
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": true,
        ]
        if let methods = behaviour.methods { object.append("token_endpoint_auth_methods_supported", .array(methods.map { .string($0) })) }
        if behaviour.userInfo != nil { object.append("userinfo_endpoint", .string("\(origin)/userinfo")) }
        behaviour.document(&object)
        return json(object)
    }

    /// Lets everybody in whose request is complete.
    private static func authorize(
        _ request: HTTPReceiver.Request, _ origin: String, _ behaviour: Behaviour, _ held: Held
    ) -> HTTPReceiver.Answer {
        let query = FormReader.parameters(request.query)
        func one(_ name: String) -> String {
            let values = query.filter { $0.name == name }
            return values.count == 1 ? values[0].value : ""
        }
        guard request.method == .GET, one("theme") == "dark", one("response_type") == "code", one("client_id") == behaviour.clientID,
            one("redirect_uri") == redirectURI, one("scope").split(separator: " ").contains("openid"), one("state").utf8.count == 43,
            one("nonce").utf8.count == 43, one("code_challenge").utf8.count == 43, one("code_challenge_method") == "S256"
        else { return HTTPReceiver.Answer(status: .badRequest, body: "not such a request: \(request.uri)") }
        let code = "code \(UUID().uuidString)"
        let grant = Grant(redirectURI: one("redirect_uri"), nonce: one("nonce"), challenge: one("code_challenge"))
        held.state.withLock { $0.grants[code] = grant }
        var parameters: [(name: String, value: String)] = [("code", code), ("state", one("state")), ("iss", origin + behaviour.path)]
        behaviour.callback(&parameters)
        let location = redirectURI + "&" + parameters.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
        return HTTPReceiver.Answer(status: .seeOther, headers: [("location", location)])
    }

    private static func token(
        _ request: HTTPReceiver.Request, _ origin: String, _ behaviour: Behaviour, _ held: Held
    ) async -> HTTPReceiver.Answer {
        let form = FormReader.parameters(request.text)
        func one(_ name: String) -> String? {
            let values = form.filter { $0.name == name }
            return values.count == 1 ? values[0].value : nil
        }
        guard request.method == .POST, request.headers["content-type"] == ["application/x-www-form-urlencoded"],
            one("grant_type") == "authorization_code"
        else { return json(["error": "invalid_request"], 400) }
        guard isAuthentic(request, one, behaviour) else { return json(["error": "invalid_client"], 401) }
        // A code is taken away with its first use.
        let grant = held.state.withLock { state in one("code").flatMap { state.grants.removeValue(forKey: $0) } }
        guard let grant, one("redirect_uri") == grant.redirectURI, let verifier = one("code_verifier"), verifier.utf8.count == 43,
            Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                == grant.challenge + "="
        else { return json(["error": "invalid_grant"], 400) }
        var answer: JSONObject = [
            "access_token": .string(accessToken), "token_type": "Bearer", "expires_in": 300,
            "id_token": .string(await idToken(nonce: grant.nonce, origin, behaviour)),
        ]
        behaviour.tokenAnswer(&answer)
        return json(answer)
    }

    private static func isAuthentic(_ request: HTTPReceiver.Request, _ one: (String) -> String?, _ behaviour: Behaviour) -> Bool {
        let header = request.headers["authorization"]
        guard let secret = behaviour.secret else {
            return header.isEmpty && one("client_id") == behaviour.clientID && one("client_secret") == nil
        }
        guard behaviour.methods?.contains("client_secret_basic") ?? true else {
            return header.isEmpty && one("client_id") == behaviour.clientID && one("client_secret") == secret
        }
        guard header.count == 1, header[0].hasPrefix("Basic "), let pair = Data(base64Encoded: String(header[0].dropFirst(6))),
            one("client_secret") == nil
        else { return false }
        let parts = String(decoding: pair, as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return parts.map(FormReader.decoded) == [behaviour.clientID, secret]
    }

    private static func idToken(nonce: String, _ origin: String, _ behaviour: Behaviour) async -> String {
        var header: JSONObject = ["alg": .string(behaviour.algorithm), "typ": "JWT", "kid": behaviour.signingKey.jwk["kid"] ?? .null]
        behaviour.header(&header)
        let now = behaviour.now ?? Int64(Date().timeIntervalSince1970)
        var claims: JSONObject = [
            "iss": .string(origin + behaviour.path), "aud": .string(behaviour.clientID), "sub": "person-1", "nonce": .string(nonce),
            "iat": .number("\(now)"), "exp": .number("\(now + 300)"), "nbf": .number("\(now)"),
            "at_hash": .string(accessTokenHash(behaviour.algorithm)), "email": "ada@example.org", "email_verified": true,
            "name": "Ada Lovelace",
        ]
        behaviour.claims(&claims)
        let parts = [JSONValue.object(header).compactText, behaviour.payload(JSONValue.object(claims).compactText)]
        let signed = parts.map { Base64URL.text(of: Array($0.utf8)) }.joined(separator: ".")
        let signature: [UInt8]
        if let make = behaviour.signature {
            signature = make(signed)
        } else {
            signature = (try? await behaviour.signingKey.signature(behaviour.algorithm, of: Array(signed.utf8))) ?? []
        }
        return behaviour.token("\(signed).\(Base64URL.text(of: signature))")
    }

    private static func accessTokenHash(_ algorithm: String) -> String {
        let bytes = Data(accessToken.utf8)
        let hash =
            switch algorithm {
            case "RS384", "ES384": Data(SHA384.hash(data: bytes))
            case "RS512", "EdDSA": Data(SHA512.hash(data: bytes))
            default: Data(SHA256.hash(data: bytes))
            }
        return Base64URL.text(of: hash.prefix(hash.count / 2))
    }
}
