package import Logging
import SeaworthySchema

/// Sign-in through one provider by the authorization code flow with PKCE (OpenID Connect Core 3.1, RFC 7636).
///
/// It knows the protocol alone: the caller sends the browser to `begin`'s address, keeps the attempt, hands both to `finish` when the
/// browser comes back, and decides what an identity means.
package actor OpenIDProvider {
    /// How many sign-ins of one provider may be under way with it at once; beyond that they are refused as `unavailable`.
    static let maximumConcurrentSignIns = 64

    package nonisolated let settings: OpenIDProviderSettings
    private let client: ProviderClient
    private let metadata: ProviderMetadata
    private let clock: OpenIDClock
    private let logger: Logger
    private let limit: Int
    private var underWay = 0

    /// Asks nobody yet.
    ///
    /// - Throws: `invalidSettings`.
    package init(
        _ settings: OpenIDProviderSettings, clock: OpenIDClock = .system, logger: Logger
    ) throws(OpenIDError) {
        try self.init(settings, clock: clock, logger: logger, limit: Self.maximumConcurrentSignIns)
    }

    init(_ settings: OpenIDProviderSettings, clock: OpenIDClock, logger: Logger, limit: Int) throws(OpenIDError) {
        let issuer = try settings.check()
        self.settings = settings
        self.clock = clock
        self.logger = logger
        self.limit = limit
        client = ProviderClient()
        metadata = ProviderMetadata(settings: settings, issuer: issuer, client: client, clock: clock)
    }

    /// Where to send the browser.
    ///
    /// - Parameter redirectURI: where the provider sends it back to; registered there.
    /// - Throws: an OpenIDError when the provider cannot be found, or is not usable.
    package func begin(redirectURI: String) async throws -> OpenIDRequest {
        let document = try await metadata.document()
        let attempt = OpenIDAttempt(redirectURI: redirectURI)
        let parameters = FormText.text(of: [
            ("response_type", "code"),
            ("client_id", settings.clientID),
            ("redirect_uri", redirectURI),
            ("scope", settings.scopeText),
            ("state", attempt.state),
            ("nonce", attempt.nonce),
            ("code_challenge", ProofKey.challenge(of: attempt.codeVerifier)),
            ("code_challenge_method", ProofKey.method),
        ])
        let endpoint = document.authorizationEndpoint
        return OpenIDRequest(url: "\(endpoint.text)\(endpoint.hasQuery ? "&" : "?")\(parameters)", attempt: attempt)
    }

    /// Who came back. A code is good for one call, whatever comes of it.
    ///
    /// - Parameters:
    ///   - callback: what the browser brought.
    ///   - attempt: what was kept for that browser. Forget it before the call, so that it serves once.
    /// - Throws: an OpenIDError, or CancellationError.
    package func finish(_ callback: OpenIDCallback, of attempt: OpenIDAttempt) async throws -> OpenIDIdentity {
        guard callback.state.isSameSecret(as: attempt.state) else {
            throw OpenIDError(.stateMismatch, "the state of the callback is not of this attempt")
        }
        guard underWay < limit else { throw OpenIDError(.unavailable, "more than \(limit) sign-ins at once with «\(settings.name)»") }
        underWay += 1
        defer { underWay -= 1 }
        let document = try await metadata.document()
        try document.check(callback: callback.issuer)
        switch callback.outcome {
        case .error(let error): throw error
        case .code(let code): return try await identity(code, attempt, document)
        }
    }

    /// Whether the provider can be reached and used, for health. Asks at most every 10 s, and waits at most 3 s.
    ///
    /// - Throws: an OpenIDError when it cannot.
    package func probe() async throws {
        try await metadata.probe()
    }

    private func identity(_ code: String, _ attempt: OpenIDAttempt, _ document: ProviderDocument) async throws -> OpenIDIdentity {
        let tokens = try await TokenRequest(settings: settings, client: client).tokens(for: code, attempt, document)
        let token = try SignedToken(tokens.idToken, allowed: document.algorithms)
        let key = try await key(of: token)
        let claims = try token.claims(signedBy: key)
        let check = TokenCheck(
            settings: settings, issuer: document.issuer, nonce: attempt.nonce, accessToken: tokens.accessToken, now: clock.now())
        let (issuer, subject) = try check.check(claims, algorithm: token.algorithm, key: key)
        let userInfo = try await userInfo(of: subject, claims, tokens, document)
        return OpenIDIdentity(issuer: issuer, subject: subject, claims: claims, userInfo: userInfo, names: settings.claims)
    }

    private func key(of token: SignedToken) async throws -> VerificationKey {
        var match = try await metadata.keys().match(token)
        if case .none = match {
            logger.info("an ID token names a key that is not known; the keys are fetched again", metadata: ["provider": "\(settings.name)"])
            match = try await metadata.keysForUnknownKey().match(token)
        }
        switch match {
        case .key(let key): return key
        case .none: throw OpenIDError(.unknownKey, "the provider publishes no key that the ID token may be signed with")
        case .several: throw OpenIDError(.unknownKey, "the provider publishes several keys that the ID token may be signed with")
        }
    }

    /// What the user info endpoint says, where the ID token leaves out an address that was asked for (OpenID Connect Core 5.3 and 5.4).
    private func userInfo(
        of subject: String, _ claims: JSONObject, _ tokens: TokenRequest.Tokens, _ document: ProviderDocument
    ) async throws -> JSONObject? {
        guard settings.readsUserInfo, settings.scopes.contains("email"), claims[settings.claims.email] == nil,
            let endpoint = document.userInfoEndpoint, let accessToken = tokens.accessToken
        else { return nil }
        let what = "the user info endpoint of «\(settings.name)»"
        let userInfo = try await client.object(
            at: endpoint.text, what, headers: [("authorization", "Bearer \(accessToken)")], timeout: ProviderMetadata.timeout)
        // Section 5.3.2: otherwise it may be about somebody else.
        guard userInfo.text("sub")?.hasSameBytes(as: subject) ?? false else {
            throw OpenIDError(.claimsRefused, "\(what) answers about another subject than the ID token")
        }
        return userInfo
    }
}
