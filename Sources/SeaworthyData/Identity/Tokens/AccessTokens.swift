import JWTKit
import SeaworthySchema

/// Access tokens: JSON Web Tokens (RFC 7519) in the profile of RFC 9068, signed with EdDSA or ES256.
struct AccessTokens: Sendable {
    /// What a token says.
    struct Claims: JWTPayload, Hashable {
        /// Who made it.
        var iss: String
        /// Whom it is for.
        var aud: String
        /// The user's id.
        var sub: String
        /// The session's id.
        var sid: String
        /// When it was made and until when it is good, in seconds since the epoch.
        var iat: Int64
        var exp: Int64

        /// What depends on the time and on this server is looked at by ``AccessTokens/claims(of:now:)``.
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    /// The longest token that is looked at, in bytes.
    static let maximumBytes = 4096
    private static let type = "at+jwt"

    let issuer: String
    let audience: String
    /// How long a token is good, in seconds.
    let lifetime: Int64
    private let signing: SigningKeys.Key
    private let algorithms: [String: String]
    private let keys: JWTKeyCollection

    init(_ keys: SigningKeys, issuer: String, audience: String, lifetime: Duration) async throws {
        self.issuer = issuer
        self.audience = audience
        self.lifetime = lifetime.components.seconds
        signing = keys.first
        algorithms = Dictionary(uniqueKeysWithValues: keys.all.map { ($0.id, $0.algorithm) })
        self.keys = JWTKeyCollection()
        for key in keys.all {
            switch key.secret {
            case .ed25519(let secret):
                await self.keys.add(eddsa: EdDSA.PrivateKey(backing: secret), kid: JWKIdentifier(string: key.id))
            case .p256(let secret):
                await self.keys.add(ecdsa: try ES256PrivateKey(backing: secret), kid: JWKIdentifier(string: key.id))
            }
        }
    }

    func make(user: String, session: String, now: Int64) async throws -> String {
        let seconds = now / 1_000_000
        let claims = Claims(iss: issuer, aud: audience, sub: user, sid: session, iat: seconds, exp: seconds + lifetime)
        return try await keys.sign(claims, kid: JWKIdentifier(string: signing.id), header: ["typ": .string(Self.type)])
    }

    /// What a token says, if this server made it, for itself, and it is still good.
    ///
    /// - Parameter now: in microseconds since the epoch.
    /// - Throws: ``IdentityError`` `invalid_token`.
    func claims(of token: String, now: Int64) async throws -> Claims {
        guard token.utf8.count <= Self.maximumBytes, namesKey(token) else { throw Self.invalid("not one of this server's") }
        let claims: Claims
        do {
            claims = try await keys.verify(token, as: Claims.self)
        } catch {
            throw Self.invalid("not signed by this server")
        }
        guard claims.iss.hasSameBytes(as: issuer), claims.aud.hasSameBytes(as: audience) else {
            throw Self.invalid("of or for another server")
        }
        guard claims.exp > now / 1_000_000 else { throw Self.invalid("expired") }
        // A minute for clocks of other nodes.
        guard claims.iat <= now / 1_000_000 + 60 else { throw Self.invalid("not good yet") }
        return claims
    }

    /// Whether a token's header is just what ours are: it names a key, the algorithm is the key's, and there is nothing else to obey.
    private func namesKey(_ token: String) -> Bool {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        // Each part has one form, so that a token is one text.
        guard parts.count == 3, let bytes = Base64URL.bytes(of: parts[0]), Base64URL.bytes(of: parts[1]) != nil,
            Base64URL.bytes(of: parts[2]) != nil,
            case .object(let header)? = try? JSONParser.parse(String(decoding: bytes, as: UTF8.self)),
            header.members.allSatisfy({ ["alg", "kid", "typ"].contains($0.name) }),
            case .string(let algorithm)? = header["alg"], case .string(let kid)? = header["kid"], header["typ"] == .string(Self.type),
            algorithms[kid] == algorithm
        else { return false }
        return true
    }

    static func invalid(_ reason: String) -> IdentityError {
        IdentityError(
            .invalidToken, "The access token is not valid: it is not this server's, has expired, or its session has ended.", reason: reason)
    }
}
