import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What a mailed token is good for.
struct MailedPurpose: Sendable, Hashable {
    let name: String

    static let verification = MailedPurpose(name: "verification")
    static let passwordReset = MailedPurpose(name: "password_reset")
    /// The first password of an account that an administrator made.
    static let invitation = MailedPurpose(name: "invitation")
    /// For nothing: it tells when the mail about an account that is there already was sent.
    static let existingAccount = MailedPurpose(name: "existing_account")

    /// Not by mail, but to a page at the end of a sign-in with a provider.
    static func handOver(_ provider: String) -> MailedPurpose { MailedPurpose(name: "hand_over:\(provider)") }
}

extension Identities {
    /// How long after a mail none of the same kind is sent to an address again: who asks again and again fills no mailbox.
    static let mailPause: Duration = .seconds(60)

    /// Takes an address and a password for a new account, and sends a mail to the address. Of an address that has an account already the answer
    /// and the time are the same.
    ///
    /// The password belongs to the mail, not yet to the account: whoever registered with somebody else's address before gets nothing of
    /// the owner's proof.
    ///
    /// - Throws: ``IdentityError``: `registration_closed`, `invalid_input`, `identity_busy`.
    package func register(email: String, password: String, _ context: IdentityContext) async throws {
        guard model.registers else { throw IdentityError(.registrationClosed, "Nobody can register: an administrator makes the accounts.") }
        let address = try Self.address(email)
        try requireGood(password, at: "/password", of: address)
        let hash = try await hasher.hash(password)
        let mail: IdentityMail?
        do {
            mail = try await registration(of: address, hash, context)
        } catch let error as StorageError where error.code == .uniqueViolation {
            // Somebody else did at the same moment: the user is there now.
            mail = try await registration(of: address, hash, context)
        }
        if let mail { send(mail) }
    }

    private func registration(of address: String, _ hash: String, _ context: IdentityContext) async throws -> IdentityMail? {
        try await database.transaction(.write) { [self] transaction -> IdentityMail? in
            var user = try await user(tables.heldUserByEmail, address, in: transaction)
            if user == nil {
                let made = User(id: UUIDv7.make(milliseconds: context.now / 1000), email: address, now: context.now)
                try await insert(made, in: transaction)
                try await record(.registered, of: made.id, now: context.now, in: transaction)
                user = made
            }
            guard let user else { return nil }
            let isOpen = user.verifiedAt == nil && user.disabledAt == nil
            let purpose = isOpen ? MailedPurpose.verification : .existingAccount
            guard try await mayMail(purpose, user.id, context.now, in: transaction) else { return nil }
            let lifetime = isOpen ? settings.verificationLifetime : Self.mailPause
            let token = try await makeMailedToken(
                user.id, purpose, lifetime, context.now, passwordHash: isOpen ? hash : nil, in: transaction)
            return isOpen
                ? mails.verification(to: address, token: token, lifetime: lifetime) : mails.existingAccount(to: address)
        }
    }

    /// Shows that an address is somebody's: they have what was sent there. The account gets the password of that registration.
    ///
    /// - Parameter password: what the person says it is, so that nobody proves their address for a password that somebody else chose; nil
    ///   where it is not asked for.
    /// - Throws: ``IdentityError``: `invalid_mailed_token`, `invalid_input` for another password (the token stays good).
    package func verifyEmail(_ token: String, password: String? = nil, _ context: IdentityContext) async throws -> User {
        let row = try await database.query(Statement(tables.mailedTokenOutside, [.text(RandomSecret.hash(token))]), into: FirstRow())
        if let password, let hash = row?[5].text, try await !hasher.verify(password, hash) {
            throw IdentityError.input(
                "/password", "wrong_password", "is not the one of this registration. If it was not you who registered, do nothing")
        }
        let user = try await database.transaction(.write) { [self] transaction -> User? in
            guard let found = try await consume(token, [.verification], context.now, in: transaction) else { return nil }
            try await record(.emailVerified, of: found.user, now: context.now, in: transaction)
            return try await change(found.user, now: context.now, in: transaction) { user in
                guard user.verifiedAt == nil else { return }
                user.verifiedAt = context.now
                user.passwordHash = found.passwordHash
                user.passwordChangedAt = context.now
            }
        }
        guard let user else { throw Self.invalidMailedToken }
        known.forgetAll(of: user.id)
        return user
    }

    /// Sends a mail with which a new password can be set, where the address has an account. The answer is the same where it has none.
    package func forgotPassword(email: String, _ context: IdentityContext) async throws {
        guard let address = EmailAddress.canonical(email) else { return }
        let mail = try await database.transaction(.write) { [self] transaction -> IdentityMail? in
            guard let user = try await user(tables.heldUserByEmail, address, in: transaction), user.disabledAt == nil else { return nil }
            guard try await mayMail(.passwordReset, user.id, context.now, in: transaction) else { return nil }
            try await record(.passwordResetRequested, of: user.id, now: context.now, in: transaction)
            let token = try await makeMailedToken(user.id, .passwordReset, settings.resetLifetime, context.now, in: transaction)
            return mails.passwordReset(to: user.email, token: token, lifetime: settings.resetLifetime)
        }
        if let mail { send(mail) }
    }

    /// Sets a new password with what came by mail, which proves the address as well. Every session ends.
    ///
    /// - Throws: ``IdentityError``: `invalid_mailed_token`, `invalid_input` (the token stays good), `identity_busy`.
    package func resetPassword(_ token: String, password: String, _ context: IdentityContext) async throws {
        guard let row = try await database.query(Statement(tables.mailedTokenOutside, [.text(RandomSecret.hash(token))]), into: FirstRow()),
            let id = row[2].text, let user = try await user(tables.userByID, id)
        else { throw Self.invalidMailedToken }
        try requireGood(password, at: "/password", of: user.email)
        let hash = try await hasher.hash(password)
        let isDone = try await database.transaction(.write) { [self] transaction in
            let found = try await consume(token, [.passwordReset, .invitation], context.now, in: transaction)
            guard found?.user == user.id else { return false }
            let changed = try await change(user.id, now: context.now, in: transaction) { user in
                user.passwordHash = hash
                user.passwordChangedAt = context.now
                user.verifiedAt = user.verifiedAt ?? context.now
            }
            try await revokeAll(of: user.id, but: nil, "password_reset", context.now, in: transaction)
            try await record(.passwordReset, of: user.id, now: context.now, in: transaction)
            try await note(.passwordReset, accounts.hash(of: user.email), user.id, method: "password", context, in: transaction)
            return changed != nil
        }
        guard isDone else { throw Self.invalidMailedToken }
        known.forgetAll(of: user.id)
        send(mails.passwordChanged(to: user.email))
    }

    /// Sets another password for somebody who has signed in. Their other sessions end.
    ///
    /// - Throws: ``IdentityError``: `invalid_credentials`, `too_many_attempts`, `invalid_input`, `identity_busy`.
    package func changePassword(
        of caller: Authentication, from old: String, to new: String, _ context: IdentityContext
    ) async throws {
        let verified = try await requirePassword(old, of: caller.user, context)
        guard !new.hasSameBytes(as: old) else { throw IdentityError.input("/newPassword", "same_password", "is the old one") }
        try requireGood(new, at: "/newPassword", of: caller.user.email)
        let hash = try await hasher.hash(new)
        try await database.transaction(.write) { [self] transaction in
            try await requireSession(caller, context.now, in: transaction)
            try await change(caller.user.id, now: context.now, in: transaction) { user in
                try Self.require(verified, of: user)
                user.passwordHash = hash
                user.passwordChangedAt = context.now
            }
            try await deleteMailed([.passwordReset, .invitation], of: caller.user.id, in: transaction)
            try await revokeAll(of: caller.user.id, but: caller.session, "password_changed", context.now, in: transaction)
            try await record(.passwordChanged, of: caller.user.id, now: context.now, in: transaction)
        }
        known.forgetAll(of: caller.user.id)
        send(mails.passwordChanged(to: caller.user.email))
    }

    /// What somebody sets their first password with, where it is not sent by mail.
    package func invite(_ user: User, now: Int64) async throws -> String {
        try await database.transaction(.write) { [self] transaction in try await invite(user, now: now, in: transaction) }
    }

    func invite(_ user: User, now: Int64, in transaction: any DatabaseTransaction) async throws -> String {
        try await makeMailedToken(user.id, .invitation, settings.verificationLifetime, now, in: transaction)
    }

    // MARK: Mailed tokens

    /// Whether a mail may be sent now: none of the same kind was a moment ago.
    private func mayMail(
        _ purpose: MailedPurpose, _ user: String, _ now: Int64, in transaction: any DatabaseTransaction
    ) async throws -> Bool {
        let row = try await transaction.query(
            Statement(tables.lastMailedToken, [.text(user), .text(purpose.name)]), into: FirstRow())
        return row?.first?.integer.map { now - $0 >= Self.mailPause.microseconds } ?? true
    }

    /// Makes a token beside those for the same that were sent before: who asks again makes useless nothing that the owner has got.
    func makeMailedToken(
        _ user: String, _ purpose: MailedPurpose, _ lifetime: Duration, _ now: Int64, passwordHash: String? = nil,
        binding: String = "", in transaction: any DatabaseTransaction
    ) async throws -> String {
        let token = RandomSecret.make()
        try await transaction.execute(
            Statement(
                tables.insertMailedToken,
                [
                    .text(RandomSecret.hash(token + binding)), .text(purpose.name), .text(user), .integer(now),
                    .integer(now + lifetime.microseconds), .optional(passwordHash),
                ]))
        return token
    }

    /// Uses up a token, and with it all others of its user for the same; nil where it is none that is good for this.
    func consume(
        _ token: String, _ purposes: [MailedPurpose], _ now: Int64, in transaction: any DatabaseTransaction
    ) async throws -> (user: String, passwordHash: String?)? {
        let hash = Value.text(RandomSecret.hash(token))
        guard let row = try await transaction.query(Statement(tables.mailedToken, [hash]), into: FirstRow()),
            purposes.contains(where: { $0.name == row[1].text }), let user = row[2].text, let expiresAt = row[4].integer, expiresAt > now
        else { return nil }
        try await deleteMailed(purposes, of: user, in: transaction)
        return (user, row[5].text)
    }

    func deleteMailed(_ purposes: [MailedPurpose], of user: String, in transaction: any DatabaseTransaction) async throws {
        for purpose in purposes {
            try await transaction.execute(Statement(tables.deleteMailedTokens, [.text(user), .text(purpose.name)]))
        }
    }

    static let invalidMailedToken = IdentityError(
        .invalidMailedToken, "The link or code is not valid: it was used, has expired, or a newer one was sent.")

    static func address(_ email: String) throws -> String {
        guard let address = EmailAddress.canonical(email) else {
            throw IdentityError.input("/email", "invalid_format", "is no e-mail address such as ann@example.com")
        }
        return address
    }

    func insert(_ user: User, in transaction: any DatabaseTransaction) async throws {
        try await transaction.execute(Statement(tables.insertUser, user.row(model)))
    }

    /// Asks somebody who has signed in for their password again, as slowly as at a sign-in.
    ///
    /// - Returns: the hash that it fits, for ``require(_:of:)`` where it comes to the change.
    func requirePassword(_ password: String, of user: User, _ context: IdentityContext) async throws -> String {
        let hashes = accounts.hashes(of: user.email)
        try await requirePatience(hashes, context)
        // As it is now, not as it was when the session was looked at.
        let stored = try await self.user(tables.userByID, user.id)
        guard try await hasher.verify(password, stored?.passwordHash), let hash = stored?.passwordHash else {
            try await note(.wrongPassword, hashes.first ?? "", user.id, context)
            throw IdentityError(.invalidCredentials, "The password is wrong.")
        }
        return hash
    }

    /// The password that was asked for is still that of the user, who may still do something: another change may have come first.
    static func require(_ hash: String, of user: User) throws {
        guard user.disabledAt == nil, user.passwordHash == hash else { throw IdentityError(.invalidCredentials, "The password is wrong.") }
    }

    /// The session still goes on: what is known of it may be a moment old.
    func requireSession(_ caller: Authentication, _ now: Int64, in transaction: any DatabaseTransaction) async throws {
        guard let row = try await transaction.query(Statement(tables.heldSession, [.text(caller.session)]), into: FirstRow()),
            let session = SessionRecord(row), session.revokedAt == nil, session.expiresAt > now
        else { throw AccessTokens.invalid("its session has ended") }
    }
}
