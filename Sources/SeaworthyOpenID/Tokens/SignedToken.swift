import SeaworthySchema

/// A token in JWS compact form (RFC 7515 7.1), taken apart and not yet believed.
struct SignedToken: Sendable {
    let algorithm: SignatureAlgorithm
    /// `kid`.
    let keyID: String?
    private let signed: [UInt8]
    private let payload: [UInt8]
    private let signature: [UInt8]

    /// - Parameter allowed: what the provider announces.
    init(_ text: String, allowed: Set<SignatureAlgorithm>) throws(OpenIDError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.bytes(of: parts[0]), let payload = Base64URL.bytes(of: parts[1]),
            let signature = Base64URL.bytes(of: parts[2])
        else { throw OpenIDError(.malformedToken, "the ID token is no signed token in compact form") }
        let members = try Self.object(header, "header")
        // A key or an address of keys in the header (jwk, jku, x5c, x5u) is never looked at: keys come from the provider's set alone.
        guard members["crit"] == nil else { throw OpenIDError(.malformedToken, "the header of the ID token demands an extension") }
        switch members["typ"] {
        case nil: break
        // RFC 8725 3.11: a token of another kind, as an access token (at+jwt), is no ID token.
        case .string(let type) where type.lowercased() == "jwt": break
        default: throw OpenIDError(.malformedToken, "the header of the ID token says that it is a token of another kind")
        }
        guard let name = members.text("alg"), let algorithm = SignatureAlgorithm(rawValue: name), allowed.contains(algorithm) else {
            throw OpenIDError(.algorithmRefused, "the ID token is signed by none of the algorithms that are accepted and announced")
        }
        switch members["kid"] {
        case nil: keyID = nil
        case .string(let id): keyID = id
        default: throw OpenIDError(.malformedToken, "the kid of the ID token is no text")
        }
        self.algorithm = algorithm
        self.payload = payload
        self.signature = signature
        signed = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
    }

    /// The claims, once the signature is the key's.
    func claims(signedBy key: VerificationKey) throws(OpenIDError) -> JSONObject {
        guard key.isValid(signature: signature, of: signed, algorithm) else {
            throw OpenIDError(.invalidSignature, "the signature of the ID token is not of the provider's key")
        }
        return try Self.object(payload, "payload")
    }

    private static func object(_ bytes: [UInt8], _ part: String) throws(OpenIDError) -> JSONObject {
        do {
            return try JSONObject(parsing: bytes)
        } catch {
            throw OpenIDError(.malformedToken, "the \(part) of the ID token is no JSON object: \(error.summary)")
        }
    }
}
