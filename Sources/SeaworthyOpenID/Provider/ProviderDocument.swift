import SeaworthySchema

/// What a provider announces of itself (OpenID Connect Discovery 3), as far as it is used.
///
/// What is trusted: the operator names the issuer, and the document comes from there, over TLS. So the provider may say where its
/// endpoints are, on other hosts too, as Google does. It may not say that they are reached without TLS, unless the issuer itself is a
/// loopback address and the endpoint is one too: so no document leads to what has no certificate, as the metadata services of clouds.
/// No redirect is followed. Of what an endpoint answers nothing reaches the person who signs in but a code and a fixed sentence.
struct ProviderDocument: Sendable, Equatable {
    var issuer: ExpectedIssuer
    var authorizationEndpoint: ProviderURL
    var tokenEndpoint: ProviderURL
    var keysEndpoint: ProviderURL
    /// nil where the provider has none.
    var userInfoEndpoint: ProviderURL?
    var algorithms: Set<SignatureAlgorithm>
    /// nil where the document does not say.
    var clientAuthenticationMethods: [String]?
    /// Whether every callback has `iss` (RFC 9207).
    var announcesIssuerParameter: Bool

    /// Where the document of an issuer is (Discovery 4.1).
    static func address(ofIssuer issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    init(_ object: JSONObject, settings: OpenIDProviderSettings, issuerURL: ProviderURL) throws(OpenIDError) {
        func endpoint(_ name: String) throws(OpenIDError) -> ProviderURL {
            guard let url = object.text(name).flatMap(ProviderURL.init) else { throw Self.problem("«\(name)» is missing, or no address") }
            guard url.isEncrypted || !issuerURL.isEncrypted && url.isLoopback else { throw Self.problem("«\(name)» is not encrypted") }
            return url
        }
        guard let announced = object.text("issuer") else { throw Self.problem("«issuer» is missing") }
        issuer = try ExpectedIssuer(announced: announced, settings: settings)
        authorizationEndpoint = try endpoint("authorization_endpoint")
        tokenEndpoint = try endpoint("token_endpoint")
        keysEndpoint = try endpoint("jwks_uri")
        userInfoEndpoint = object["userinfo_endpoint"] == nil ? nil : try endpoint("userinfo_endpoint")
        guard object.texts("response_types_supported")?.contains("code") ?? false else {
            throw Self.problem("«response_types_supported» does not have code")
        }
        // Entra leaves it out and does S256 all the same; who leaves it out and does not would ignore the challenge (RFC 7636 5).
        if object["code_challenge_methods_supported"] != nil {
            guard object.texts("code_challenge_methods_supported")?.contains(ProofKey.method) ?? false else {
                throw Self.problem("«code_challenge_methods_supported» does not have S256")
            }
        }
        algorithms = Set((object.texts("id_token_signing_alg_values_supported") ?? []).compactMap(SignatureAlgorithm.init))
        guard !algorithms.isEmpty else {
            throw Self.problem(
                "«id_token_signing_alg_values_supported» has none of \(SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: " "))")
        }
        clientAuthenticationMethods = object.texts("token_endpoint_auth_methods_supported")
        announcesIssuerParameter = object["authorization_response_iss_parameter_supported"] == true
    }

    /// The callback has to be of this provider, and not of another that the same browser was sent to (RFC 9207 2.4).
    func check(callback issuer: String?) throws(OpenIDError) {
        guard let issuer else {
            guard !announcesIssuerParameter else {
                throw OpenIDError(.issuerMismatch, "the callback has no «iss», which the provider announces")
            }
            return
        }
        guard self.issuer.accepts(callback: issuer) else {
            throw OpenIDError(.issuerMismatch, "«iss» of the callback names another issuer")
        }
    }

    private static func problem(_ text: String) -> OpenIDError {
        OpenIDError(.invalidDocument, "the discovery document cannot be used: \(text)")
    }
}
