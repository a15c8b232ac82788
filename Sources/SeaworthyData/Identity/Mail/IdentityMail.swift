/// A mail to somebody about their account, in plain text.
package struct IdentityMail: Sendable, Hashable {
    /// What it is about: for tests and metrics, never sent.
    package enum Kind: String, Sendable, CaseIterable {
        case verification
        case existingAccount = "existing_account"
        case invitation
        case passwordReset = "password_reset"
        case passwordChanged = "password_changed"
        case secondFactorChanged = "second_factor_changed"
    }

    package var kind: Kind
    package var to: String
    package var subject: String
    package var text: String
}

/// The mails that identities send.
struct IdentityMails: Sendable {
    let application: String
    /// Without a slash at its end; nil where it is not known, and the mails have the token alone.
    let publicURL: String?

    func verification(to email: String, token: String, lifetime: Duration) -> IdentityMail {
        IdentityMail(
            kind: .verification, to: email, subject: "Verify your address for \(application)",
            text: """
                Somebody, probably you, registered this address with \(application).

                \(way("/account/verify", token, "To verify it"))

                This works once, within \(lifetime.inWords). If it was not you, do nothing: without this the account cannot be used.

                """)
    }

    func existingAccount(to email: String) -> IdentityMail {
        IdentityMail(
            kind: .existingAccount, to: email, subject: "You already have an account with \(application)",
            text: """
                Somebody, probably you, tried to register this address with \(application), where it has an account already.

                If you have forgotten your password, ask for a new one where you sign in. If it was not you, do nothing.

                """)
    }

    func invitation(to email: String, token: String, lifetime: Duration) -> IdentityMail {
        IdentityMail(
            kind: .invitation, to: email, subject: "Your account with \(application)",
            text: """
                An administrator of \(application) made an account for this address.

                \(way("/account/reset", token, "To set a password"))

                This works once, within \(lifetime.inWords). After that, ask for a new password where you sign in.

                """)
    }

    func passwordReset(to email: String, token: String, lifetime: Duration) -> IdentityMail {
        IdentityMail(
            kind: .passwordReset, to: email, subject: "Set a new password for \(application)",
            text: """
                Somebody, probably you, asked for a new password for \(application).

                \(way("/account/reset", token, "To set one"))

                This works once, within \(lifetime.inWords). If it was not you, do nothing: your password stays as it is.

                """)
    }

    func passwordChanged(to email: String) -> IdentityMail {
        IdentityMail(
            kind: .passwordChanged, to: email, subject: "Your password for \(application) was changed",
            text: """
                The password of your account with \(application) was changed just now, and its other sessions have ended.

                If it was not you, set a new password at once where you sign in, and tell whoever runs \(application).

                """)
    }

    func secondFactorChanged(to email: String, isOn: Bool) -> IdentityMail {
        IdentityMail(
            kind: .secondFactorChanged, to: email, subject: "Sign-in to \(application) with a code is \(isOn ? "on" : "off")",
            text: """
                From now on your account with \(application) asks \(isOn ? "for a code of your authenticator" : "no longer for a code") at sign-in.

                If it was not you, set a new password at once where you sign in, and tell whoever runs \(application).

                """)
    }

    /// In the fragment, so that no server on the way, log or referrer has it.
    private func way(_ path: String, _ token: String, _ purpose: String) -> String {
        guard let publicURL else { return "\(purpose), use this code:\n\n    \(token)" }
        return "\(purpose), open\n\n    \(publicURL)\(path)#token=\(token)"
    }
}

extension Duration {
    /// In the largest unit that has a whole number of it.
    fileprivate var inWords: String {
        let seconds = components.seconds
        for (unit, length) in [("day", Int64(86_400)), ("hour", 3600), ("minute", 60)] where seconds % length == 0 && seconds >= length {
            return "\(seconds / length) \(unit)\(seconds == length ? "" : "s")"
        }
        return "\(seconds) seconds"
    }
}
