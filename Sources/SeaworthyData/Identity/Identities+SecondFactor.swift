import SeaworthySchema
import SeaworthyStorage

extension Identities {
    /// What an authenticator app needs.
    package struct Enrolment: Sendable {
        /// In base32.
        package var secret: String
        /// `otpauth://…`, to be shown as a QR code.
        package var uri: String
    }

    /// Begins the use of a second factor, which counts once a code of it confirms it. Beginning again makes another secret.
    ///
    /// - Throws: ``IdentityError``: `totp_state` where it is in use, `invalid_credentials` and `too_many_attempts` for the password.
    package func enrolSecondFactor(of caller: Authentication, password: String, _ context: IdentityContext) async throws -> Enrolment {
        let verified = try await requirePassword(password, of: caller.user, context)
        let code = TimeCode(secret: TimeCode.makeSecret())
        guard let sealed = secondFactorBox.seal(code.secret, binding: Array(caller.user.id.utf8)) else {
            throw IdentityError(.busy, "There is no key to keep a secret with.")
        }
        try await database.transaction(.write) { [self] transaction in
            try await requireSession(caller, context.now, in: transaction)
            try await change(caller.user.id, now: context.now, in: transaction) { user in
                try Self.require(verified, of: user)
                guard !user.hasSecondFactor else { throw Self.inUse }
                user.totpSecret = sealed
                user.totpStep = nil
            }
            return
        }
        return Enrolment(secret: Base32.text(of: code.secret), uri: code.uri(issuer: application, account: caller.user.email))
    }

    /// Has the second factor count, and gives the recovery codes, which are not to be had again. Other sessions end.
    ///
    /// - Throws: ``IdentityError``: `totp_state`, `invalid_input` for a wrong code.
    package func confirmSecondFactor(of caller: Authentication, code: String, _ context: IdentityContext) async throws -> [String] {
        let codes = RecoveryCodes.make()
        let hashes = recovery.hashes(of: codes)
        try await requirePatience(accounts.hashes(of: caller.user.email), context)
        let account = accounts.hash(of: caller.user.email)
        let isRight = try await database.transaction(.write) { [self] transaction in
            try await requireSession(caller, context.now, in: transaction)
            var isRight = false
            try await change(caller.user.id, now: context.now, in: transaction) { user in
                guard !user.hasSecondFactor else { throw Self.inUse }
                guard user.totpSecret != nil else {
                    throw IdentityError(.totpState, "The second factor was not begun: enroll first.")
                }
                isRight = takes(code, of: &user, context.now)
                guard isRight else { return }
                user.totpConfirmedAt = context.now
                user.recoveryCodes = hashes
            }
            guard isRight else {
                try await note(.wrongCode, account, caller.user.id, method: "password", context, in: transaction)
                return false
            }
            try await revokeAll(of: caller.user.id, but: caller.session, "second_factor", context.now, in: transaction)
            try await record(.secondFactorEnabled, of: caller.user.id, now: context.now, in: transaction)
            return true
        }
        guard isRight else {
            throw IdentityError.input("/code", "wrong_code", "is not the code of now. Check the clock of the device")
        }
        known.forgetAll(of: caller.user.id)
        send(mails.secondFactorChanged(to: caller.user.email, isOn: true))
        return codes
    }

    /// Ends the use of the second factor.
    ///
    /// - Parameter code: of the factor, or a recovery code.
    /// - Throws: ``IdentityError``: `totp_state` where it is not in use, `invalid_input`, `invalid_credentials`, `too_many_attempts`.
    package func disableSecondFactor(
        of caller: Authentication, password: String, code: String, _ context: IdentityContext
    ) async throws {
        let verified = try await requirePassword(password, of: caller.user, context)
        let account = accounts.hash(of: caller.user.email)
        let isRight = try await database.transaction(.write) { [self] transaction in
            try await requireSession(caller, context.now, in: transaction)
            var isRight = false
            try await change(caller.user.id, now: context.now, in: transaction) { user in
                try Self.require(verified, of: user)
                guard user.hasSecondFactor else { throw IdentityError(.totpState, "The second factor is not in use.") }
                isRight = takes(code, of: &user, context.now)
                guard isRight else { return }
                (user.totpSecret, user.totpConfirmedAt, user.totpStep, user.recoveryCodes) = (nil, nil, nil, [])
            }
            guard isRight else {
                try await note(.wrongCode, account, caller.user.id, method: "password", context, in: transaction)
                return false
            }
            try await record(.secondFactorDisabled, of: caller.user.id, now: context.now, in: transaction)
            return true
        }
        guard isRight else { throw IdentityError.input("/code", "wrong_code", "is neither the code of now nor a recovery code") }
        known.forgetAll(of: caller.user.id)
        send(mails.secondFactorChanged(to: caller.user.email, isOn: false))
    }

    /// Whether a code is good for a user, who then has used it up.
    func takes(_ code: String, of user: inout User, _ now: Int64) -> Bool {
        guard let sealed = user.totpSecret, let secret = secondFactorBox.open(sealed, binding: Array(user.id.utf8)) else { return false }
        if let step = TimeCode(secret: secret).step(of: code.filter { $0 != " " }, at: now, after: user.totpStep) {
            user.totpStep = step
            return true
        }
        guard user.hasSecondFactor, let rest = recovery.consuming(code, from: user.recoveryCodes) else { return false }
        user.recoveryCodes = rest
        return true
    }

    private static let inUse = IdentityError(.totpState, "The second factor is in use already: disable it first.")
}
