/// What the `error` of a provider means here (RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6).
enum ProviderRefusal {
    static func ofCallback(_ error: String) -> OpenIDError {
        let code: OpenIDError.Code =
            switch error {
            case "access_denied": .accessDenied
            case "login_required", "interaction_required", "consent_required", "account_selection_required": .interactionRequired
            case "server_error", "temporarily_unavailable": .unavailable
            default: .requestRefused
            }
        return OpenIDError(code, "the provider refused the sign-in: \(shown(error))")
    }

    /// - Parameter error: of the answer, nil when it has none.
    static func ofTokenRequest(status: Int, _ error: String?) -> OpenIDError {
        let code: OpenIDError.Code =
            switch error {
            case "invalid_grant": .codeRefused
            case "invalid_client", "unauthorized_client": .clientRefused
            default: status == 401 ? .clientRefused : status == 429 || status >= 500 ? .unavailable : .requestRefused
            }
        return OpenIDError(code, "the token endpoint refused with status \(status): \(error.map(shown) ?? "no error code")")
    }

    /// The rest of what a provider says may hold an address of a person, and what a browser brings may hold anything.
    private static func shown(_ error: String) -> String {
        let isCode = (1...64).contains(error.utf8.count) && error.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }
        return isCode ? error : "an error code that is none"
    }
}
