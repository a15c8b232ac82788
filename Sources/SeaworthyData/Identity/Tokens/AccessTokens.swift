import SeaworthySchema

/// Access tokens: JSON Web Tokens (RFC 7519) in the profile of RFC 9068, signed with EdDSA or ES256.
struct AccessTokens: Sendable {
    /// What a token says.
    struct Claims: Sendable, Hashable {
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
    }

    /// The longest token that is looked at, in bytes.
    static let maximumBytes = 4096
    private static let type = "at+jwt"

    let issuer: String
    let audience: String
    /// How long a token is good, in seconds.
    let lifetime: Int64
    private let signing: SigningKeys.Key
    private let keys: [String: SigningKeys.Key]

    init(_ keys: SigningKeys, issuer: String, audience: String, lifetime: Duration) {
        self.issuer = issuer
        self.audience = audience
        self.lifetime = lifetime.components.seconds
        signing = keys.first
        self.keys = Dictionary(uniqueKeysWithValues: keys.all.map { ($0.id, $0) })
    }

    func make(user: String, session: String, now: Int64) throws -> String {
        let seconds = now / 1_000_000
        let header: JSONValue = ["alg": .string(signing.algorithm), "kid": .string(signing.id), "typ": .string(Self.type)]
        let claims: JSONValue = [
            "iss": .string(issuer), "aud": .string(audience), "sub": .string(user), "sid": .string(session),
            "iat": .number(String(seconds)), "exp": .number(String(seconds + lifetime)),
        ]
        let signed = [header, claims].map { Base64URL.text(of: Array($0.compactText.utf8)) }.joined(separator: ".")
        return "\(signed).\(Base64URL.text(of: try signing.sign(Array(signed.utf8))))"
    }

    /// What a token says, if this server made it, for itself, and it is still good.
    ///
    /// - Parameter now: in microseconds since the epoch.
    /// - Throws: ``IdentityError`` `invalid_token`.
    func claims(of token: String, now: Int64) throws -> Claims {
        guard token.utf8.count <= Self.maximumBytes else { throw Self.invalid("not one of this server's") }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        // Each part has one form, so that a token is one text.
        guard parts.count == 3, let header = Base64URL.bytes(of: parts[0]), let body = Base64URL.bytes(of: parts[1]),
            let signature = Base64URL.bytes(of: parts[2]), let key = key(of: header)
        else { throw Self.invalid("not one of this server's") }
        guard key.isSignature(signature, of: Array("\(parts[0]).\(parts[1])".utf8)) else { throw Self.invalid("not signed by this server") }
        guard let claims = Claims(body) else { throw Self.invalid("without its claims") }
        guard claims.iss.hasSameBytes(as: issuer), claims.aud.hasSameBytes(as: audience) else {
            throw Self.invalid("of or for another server")
        }
        guard claims.exp > now / 1_000_000 else { throw Self.invalid("expired") }
        // A minute for clocks of other nodes.
        guard claims.iat <= now / 1_000_000 + 60 else { throw Self.invalid("not good yet") }
        return claims
    }

    /// The key that a header names, if it is just what ours are: the algorithm is the key's, and there is nothing else to obey.
    private func key(of header: [UInt8]) -> SigningKeys.Key? {
        guard case .object(let object)? = try? JSONParser.parse(String(decoding: header, as: UTF8.self)), object.members.count == 3,
            case .string(let kid)? = object["kid"], let key = keys[kid], object["alg"] == .string(key.algorithm),
            object["typ"] == .string(Self.type)
        else { return nil }
        return key
    }

    static func invalid(_ reason: String) -> IdentityError {
        IdentityError(
            .invalidToken, "The access token is not valid: it is not this server's, has expired, or its session has ended.", reason: reason)
    }
}

extension AccessTokens.Claims {
    /// Nil for what is no object with every claim in its type.
    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), case .object(let object)? = try? JSONParser.parse(text),
            case .string(let iss)? = object["iss"], case .string(let aud)? = object["aud"], case .string(let sub)? = object["sub"],
            case .string(let sid)? = object["sid"], case .number(let iat)? = object["iat"], case .number(let exp)? = object["exp"],
            let begin = Int64(iat), let end = Int64(exp)
        else { return nil }
        self.init(iss: iss, aud: aud, sub: sub, sid: sid, iat: begin, exp: end)
    }
}
