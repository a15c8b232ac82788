import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

extension Identities {
    /// Makes a user whose address counts as verified: whoever runs the server knows it.
    ///
    /// - Parameters:
    ///   - password: nil for who is to set one with what comes by mail, or signs in with a provider.
    ///   - attributes: in their JSON forms, by the names that the schema declares.
    ///   - isInvited: whether a mail goes out with which a password can be set.
    /// - Throws: ``IdentityError``: `invalid_input`, `email_taken`, `identity_busy`.
    package func createUser(
        email: String, password: String?, roles: [String], attributes: JSONObject = JSONObject(), isInvited: Bool = false, now: Int64
    ) async throws -> User {
        let address = try Self.address(email)
        if let password { try requireGood(password, at: "/password", of: address) }
        var user = User(id: UUIDv7.make(milliseconds: now / 1000), email: address, now: now)
        user.roles = try checked(roles)
        user.attributes = try checked(attributes)
        user.verifiedAt = now
        if let password {
            user.passwordHash = try await hasher.hash(password)
            user.passwordChangedAt = now
        }
        let mail = try await telling(ofTakenAddress: {
            try await database.transaction(.write) { [self, user] transaction -> IdentityMail? in
                try await insert(user, in: transaction)
                try await record(
                    .userCreated, of: user.id, ["roles": .array(user.roles.map(JSONValue.string)), "isInvited": .bool(isInvited)], now: now,
                    in: transaction)
                guard isInvited else { return nil }
                let token = try await invite(user, now: now, in: transaction)
                return mails.invitation(to: user.email, token: token, lifetime: settings.verificationLifetime)
            }
        })
        if let mail { send(mail) }
        return user
    }

    /// What an administrator changes of a user; nil leaves it.
    package struct UserChange: Sendable {
        /// Another address counts as verified.
        package var email: String?
        package var roles: [String]?
        /// Those that are given; null takes one away.
        package var attributes: JSONObject?
        package var isDisabled: Bool?

        package init(email: String? = nil, roles: [String]? = nil, attributes: JSONObject? = nil, isDisabled: Bool? = nil) {
            self.email = email
            self.roles = roles
            self.attributes = attributes
            self.isDisabled = isDisabled
        }

        /// What the log of security events tells of it: not what an address or an attribute is.
        fileprivate var told: JSONObject {
            var told = JSONObject()
            if let roles { told.append("roles", .array(roles.map(JSONValue.string))) }
            if let isDisabled { told.append("isDisabled", .bool(isDisabled)) }
            if email != nil { told.append("email", true) }
            if let attributes { told.append("attributes", .array(attributes.members.map { .string($0.name) })) }
            return told
        }

        /// Whether somebody may be no administrator behind it who was one.
        fileprivate var mayTakeAdministration: Bool { isDisabled == true || roles?.contains(RoleAccess.admin) == false }
    }

    /// Changes a user. One who is disabled loses every session; with another address, what was mailed to the old one is of no use any more.
    ///
    /// - Throws: ``IdentityError``: `identity_not_found`, `invalid_input`, `email_taken`, `last_administrator`.
    package func changeUser(_ id: String, _ change: UserChange, now: Int64) async throws -> User {
        let email = try change.email.map(Self.address)
        let roles = try change.roles.map(checked)
        let attributes = try change.attributes.map(checked)
        let user = try await telling(ofTakenAddress: {
            try await database.transaction(.write) { [self] transaction -> User? in
                let other = change.mayTakeAdministration ? try await administrator(otherThan: id, in: transaction) : nil
                var hasMoved = false
                let user = try await self.change(id, now: now, in: transaction) { user in
                    let wasAdministrator = user.isActiveAdministrator
                    if let roles { user.roles = roles }
                    for (name, value) in attributes ?? [:] { user.attributes[name] = value.isNull ? nil : value }
                    if let isDisabled = change.isDisabled { user.disabledAt = isDisabled ? user.disabledAt ?? now : nil }
                    if let email, email != user.email {
                        (user.email, user.verifiedAt, hasMoved) = (email, now, true)
                    }
                    guard !wasAdministrator || user.isActiveAdministrator || other != nil else { throw Self.lastAdministrator }
                }
                if hasMoved { try await transaction.execute(Statement(tables.deleteAllMailedTokens, [.text(id)])) }
                if change.isDisabled == true { try await revokeAll(of: id, but: nil, "disabled", now, in: transaction) }
                if user != nil { try await record(.userChanged, of: id, change.told, now: now, in: transaction) }
                return user
            }
        })
        guard let user else { throw Self.noSuchUser }
        known.forgetAll(of: id)
        return user
    }

    /// - Throws: `email_taken` where the database says that an address is another user's.
    private func telling<Result>(ofTakenAddress body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as StorageError where error.code == .uniqueViolation {
            throw IdentityError(.emailTaken, "There is a user with this address already.")
        }
    }

    /// - Throws: ``IdentityError`` `identity_not_found`.
    package func user(id: String) async throws -> User {
        guard let user = try await user(tables.userByID, id) else { throw Self.noSuchUser }
        return user
    }

    /// - Throws: ``IdentityError`` `identity_not_found`.
    package func user(email: String) async throws -> User {
        guard let address = EmailAddress.canonical(email), let user = try await user(tables.userByEmail, address) else {
            throw IdentityError(.notFound, "There is no user with this address.")
        }
        return user
    }

    /// The user with an address, where there is one.
    package func users(email: String) async throws -> [User] {
        guard let address = EmailAddress.canonical(email), let user = try await user(tables.userByEmail, address) else { return [] }
        return [user]
    }

    /// Users in the order of their addresses.
    ///
    /// - Parameters:
    ///   - last: the address behind which they stand; empty for the first.
    package func users(behind last: String, limit: Int) async throws -> [User] {
        try await database.query(Statement(tables.usersBehind, [.text(last), .integer(Int64(limit))]), into: ValueRows())
            .compactMap { User($0, model) }
    }

    private func checked(_ roles: [String]) throws -> [String] {
        let known = self.roles.sorted()
        let problems = roles.enumerated().filter { !self.roles.contains($0.element) }.map { index, role in
            let detail =
                [RoleAccess.anyone, RoleAccess.authenticated].contains(role)
                ? "«\(role)» comes by itself"
                : "«\(role.excerpt)» is no role of the schema; known are \(known.joined(separator: ", "))"
            return IdentityError.Problem(pointer: "/roles/\(index)", code: "unknown_role", detail: detail)
        }
        guard problems.isEmpty else { throw IdentityError(.invalidInput, "The request cannot be taken.", problems: problems) }
        return roles.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func checked(_ attributes: JSONObject) throws -> [String: Value] {
        var values: [String: Value] = [:]
        var problems: [IdentityError.Problem] = []
        for member in attributes.members {
            let pointer = "/attributes/\(member.name.jsonPointerEscaped.excerpt)"
            guard let attribute = model.attributes.first(where: { $0.name.hasSameBytes(as: member.name) }) else {
                problems.append(.init(pointer: pointer, code: "unknown_field", detail: "is not declared under identity.attributes"))
                continue
            }
            do {
                values[attribute.name] = try attribute.type.value(from: member.value)
            } catch {
                problems.append(.init(pointer: pointer, code: error.code.rawValue, detail: error.detail))
            }
        }
        guard problems.isEmpty else { throw IdentityError(.invalidInput, "The request cannot be taken.", problems: problems) }
        return values
    }
}
