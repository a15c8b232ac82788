import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Removes what of identities is of no use any more, some rows at a time, so that no transaction is long.
package struct IdentityRetention: Sendable {
    /// Rows removed in one transaction.
    static let step = 1000
    /// How long attempts are kept for accounts that nobody has: longer than ``SignInGuard/window``.
    static let strayRetention: Duration = .seconds(86_400)
    /// How long sessions are kept behind their end, so that a token used again is seen, and refresh tokens behind their session.
    static let sessionRetention: Duration = .seconds(86_400)

    /// How long keys are kept behind their end.
    static let keyRetention: Duration = .seconds(86_400)

    private let identities: Identities

    package init(_ identities: Identities) {
        self.identities = identities
    }

    /// - Parameter now: in microseconds since the epoch.
    /// - Returns: how many rows were removed.
    @discardableResult
    package func run(now: Int64) async throws -> Int {
        let tables = identities.tables
        var removed = 0
        for (statement, age) in [
            (tables.oldMailedTokens, Duration.zero), (tables.oldSessions, Self.sessionRetention),
            (tables.oldRefreshTokens, Self.sessionRetention), (tables.oldSignIns, identities.settings.signInRetention),
            (tables.oldStraySignIns, Self.strayRetention), (tables.oldKeys, Self.keyRetention),
            (tables.revokedKeys, Self.keyRetention),
        ] {
            var count = Self.step
            while count == Self.step {
                try Task.checkCancellation()
                count = try await identities.database.transaction(.write) { transaction in
                    try await transaction.execute(Statement(statement, [.integer(now - age.microseconds), .integer(Int64(Self.step))]))
                }
                removed += count
            }
        }
        return removed
    }
}

extension Identities {
    /// A user's attempts to sign in, the newest first.
    ///
    /// - Parameter last: the id of the one before which they stand; nil for the newest.
    package func signIns(of user: String, before last: String?, limit: Int) async throws -> [SignInRecord] {
        let last = last ?? "ffffffff-ffff-ffff-ffff-ffffffffffff"
        return try await database.query(
            Statement(tables.signInsOfUser, [.text(user), .text(last), .integer(Int64(limit))]), into: ValueRows()
        ).compactMap(SignInRecord.init)
    }
}
