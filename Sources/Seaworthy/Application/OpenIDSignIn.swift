import Logging
import SeaworthyData
import SeaworthyHTTP
import SeaworthyOpenID
import SeaworthySchema

/// Sign-in by OpenID Connect, as identities know a provider.
struct OpenIDSignIn: SignInProvider {
    let name: String
    private let provider: OpenIDProvider

    /// - Throws: ``OperationFailure`` in terms of the schema and the settings.
    init(_ declared: Schema.Identity.Provider, secret: String?, logger: Logger) throws {
        name = declared.name
        var settings = OpenIDProviderSettings(
            name: declared.name, issuer: declared.issuer, clientID: declared.clientID, clientSecret: secret,
            allowedTenants: declared.tenants)
        if let scopes = declared.scopes { settings.scopes = scopes }
        if let claim = declared.verifiedClaim { settings.claims.emailVerified = claim }
        do {
            provider = try OpenIDProvider(settings, logger: logger)
        } catch {
            throw OperationFailure(
                "identity.providers.\(declared.name): \(error.reason). Fix: correct it in the schema, or OIDC_CLIENT_SECRETS")
        }
    }

    var probe: HealthProbe { DependencyProbes.provider(provider) }

    func begin(redirectURI: String) async throws -> (url: String, attempt: ProviderAttempt) {
        try await Self.mapped {
            let request = try await provider.begin(redirectURI: redirectURI)
            let attempt = request.attempt
            return (
                request.url,
                ProviderAttempt(
                    state: attempt.state, nonce: attempt.nonce, verifier: attempt.codeVerifier, redirectURI: attempt.redirectURI)
            )
        }
    }

    func finish(_ parameters: [(name: String, value: String)], of attempt: ProviderAttempt) async throws -> ProvidedIdentity {
        try await Self.mapped {
            let identity = try await provider.finish(
                try OpenIDCallback(parameters: parameters),
                of: OpenIDAttempt(
                    state: attempt.state, nonce: attempt.nonce, codeVerifier: attempt.verifier, redirectURI: attempt.redirectURI))
            return ProvidedIdentity(
                issuer: identity.issuer, subject: identity.subject, email: identity.email, isEmailVerified: identity.isEmailVerified)
        }
    }

    private static func mapped<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as OpenIDError {
            let isAway = [.unavailable, .invalidSettings, .tenantsMissing, .clientRefused, .invalidDocument].contains(error.code)
            throw IdentityError(isAway ? .providerUnavailable : .providerRefused, error.detail, reason: "\(error)")
        }
    }
}
