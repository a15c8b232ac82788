/// Why somebody cannot sign in through a provider.
package struct OpenIDError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// What is set for the provider cannot work.
        package static let invalidSettings = Code(rawValue: "openid.invalid_settings")
        /// The provider serves many tenants, and the settings do not say which may come.
        package static let tenantsMissing = Code(rawValue: "openid.tenants_missing")
        /// The provider cannot be reached, is too slow, has a fault of its own, or too many ask at once.
        package static let unavailable = Code(rawValue: "openid.unavailable")
        /// The provider answered something that no client can use.
        package static let invalidAnswer = Code(rawValue: "openid.invalid_answer")
        /// The provider's discovery document or its keys contradict the settings or the specification.
        package static let invalidDocument = Code(rawValue: "openid.invalid_document")
        /// The callback lacks a parameter, or has one twice.
        package static let invalidCallback = Code(rawValue: "openid.invalid_callback")
        /// The callback belongs to another attempt.
        package static let stateMismatch = Code(rawValue: "openid.state_mismatch")
        /// The callback came from another provider (RFC 9207).
        package static let issuerMismatch = Code(rawValue: "openid.issuer_mismatch")
        /// The person, or the provider on behalf of its rules, said no.
        package static let accessDenied = Code(rawValue: "openid.access_denied")
        /// The provider needs the person to do something there first.
        package static let interactionRequired = Code(rawValue: "openid.interaction_required")
        /// The provider refused the request in another way.
        package static let requestRefused = Code(rawValue: "openid.request_refused")
        /// The code was used already, has expired, or is another's.
        package static let codeRefused = Code(rawValue: "openid.code_refused")
        /// The provider does not know the client, or its secret is another.
        package static let clientRefused = Code(rawValue: "openid.client_refused")
        /// The ID token is no signed token.
        package static let malformedToken = Code(rawValue: "openid.malformed_token")
        /// The ID token is signed in a way that is not accepted.
        package static let algorithmRefused = Code(rawValue: "openid.algorithm_refused")
        /// The provider publishes no key, or more than one, that the ID token may be signed with.
        package static let unknownKey = Code(rawValue: "openid.unknown_key")
        /// The ID token's signature is not the provider's.
        package static let invalidSignature = Code(rawValue: "openid.invalid_signature")
        /// The ID token is for another client, attempt or time, or names nobody.
        package static let claimsRefused = Code(rawValue: "openid.claims_refused")
        /// The person belongs to a tenant that may not come.
        package static let tenantRefused = Code(rawValue: "openid.tenant_refused")

        package static let all: [Code] = [
            invalidSettings, tenantsMissing, unavailable, invalidAnswer, invalidDocument, invalidCallback, stateMismatch, issuerMismatch,
            accessDenied, interactionRequired, requestRefused, codeRefused, clientRefused, malformedToken, algorithmRefused, unknownKey,
            invalidSignature, claimsRefused, tenantRefused,
        ]
    }

    package var code: Code
    /// For the log: what happened, without any token, secret or claim of a person.
    package var reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// For the client: made of the code alone, so that nothing of the provider's or the operator's can get into it.
    package var detail: String {
        switch code {
        case .invalidSettings, .tenantsMissing, .clientRefused: "Sign-in with this provider is not set up correctly."
        case .unavailable: "The provider cannot be reached. Try again later."
        case .invalidCallback: "The answer of the provider is not complete."
        case .stateMismatch, .issuerMismatch, .codeRefused: "This sign-in was not begun here, or is over. Begin again."
        case .accessDenied: "The sign-in was cancelled or denied at the provider."
        case .requestRefused: "The provider refused the sign-in."
        case .interactionRequired: "The provider asks you to do something there first."
        case .tenantRefused: "Your organization may not sign in here."
        default: "The answer of the provider cannot be trusted."
        }
    }

    package var description: String {
        "\(reason) [\(code)]"
    }
}
