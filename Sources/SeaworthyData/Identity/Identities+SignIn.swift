import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension Identities {
    /// What somebody gets who has signed in.
    package struct SignedIn: Sendable {
        package var accessToken: String
        package var refreshToken: String
        /// How long the access token is good, in seconds.
        package var expiresIn: Int64
        package var user: User
        package var session: String
    }

    /// How an attempt to sign in ended.
    enum Outcome: String, Sendable {
        case success
        case wrongPassword = "wrong_password"
        case wrongCode = "wrong_code"
        case codeRequired = "code_required"
        case disabled
        /// A new password was set with what came by mail: whoever did is no guesser.
        case passwordReset = "password_reset"

        var isSuccess: Bool { self == .success || self == .passwordReset }
        var isFailure: Bool { self == .wrongPassword || self == .wrongCode }
    }

    /// Signs somebody in with an address and a password.
    ///
    /// - Parameter code: of the second factor, or a recovery code.
    /// - Throws: ``IdentityError``: `invalid_credentials`, `totp_required`, `too_many_attempts`, `account_disabled`, `identity_busy`.
    package func signIn(
        email: String, password: String, code: String?, _ context: IdentityContext
    ) async throws -> SignedIn {
        let address = EmailAddress.canonical(email)
        let hashes = accounts.hashes(of: address ?? email)
        if try await !requirePatience(hashes, context), let wait = try await limits?.countSignIn(to: hashes.first ?? "", context.address) {
            throw Self.impatience(wait)
        }
        var user: User?
        if let address { user = try await self.user(tables.userByEmail, address) }
        let isRight = try await hasher.verify(password, user?.passwordHash)
        let account = hashes.first ?? ""
        // An address that is not proven yet has no password.
        guard isRight, let user, let hash = user.passwordHash, user.verifiedAt != nil else {
            try await note(.wrongPassword, account, user?.id, context)
            throw IdentityError.credentials
        }
        guard user.disabledAt == nil else {
            try await note(.disabled, account, user.id, context)
            throw Self.disabled
        }
        if user.hasSecondFactor, code == nil {
            try await note(.codeRequired, account, user.id, context)
            throw IdentityError(.totpRequired, "A code of the second factor is needed as well: send it as totp.")
        }
        let newHash = hasher.isOutdated(hash) ? try await hasher.hash(password) : nil
        return try await admit(user.id, account: account, method: "password", context) { [self] user in
            // The password may have been changed meanwhile.
            guard user.passwordHash == hash else { return .wrongPassword }
            if user.hasSecondFactor {
                guard let code, takes(code, of: &user, context.now) else { return .wrongCode }
            }
            if let newHash { user.passwordHash = newHash }
            return .success
        }
    }

    /// Begins a session for a user, when the last look at them under a lock allows it.
    func admit(
        _ id: String, account: String, method: String, _ context: IdentityContext,
        _ look: @escaping @Sendable (inout User) throws -> Outcome
    ) async throws -> SignedIn {
        let made = try await database.transaction(.write) { [self] transaction -> (User, String, String)? in
            var outcome = Outcome.wrongPassword
            // Under the lock again: of many who guess at the same moment few are told.
            if method == "password" {
                _ = try await self.user(tables.heldUserByID, id, in: transaction)
                try await requirePatience([account], context) { try await transaction.query($0, into: ValueRows()) }
            }
            let user = try await change(id, now: context.now, in: transaction) { user in
                outcome = user.disabledAt == nil ? try look(&user) : .disabled
                if outcome == .success { user.lastLoginAt = context.now }
            }
            try await note(outcome, account, id, method: method, context, in: transaction)
            guard let user, outcome == .success else { return nil }
            let (session, refreshToken) = try await begin(user.id, method: method, context, in: transaction)
            try await record(
                .signedIn, of: user.id, ["method": .string(method), "session": .string(session)], now: context.now, in: transaction)
            return (user, session, refreshToken)
        }
        guard let (user, session, refreshToken) = made else { throw IdentityError.credentials }
        return SignedIn(
            accessToken: try tokens.make(user: user.id, session: session, now: context.now), refreshToken: refreshToken,
            expiresIn: tokens.lifetime, user: user, session: session)
    }

    /// Makes sure that an account may be tried now.
    ///
    /// - Returns: whether somebody has signed in to it from this network before.
    @discardableResult
    func requirePatience(_ hashes: [String], _ context: IdentityContext) async throws -> Bool {
        try await requirePatience(hashes, context) { [database] in try await database.query($0, into: ValueRows()) }
    }

    @discardableResult
    private func requirePatience(
        _ hashes: [String], _ context: IdentityContext, _ query: (Statement) async throws -> [[Value]]
    ) async throws -> Bool {
        let network = context.network
        let since = context.now - SignInGuard.window.microseconds
        var attempts: [SignInGuard.Attempt] = []
        var isKnown = false
        // After a change of keys the account has another name too.
        for hash in hashes {
            let rows = try await query(Statement(tables.attempts, [.text(hash), .integer(since)]))
            attempts += rows.compactMap { row in
                guard let at = row[3].integer, let outcome = row[4].text.flatMap(Outcome.init(rawValue:)), let network = row[7].text,
                    outcome.isFailure || outcome.isSuccess
                else { return nil }
                return SignInGuard.Attempt(at: at, network: network, isSuccess: outcome.isSuccess)
            }
            if !isKnown {
                isKnown = try await !query(Statement(tables.knownNetwork, [.text(hash), .text(network)])).isEmpty
            }
        }
        attempts.sort { $0.at > $1.at }
        if let wait = SignInGuard.wait(attempts, network: network, isKnown: isKnown, now: context.now) {
            throw Self.impatience(wait)
        }
        return isKnown
    }

    private static func impatience(_ wait: Duration) -> IdentityError {
        IdentityError(.tooManyAttempts, "Too many attempts to sign in have failed. Wait, or set a new password.", retryAfter: wait)
    }

    func note(_ outcome: Outcome, _ account: String, _ user: String?, _ context: IdentityContext) async throws {
        try await database.transaction(.write) { [self] transaction in
            if outcome.isFailure {
                if let user { _ = try await self.user(tables.heldUserByID, user, in: transaction) }
                try await requirePatience([account], context) { try await transaction.query($0, into: ValueRows()) }
            }
            try await note(outcome, account, user, method: "password", context, in: transaction)
        }
    }

    func note(
        _ outcome: Outcome, _ account: String, _ user: String?, method: String, _ context: IdentityContext,
        in transaction: any DatabaseTransaction
    ) async throws {
        try await transaction.execute(
            Statement(
                tables.insertSignIn,
                [
                    .text(UUIDv7.make(milliseconds: context.now / 1000)), .text(account), .optional(user), .integer(context.now),
                    .text(outcome.rawValue), .text(method), .optional(context.address), .text(context.network),
                    .optional(context.userAgent),
                ]))
    }
}
