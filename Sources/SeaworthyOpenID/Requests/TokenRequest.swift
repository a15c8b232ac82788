import NIOHTTP1
import SeaworthySchema

/// Exchanges a code for tokens (OpenID Connect Core 3.1.3, RFC 6749 4.1.3).
struct TokenRequest: Sendable {
    struct Tokens: Sendable {
        var idToken: String
        /// Used for `at_hash` and the user info endpoint, and then forgotten.
        var accessToken: String?
    }

    let settings: OpenIDProviderSettings
    let client: ProviderClient

    func tokens(for code: String, _ attempt: OpenIDAttempt, _ document: ProviderDocument) async throws -> Tokens {
        let authentication = try ClientAuthentication(settings, announced: document.clientAuthenticationMethods)
        let (header, parameters) = authentication.credentials(id: settings.clientID)
        let body = FormText.text(
            of: [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt.redirectURI),
                ("code_verifier", attempt.codeVerifier),
            ] + parameters)
        var headers = [("content-type", "application/x-www-form-urlencoded")]
        if let header { headers.append(("authorization", header)) }
        let what = "the token endpoint of «\(settings.name)»"
        let answer = try await client.send(
            .POST, document.tokenEndpoint.text, what, headers: headers, body: body, timeout: ProviderMetadata.timeout)
        guard answer.status == 200 else {
            throw ProviderRefusal.ofTokenRequest(status: answer.status, answer.object?.text("error"))
        }
        let object: JSONObject
        do {
            object = try JSONObject(parsing: answer.body)
        } catch {
            throw OpenIDError(.invalidAnswer, "\(what) answers with no JSON object: \(error.summary)")
        }
        guard let idToken = object.text("id_token") else { throw OpenIDError(.invalidAnswer, "\(what) answers without an ID token") }
        guard object.text("token_type")?.lowercased() == "bearer" else {
            throw OpenIDError(.invalidAnswer, "\(what) answers with tokens of another type than Bearer")
        }
        return Tokens(idToken: idToken, accessToken: object.text("access_token"))
    }
}
