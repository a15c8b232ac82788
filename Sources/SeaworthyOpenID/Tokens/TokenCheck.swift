import SeaworthySchema

/// Whether the claims of an ID token, whose signature is right, are about this client and this attempt (OpenID Connect Core 3.1.3.7).
struct TokenCheck: Sendable {
    /// How far the provider's clock and this machine's may differ: 60 s.
    static let leeway: Int64 = 60
    /// Section 2 of the specification.
    static let maximumSubjectBytes = 255

    let settings: OpenIDProviderSettings
    let issuer: ExpectedIssuer
    let nonce: String
    let accessToken: String?
    /// Seconds since 1970.
    let now: Int64

    /// - Returns: the issuer that the token names, and the subject.
    func check(
        _ claims: JSONObject, algorithm: SignatureAlgorithm, key: VerificationKey
    ) throws(OpenIDError) -> (issuer: String, subject: String) {
        let tenant = claims.text("tid")
        if let allowed = settings.allowedTenants {
            guard let tenant, allowed.contains(where: tenant.hasSameBytes) else {
                throw OpenIDError(.tenantRefused, "the tenant of the ID token is none of those that may come")
            }
        }
        let expected = issuer.issuer(ofTenant: tenant ?? "")
        guard let named = claims.text("iss"), named.hasSameBytes(as: expected) else { throw refusal("iss", "is not the provider's issuer") }
        guard issuer.accepts(key: key, for: expected, tenant: tenant ?? "") else {
            throw OpenIDError(.unknownKey, "the key of the ID token may not sign for its issuer")
        }
        try checkAudience(claims)
        try checkTimes(claims)
        guard let nonce = claims.text("nonce"), nonce.hasSameBytes(as: self.nonce) else { throw refusal("nonce", "is not of this attempt") }
        try checkAccessToken(claims, algorithm)
        guard let subject = claims.text("sub"), (1...Self.maximumSubjectBytes).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw refusal("sub", "is not 1 to \(Self.maximumSubjectBytes) printable ASCII characters") }
        return (named, subject)
    }

    private func checkAudience(_ claims: JSONObject) throws(OpenIDError) {
        guard let audiences = claims.text("aud").map({ [$0] }) ?? claims.texts("aud"),
            audiences.contains(where: settings.clientID.hasSameBytes)
        else { throw refusal("aud", "does not name this client") }
        let others = audiences.filter { !$0.hasSameBytes(as: settings.clientID) }
        guard others.allSatisfy({ other in settings.otherAudiences.contains(where: other.hasSameBytes) }) else {
            throw refusal("aud", "names an audience that is not trusted")
        }
        guard claims["azp"] != nil || others.isEmpty else { throw refusal("azp", "is missing, with several audiences") }
        if claims["azp"] != nil {
            guard claims.text("azp")?.hasSameBytes(as: settings.clientID) ?? false else {
                throw refusal("azp", "does not name this client")
            }
        }
    }

    private func checkTimes(_ claims: JSONObject) throws(OpenIDError) {
        guard let expiry = claims.seconds("exp") else { throw refusal("exp", "is missing, or no moment") }
        guard expiry > now - Self.leeway else { throw refusal("exp", "has passed") }
        guard let issued = claims.seconds("iat") else { throw refusal("iat", "is missing, or no moment") }
        guard issued <= now + Self.leeway else { throw refusal("iat", "is still to come") }
        if claims["nbf"] != nil {
            guard let start = claims.seconds("nbf") else { throw refusal("nbf", "is no moment") }
            guard start <= now + Self.leeway else { throw refusal("nbf", "is still to come") }
        }
    }

    private func checkAccessToken(_ claims: JSONObject, _ algorithm: SignatureAlgorithm) throws(OpenIDError) {
        guard claims["at_hash"] != nil else { return }
        guard let accessToken, let hash = claims.text("at_hash"), hash.hasSameBytes(as: algorithm.halfHash(of: accessToken)) else {
            throw refusal("at_hash", "is not of the access token")
        }
    }

    private func refusal(_ claim: String, _ problem: String) -> OpenIDError {
        OpenIDError(.claimsRefused, "the claim «\(claim)» of the ID token \(problem)")
    }
}
