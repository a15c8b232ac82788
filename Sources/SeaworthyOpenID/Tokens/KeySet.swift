import SeaworthySchema

/// The keys of a provider (`jwks_uri`; RFC 7517 5).
struct KeySet: Sendable {
    /// More than any provider has: Entra some ten.
    static let maximumKeys = 100

    enum Match: Sendable {
        case key(VerificationKey)
        /// None of the set: the provider may have changed its keys.
        case none
        /// More than one, so that nobody can say which.
        case several
    }

    private let keys: [VerificationKey]

    init(_ object: JSONObject) throws(OpenIDError) {
        guard case .array(let elements) = object["keys"] else {
            throw OpenIDError(.invalidDocument, "the provider's keys are no set of keys")
        }
        guard elements.count <= Self.maximumKeys else {
            throw OpenIDError(.invalidDocument, "the provider has more than \(Self.maximumKeys) keys")
        }
        keys = elements.compactMap(VerificationKey.init)
    }

    /// A token without `kid` is taken only where one key alone fits (OpenID Connect Core 10.1).
    func match(_ token: SignedToken) -> Match {
        let fitting = keys.filter { key in
            guard key.fits(token.algorithm) else { return false }
            guard let wanted = token.keyID else { return true }
            return key.id?.hasSameBytes(as: wanted) ?? false
        }
        guard let key = fitting.first else { return .none }
        return fitting.count == 1 ? .key(key) : .several
    }
}
