/// Why an identity could not be established or changed. What it says to the client tells nothing of who has an account.
package struct IdentityError: Error, Sendable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String

        package var description: String { rawValue }

        /// The address or the password is wrong, or the address is not verified yet; which of these is not told.
        package static let invalidCredentials = Code(rawValue: "invalid_credentials")
        /// The password is right, and a code of the second factor is needed too.
        package static let totpRequired = Code(rawValue: "totp_required")
        /// Too many attempts failed; there is a time to wait.
        package static let tooManyAttempts = Code(rawValue: "too_many_attempts")
        /// An administrator has disabled the account.
        package static let accountDisabled = Code(rawValue: "account_disabled")
        /// The access token is none of this server's, or has expired, or its session has ended; or the API key is not good.
        package static let invalidToken = Code(rawValue: "invalid_token")
        /// Asked with an API key for what only somebody who has signed in may do.
        package static let sessionRequired = Code(rawValue: "session_required")
        /// A user has as many keys as there may be.
        package static let tooManyKeys = Code(rawValue: "too_many_keys")
        /// The refresh token is unknown, used, expired, or its session has ended.
        package static let invalidRefreshToken = Code(rawValue: "invalid_refresh_token")
        /// What came by mail is unknown, used or expired.
        package static let invalidMailedToken = Code(rawValue: "invalid_mailed_token")
        /// The schema lets nobody register.
        package static let registrationClosed = Code(rawValue: "registration_closed")
        /// Input that is refused; ``IdentityError/problems`` has every reason.
        package static let invalidInput = Code(rawValue: "invalid_input")
        /// The second factor is in use already, or is not.
        package static let totpState = Code(rawValue: "totp_state")
        /// There is no such session, key or user.
        package static let notFound = Code(rawValue: "identity_not_found")
        /// An address is another user's.
        package static let emailTaken = Code(rawValue: "email_taken")
        /// A provider, or what came back from it, does not let somebody in.
        package static let providerRefused = Code(rawValue: "provider_refused")
        /// A provider cannot be asked.
        package static let providerUnavailable = Code(rawValue: "provider_unavailable")
        /// Nobody would be left who has the role admin and is not disabled.
        package static let lastAdministrator = Code(rawValue: "last_administrator")
        /// More is asked for than can be done at once.
        package static let busy = Code(rawValue: "identity_busy")

        package static let all: [Code] = [
            invalidCredentials, totpRequired, tooManyAttempts, accountDisabled, invalidToken, invalidRefreshToken, invalidMailedToken,
            registrationClosed, invalidInput, totpState, notFound, emailTaken, lastAdministrator, providerRefused, providerUnavailable,
            busy, sessionRequired,
            tooManyKeys,
        ]
    }

    /// One part of the input that is refused.
    package struct Problem: Sendable, Hashable {
        /// A JSON Pointer.
        package var pointer: String
        package var code: String
        package var detail: String
    }

    package let code: Code
    /// For the client.
    package let detail: String
    package private(set) var problems: [Problem] = []
    /// For the log only.
    package private(set) var reason: String?
    /// How long to wait, with ``Code/tooManyAttempts`` and ``Code/busy``.
    package private(set) var retryAfter: Duration?

    package init(_ code: Code, _ detail: String, reason: String? = nil, problems: [Problem] = [], retryAfter: Duration? = nil) {
        self.code = code
        self.detail = detail
        self.reason = reason
        self.problems = problems
        self.retryAfter = retryAfter
    }

    package var description: String { "\(detail) [\(code)]" }

    package static let sessionRequired = IdentityError(
        .sessionRequired, "An API key does not manage accounts or keys: sign in for this.")

    static let credentials = IdentityError(
        .invalidCredentials, "The address or the password is wrong, or the address is not verified yet.")

    static func input(_ pointer: String, _ code: String, _ detail: String) -> IdentityError {
        IdentityError(.invalidInput, "The request cannot be taken.", problems: [Problem(pointer: pointer, code: code, detail: detail)])
    }
}
