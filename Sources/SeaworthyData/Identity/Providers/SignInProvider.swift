/// Somebody else who says who people are. The protocol is not known here.
package protocol SignInProvider: Sendable {
    /// As the schema names it.
    var name: String { get }

    /// Where to send the browser, and what has to be kept until it comes back.
    ///
    /// - Throws: ``IdentityError`` `provider_unavailable`, `provider_refused`.
    func begin(redirectURI: String) async throws -> (url: String, attempt: ProviderAttempt)

    /// Who came back.
    ///
    /// - Parameter parameters: of the address with which the browser came, decoded.
    /// - Throws: as ``begin(redirectURI:)``.
    func finish(_ parameters: [(name: String, value: String)], of attempt: ProviderAttempt) async throws -> ProvidedIdentity
}

/// What is kept of a sign-in that has begun with a provider, by the browser alone and sealed.
package struct ProviderAttempt: Sendable, Hashable {
    package var state: String
    package var nonce: String
    package var verifier: String
    package var redirectURI: String

    package init(state: String, nonce: String, verifier: String, redirectURI: String) {
        self.state = state
        self.nonce = nonce
        self.verifier = verifier
        self.redirectURI = redirectURI
    }
}

/// Who a provider says that somebody is.
package struct ProvidedIdentity: Sendable, Hashable {
    /// Together with the subject it names one person for ever.
    package var issuer: String
    package var subject: String
    package var email: String?
    /// Whether the provider knows that the address is theirs.
    package var isEmailVerified: Bool

    package init(issuer: String, subject: String, email: String?, isEmailVerified: Bool) {
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.isEmailVerified = isEmailVerified
    }
}
