import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension Identities {
    static let noSuchUser = IdentityError(.notFound, "There is no such user.")
    static let lastAdministrator = IdentityError(
        .lastAdministrator, "This is the last administrator who is not disabled: give the role admin to somebody else first.")

    /// An administrator who is not disabled and stays so until the end of the transaction; nil where there is none. To be asked for before
    /// the user who may be none any more is held, so that two who take it from each other wait in line.
    func administrator(otherThan id: String, in transaction: any DatabaseTransaction) async throws -> User? {
        try await transaction.query(Statement(tables.heldAdministrators), into: ValueRows())
            .compactMap { User($0, model) }.first { $0.id != id && $0.isActiveAdministrator }
    }

    /// Removes a user with everything of theirs. What was tried to sign in stays, of nobody, and so do records that they made.
    ///
    /// - Throws: ``IdentityError``: `identity_not_found`, `last_administrator`.
    package func removeUser(_ id: String, now: Int64) async throws {
        let isRemoved = try await database.transaction(.write) { [self] transaction in
            let other = try await administrator(otherThan: id, in: transaction)
            guard let user = try await user(tables.heldUserByID, id, in: transaction) else { return false }
            guard !user.isActiveAdministrator || other != nil else { throw Self.lastAdministrator }
            for statement in tables.deleteAllOfUser { try await transaction.execute(Statement(statement, [.text(id)])) }
            try await transaction.execute(Statement(tables.deleteUser, [.text(id)]))
            try await record(.userRemoved, of: id, now: now, in: transaction)
            return true
        }
        guard isRemoved else { throw Self.noSuchUser }
        known.forgetAll(of: id)
    }

    /// Ends the use of a second factor whose device and codes are lost, or that was begun. Their sessions go on.
    ///
    /// - Throws: ``IdentityError`` `identity_not_found`.
    package func resetSecondFactor(of id: String, now: Int64) async throws {
        let (user, wasInUse) = try await database.transaction(.write) { [self] transaction in
            var wasInUse = false
            let user = try await change(id, now: now, in: transaction) { user in
                wasInUse = user.hasSecondFactor
                (user.totpSecret, user.totpConfirmedAt, user.totpStep, user.recoveryCodes) = (nil, nil, nil, [])
            }
            if wasInUse { try await record(.secondFactorReset, of: id, now: now, in: transaction) }
            return (user, wasInUse)
        }
        guard let user else { throw Self.noSuchUser }
        known.forgetAll(of: id)
        if wasInUse { send(mails.secondFactorChanged(to: user.email, isOn: false)) }
    }
}
