import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What a mailed token is good for.
enum MailedPurpose: String, Sendable {
    case verification
    case passwordReset = "password_reset"
    /// Not by mail, but to a page at the end of a sign-in with a provider.
    case handOver = "hand_over"
}

extension Identities {
    /// How long after a mail to verify an address none is sent again by trying to sign in.
    static let verificationPause: Duration = .seconds(5 * 60)

    /// How long after a mail to set a new password none is sent again: who asks again and again neither fills a mailbox nor makes useless what
    /// the owner has just got.
    static let resetPause: Duration = .seconds(60)

    /// Takes an address and a password for a new account, and sends a mail to the address. Of an address that has an account already the answer
    /// and the time are the same.
    ///
    /// - Throws: ``IdentityError``: `registration_closed`, `invalid_input`, `identity_busy`.
    package func register(email: String, password: String, _ context: IdentityContext) async throws {
        guard model.registers else { throw IdentityError(.registrationClosed, "Nobody can register: an administrator makes the accounts.") }
        let address = try Self.address(email)
        try requireGood(password, at: "/password", of: address)
        let hash = try await hasher.hash(password)
        let mail = try await database.transaction(.write) { [self] transaction -> IdentityMail in
            guard let user = try await user(tables.heldUserByEmail, address, in: transaction) else {
                var user = User(id: UUIDv7.make(milliseconds: context.now / 1000), email: address, now: context.now)
                user.passwordHash = hash
                user.passwordChangedAt = context.now
                try await insert(user, in: transaction)
                return try await verification(of: user, context.now, in: transaction)
            }
            guard user.verifiedAt == nil, user.disabledAt == nil else { return mails.existingAccount(to: address) }
            // Whoever registers last has the mail that counts; those before it are of no use any more.
            try await change(user.id, now: context.now, in: transaction) { user in
                user.passwordHash = hash
                user.passwordChangedAt = context.now
            }
            return try await verification(of: user, context.now, in: transaction)
        }
        send(mail)
    }

    /// Shows that an address is somebody's: they have what was sent there.
    ///
    /// - Throws: ``IdentityError`` `invalid_mailed_token`.
    package func verifyEmail(_ token: String, _ context: IdentityContext) async throws -> User {
        let user = try await database.transaction(.write) { [self] transaction -> User? in
            guard let id = try await consume(token, .verification, context.now, in: transaction) else { return nil }
            return try await change(id, now: context.now, in: transaction) { $0.verifiedAt = $0.verifiedAt ?? context.now }
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
            if let sentAt = try await lastMailed(.passwordReset, user.id, in: transaction),
                context.now - sentAt < Self.resetPause.microseconds
            {
                return nil
            }
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
            guard try await consume(token, .passwordReset, context.now, in: transaction) == user.id else { return false }
            let changed = try await change(user.id, now: context.now, in: transaction) { user in
                user.passwordHash = hash
                user.passwordChangedAt = context.now
                user.verifiedAt = user.verifiedAt ?? context.now
            }
            try await revokeAll(of: user.id, but: nil, "password_reset", context.now, in: transaction)
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
        try await requirePassword(old, of: caller.user, context)
        try requireGood(new, at: "/newPassword", of: caller.user.email)
        let hash = try await hasher.hash(new)
        try await database.transaction(.write) { [self] transaction in
            try await change(caller.user.id, now: context.now, in: transaction) { user in
                user.passwordHash = hash
                user.passwordChangedAt = context.now
            }
            try await transaction.execute(
                Statement(tables.deleteMailedTokens, [.text(caller.user.id), .text(MailedPurpose.passwordReset.rawValue)]))
            try await revokeAll(of: caller.user.id, but: caller.session, "password_changed", context.now, in: transaction)
        }
        known.forgetAll(of: caller.user.id)
        send(mails.passwordChanged(to: caller.user.email))
    }

    /// What somebody sets their first password with, where it is not sent by mail.
    package func invite(_ user: User, now: Int64) async throws -> String {
        try await database.transaction(.write) { [self] transaction in try await invite(user, now: now, in: transaction) }
    }

    func invite(_ user: User, now: Int64, in transaction: any DatabaseTransaction) async throws -> String {
        try await makeMailedToken(user.id, .passwordReset, settings.verificationLifetime, now, in: transaction)
    }

    // MARK: Mailed tokens

    /// Sends the mail to verify an address again, unless one was sent a moment ago.
    func sendVerification(to user: User, _ context: IdentityContext) async throws {
        let mail = try await database.transaction(.write) { [self] transaction -> IdentityMail? in
            guard let user = try await self.user(tables.heldUserByID, user.id, in: transaction), user.verifiedAt == nil else { return nil }
            if let sentAt = try await lastMailed(.verification, user.id, in: transaction),
                context.now - sentAt < Self.verificationPause.microseconds
            {
                return nil
            }
            return try await verification(of: user, context.now, in: transaction)
        }
        if let mail { send(mail) }
    }

    private func verification(of user: User, _ now: Int64, in transaction: any DatabaseTransaction) async throws -> IdentityMail {
        let token = try await makeMailedToken(user.id, .verification, settings.verificationLifetime, now, in: transaction)
        return mails.verification(to: user.email, token: token, lifetime: settings.verificationLifetime)
    }

    /// When the last was made; nil where there is none.
    private func lastMailed(
        _ purpose: MailedPurpose, _ user: String, in transaction: any DatabaseTransaction
    ) async throws -> Int64? {
        let row = try await transaction.query(
            Statement(tables.lastMailedToken, [.text(user), .text(purpose.rawValue)]), into: FirstRow())
        return row?.first?.integer
    }

    /// Makes a token in the place of those for the same that were sent before.
    func makeMailedToken(
        _ user: String, _ purpose: MailedPurpose, _ lifetime: Duration, _ now: Int64, in transaction: any DatabaseTransaction
    ) async throws -> String {
        try await transaction.execute(Statement(tables.deleteMailedTokens, [.text(user), .text(purpose.rawValue)]))
        let token = RandomSecret.make()
        try await transaction.execute(
            Statement(
                tables.insertMailedToken,
                [
                    .text(RandomSecret.hash(token)), .text(purpose.rawValue), .text(user), .integer(now),
                    .integer(now + lifetime.microseconds),
                ]))
        return token
    }

    /// Uses up a token; nil where it is none that is good for this.
    func consume(
        _ token: String, _ purpose: MailedPurpose, _ now: Int64, in transaction: any DatabaseTransaction
    ) async throws -> String? {
        let hash = Value.text(RandomSecret.hash(token))
        guard let row = try await transaction.query(Statement(tables.mailedToken, [hash]), into: FirstRow()),
            row[1].text == purpose.rawValue, let user = row[2].text, let expiresAt = row[4].integer, expiresAt > now
        else { return nil }
        try await transaction.execute(Statement(tables.deleteMailedToken, [hash]))
        return user
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
    func requirePassword(_ password: String, of user: User, _ context: IdentityContext) async throws {
        let hashes = accounts.hashes(of: user.email)
        try await requirePatience(hashes, context)
        // As it is now, not as it was when the session was looked at.
        let stored = try await self.user(tables.userByID, user.id)
        guard try await hasher.verify(password, stored?.passwordHash) else {
            try await note(.wrongPassword, hashes.first ?? "", user.id, context)
            throw IdentityError(.invalidCredentials, "The password is wrong.")
        }
    }
}
