import SeaworthyQuery
package import SeaworthySQL
package import SeaworthySchema
package import SeaworthyStorage

/// Who people are: users, their passwords and second factors, and the sessions in which they are signed in.
package final class Identities: Sendable {
    package let settings: IdentitySettings
    /// What the schema says of users.
    package let model: Schema.Identity
    package let signingKeys: SigningKeys
    /// The roles that the schema names.
    let roles: Set<String>
    let application: String
    let database: any Database
    let tables: IdentityTables
    let hasher: PasswordHasher
    let tokens: AccessTokens
    let mails: IdentityMails
    let send: @Sendable (IdentityMail) -> Void
    let recovery: RecoveryCodes
    let secondFactorBox: SecretBox
    let accounts: KeyedHash
    let known: KnownSessions
    let eventIDs = UUIDv7Sequence()
    let providers: [any SignInProvider]
    /// Counts attempts to sign in to an account; nil counts none.
    let limits: RateLimits?
    let attempts: SealedAttempt
    let keyUses = KeyUses()
    /// The names of the schema's entities, which scopes of keys name.
    let entities: [String]

    /// - Parameters:
    ///   - providers: those that the schema names.
    ///   - limits: what counts attempts to sign in to an account; nil counts none.
    ///   - send: takes a mail at once, and never waits.
    package init(
        _ schema: Schema, database: any Database, dialect: any Dialect, secretKeys: [[UInt8]], signingKeys: SigningKeys,
        settings: IdentitySettings, providers: [any SignInProvider] = [], limits: RateLimits? = nil,
        send: @escaping @Sendable (IdentityMail) -> Void
    ) {
        self.settings = settings
        self.database = database
        self.signingKeys = signingKeys
        self.send = send
        model = schema.identity
        application = schema.name
        entities = schema.entities.map(\.name)
        roles = Set(schema.entities.flatMap { $0.access.roles.map(\.role) })
            .union([RoleAccess.admin]).subtracting([RoleAccess.anyone, RoleAccess.authenticated])
        tables = IdentityTables(schema.identity, dialect: dialect)
        hasher = PasswordHasher(settings.password, threads: settings.passwordThreads)
        tokens = AccessTokens(
            signingKeys, issuer: settings.publicURL ?? "seaworthy", audience: schema.name, lifetime: settings.accessTokenLifetime)
        mails = IdentityMails(application: schema.name, publicURL: settings.publicURL)
        recovery = RecoveryCodes(secretKeys: secretKeys)
        secondFactorBox = SecretBox(secretKeys: secretKeys, purpose: "second factor")
        accounts = KeyedHash(secretKeys: secretKeys, purpose: "account")
        known = KnownSessions()
        self.providers = providers
        self.limits = limits
        attempts = SealedAttempt(secretKeys: secretKeys)
    }

    // MARK: Users

    func user(_ text: SQLText, _ parameter: String, in transaction: any DatabaseTransaction) async throws -> User? {
        let row = try await transaction.query(Statement(text, [.text(parameter)]), into: FirstRow())
        return row.flatMap { User($0, model) }
    }

    func user(_ text: SQLText, _ parameter: String) async throws -> User? {
        let row = try await database.query(Statement(text, [.text(parameter)]), into: FirstRow())
        return row.flatMap { User($0, model) }
    }

    /// Changes a user under a lock.
    ///
    /// - Returns: the user as it is then; nil where there is none.
    @discardableResult
    func change(
        _ id: String, now: Int64, in transaction: any DatabaseTransaction, _ body: (inout User) throws -> Void
    ) async throws -> User? {
        guard var user = try await user(tables.heldUserByID, id, in: transaction) else { return nil }
        try body(&user)
        user.updatedAt = now
        let row = user.row(model)
        try await transaction.execute(Statement(tables.updateUser, Array(row.dropFirst()) + row.prefix(1)))
        return user
    }

    /// What somebody who guesses a password would try.
    func guessable(_ email: String) -> [String] { [email, application] }

    func requireGood(_ password: String, at pointer: String, of email: String) throws {
        guard let problem = PasswordPolicy.problem(password, known: guessable(email)) else { return }
        throw IdentityError.input(pointer, problem.code, problem.detail)
    }
}
