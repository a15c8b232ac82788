import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

extension Identities {
    /// Makes a user whose address counts as verified: whoever runs the server knows it.
    ///
    /// - Parameters:
    ///   - password: nil for who is to set one with what comes by mail, or signs in with a provider.
    ///   - attributes: in their JSON forms, by the names that the schema declares.
    /// - Throws: ``IdentityError``: `invalid_input`, `email_taken`.
    package func createUser(
        email: String, password: String?, roles: [String], attributes: JSONObject = JSONObject(), now: Int64
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
        do {
            try await database.transaction(.write) { [self, user] transaction in try await insert(user, in: transaction) }
        } catch let error as StorageError where error.code == .uniqueViolation {
            throw IdentityError(.emailTaken, "There is a user with this address already.")
        }
        return user
    }

    /// What an administrator changes of a user; nil leaves it.
    package struct UserChange: Sendable {
        package var roles: [String]?
        /// Those that are given; null takes one away.
        package var attributes: JSONObject?
        package var isDisabled: Bool?

        package init(roles: [String]? = nil, attributes: JSONObject? = nil, isDisabled: Bool? = nil) {
            self.roles = roles
            self.attributes = attributes
            self.isDisabled = isDisabled
        }
    }

    /// Changes a user. One who is disabled loses every session.
    ///
    /// - Throws: ``IdentityError``: `identity_not_found`, `invalid_input`.
    package func changeUser(_ id: String, _ change: UserChange, now: Int64) async throws -> User {
        let roles = try change.roles.map(checked)
        let attributes = try change.attributes.map(checked)
        let user = try await database.transaction(.write) { [self] transaction -> User? in
            let user = try await self.change(id, now: now, in: transaction) { user in
                if let roles { user.roles = roles }
                for (name, value) in attributes ?? [:] { user.attributes[name] = value.isNull ? nil : value }
                if let isDisabled = change.isDisabled { user.disabledAt = isDisabled ? user.disabledAt ?? now : nil }
            }
            if change.isDisabled == true { try await revokeAll(of: id, but: nil, "disabled", now, in: transaction) }
            return user
        }
        guard let user else { throw IdentityError(.notFound, "There is no such user.") }
        known.forgetAll(of: id)
        return user
    }

    /// - Throws: ``IdentityError`` `identity_not_found`.
    package func user(id: String) async throws -> User {
        guard let user = try await user(tables.userByID, id) else { throw IdentityError(.notFound, "There is no such user.") }
        return user
    }

    /// - Throws: ``IdentityError`` `identity_not_found`.
    package func user(email: String) async throws -> User {
        guard let address = EmailAddress.canonical(email), let user = try await user(tables.userByEmail, address) else {
            throw IdentityError(.notFound, "There is no user with this address.")
        }
        return user
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
