import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension Identities {
    /// How long a code that stands for a sign-in with a provider is good.
    static let handOverLifetime: Duration = .seconds(60)

    /// Where to send a browser that wants to sign in with a provider, and what it has to keep until it comes back.
    ///
    /// - Parameter target: the path to which it goes in the end.
    /// - Throws: ``IdentityError``: `identity_not_found`, `provider_unavailable`, `provider_refused`.
    package func beginProviderSignIn(_ name: String, target: String?, now: Int64) async throws -> (url: String, kept: String) {
        let provider = try provider(name)
        let (url, attempt) = try await provider.begin(redirectURI: try redirectURI(name))
        guard let kept = attempts.seal(attempt, provider: name, target: target, now: now) else {
            throw IdentityError(.busy, "There is no key to keep a sign-in with.")
        }
        return (url, kept)
    }

    package enum ProviderOutcome: Sendable {
        case signedIn(SignedIn)
        /// The path to go on to, with a code for ``signIn(handedOver:kept:by:_:)``, and what the browser has to keep for it: so that
        /// nobody has another's browser sign in as themselves.
        case redirect(target: String, code: String, kept: String)
    }

    /// Signs in who came back from a provider.
    ///
    /// - Parameters:
    ///   - parameters: of the address with which the browser came, decoded.
    ///   - kept: what ``beginProviderSignIn(_:target:now:)`` had it keep; nil for a browser that brings nothing.
    /// - Throws: ``IdentityError``: `provider_refused` and `provider_unavailable`, `registration_closed`, `account_disabled`,
    ///   `identity_not_found`.
    package func finishProviderSignIn(
        _ name: String, parameters: [(name: String, value: String)], kept: String?, _ context: IdentityContext
    ) async throws -> ProviderOutcome {
        let provider = try provider(name)
        guard let kept, let (attempt, target) = attempts.open(kept, provider: name, now: context.now) else {
            throw IdentityError(.providerRefused, "This sign-in was not begun in this browser, or is over. Begin again.")
        }
        let identity = try await provider.finish(parameters, of: attempt)
        let user = try await owner(of: identity, registers: registers(name), context)
        guard let target else {
            let account = accounts.hash(of: user.email)
            return .signedIn(
                try await admit(user.id, account: account, method: name, context) { _ in .success })
        }
        let browser = RandomSecret.make()
        let code = try await database.transaction(.write) { [self] transaction in
            try await makeMailedToken(
                user.id, .handOver(name), Self.handOverLifetime, context.now, binding: ".\(browser)", in: transaction)
        }
        return .redirect(target: target, code: code, kept: browser)
    }

    /// Signs in with the code that a page got at the end of a sign-in with a provider. It is good once, for a minute.
    ///
    /// - Throws: ``IdentityError``: `invalid_mailed_token`, `account_disabled`.
    package func signIn(handedOver code: String, kept: String?, by name: String, _ context: IdentityContext) async throws
        -> SignedIn
    {
        _ = try provider(name)
        let id = try await database.transaction(.write) { [self] transaction in
            try await consume("\(code).\(kept ?? "")", [.handOver(name)], context.now, in: transaction)
        }
        guard let id = id?.user else { throw Self.invalidMailedToken }
        let user = try await self.user(id: id)
        return try await admit(id, account: accounts.hash(of: user.email), method: name, context) { _ in .success }
    }

    private func provider(_ name: String) throws -> any SignInProvider {
        guard let provider = providers.first(where: { $0.name.hasSameBytes(as: name) }) else {
            throw IdentityError(.notFound, "There is no such provider.")
        }
        return provider
    }

    private func registers(_ name: String) -> Bool {
        model.providers.first { $0.name.hasSameBytes(as: name) }?.registers ?? model.registers
    }

    private func redirectURI(_ name: String) throws -> String {
        guard let url = settings.publicURL else {
            throw IdentityError(.providerUnavailable, "Sign-in with this provider is not set up.", reason: "PUBLIC_URL is not set")
        }
        return "\(url)/v1/auth/oidc/\(name)/callback"
    }

    /// Whose account it is: the one that is linked; else the one with the address, which is linked from now on; else a new one.
    private func owner(of identity: ProvidedIdentity, registers: Bool, _ context: IdentityContext) async throws -> User {
        let now = context.now
        let outcome = try await database.transaction(.write) { [self] transaction -> Result<User, IdentityError> in
            let linked = try await transaction.query(
                Statement(tables.linkedIdentity, [.text(identity.issuer), .text(identity.subject)]), into: FirstRow())
            if let id = linked?[2].text, let user = try await self.user(tables.heldUserByID, id, in: transaction) {
                return user.disabledAt == nil ? .success(user) : .failure(Self.disabled)
            }
            guard let email = identity.email.flatMap(EmailAddress.canonical), identity.isEmailVerified else {
                return .failure(
                    IdentityError(
                        .providerRefused, "The provider does not say which address is yours, or not that it is verified.",
                        reason: "no verified address"))
            }
            var user = try await self.user(tables.heldUserByEmail, email, in: transaction)
            if let found = user {
                guard found.disabledAt == nil else { return .failure(Self.disabled) }
                // Who registered with the address and never proved it may have been somebody else, and must not keep a way in.
                user = try await change(found.id, now: now, in: transaction) { user in
                    guard user.verifiedAt == nil else { return }
                    user.verifiedAt = now
                    user.passwordHash = nil
                }
                if found.verifiedAt == nil {
                    try await deleteMailed([.verification, .passwordReset, .invitation], of: found.id, in: transaction)
                    try await record(.emailVerified, of: found.id, now: now, in: transaction)
                }
            } else {
                guard registers else {
                    return .failure(IdentityError(.registrationClosed, "There is no account for you here, and none is made by signing in."))
                }
                var made = User(id: UUIDv7.make(milliseconds: now / 1000), email: email, now: now)
                made.verifiedAt = now
                try await insert(made, in: transaction)
                try await record(.registered, of: made.id, now: now, in: transaction)
                user = made
            }
            guard let user else { return .failure(Self.disabled) }
            try await transaction.execute(
                Statement(
                    tables.linkIdentity, [.text(identity.issuer), .text(identity.subject), .text(user.id), .integer(now)]))
            try await record(.identityLinked, of: user.id, ["issuer": .string(identity.issuer)], now: now, in: transaction)
            return .success(user)
        }
        let user = try outcome.get()
        known.forgetAll(of: user.id)
        return user
    }

    static let disabled = IdentityError(.accountDisabled, "The account is disabled.")
}
