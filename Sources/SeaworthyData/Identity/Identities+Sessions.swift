import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// A sign-in that goes on.
package struct SessionRecord: Sendable, Hashable {
    package var id: String
    package var userID: String
    /// `password` or the name of a provider.
    package var method: String
    package var address: String?
    package var userAgent: String?
    package var createdAt: Int64
    package var lastSeenAt: Int64
    package var expiresAt: Int64
    var revokedAt: Int64?

    init?(_ row: [Value]) {
        guard row.count == SystemSchema.sessions.fields.count, let id = row[0].text, let userID = row[1].text, let method = row[2].text,
            let createdAt = row[5].integer, let lastSeenAt = row[6].integer, let expiresAt = row[7].integer
        else { return nil }
        self.id = id
        self.userID = userID
        self.method = method
        address = row[3].text
        userAgent = row[4].text
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
        revokedAt = row[8].integer
    }
}

extension Identities {
    /// How long a refresh token that was used is forgiven: two tabs, or an answer that was lost.
    static let refreshGrace: Duration = .seconds(10)
    /// The most tokens that one may have for children within that time.
    static let maximumChildren = 10

    /// Begins a session with its first refresh token.
    func begin(
        _ user: String, method: String, _ context: IdentityContext, in transaction: any DatabaseTransaction
    ) async throws -> (session: String, refreshToken: String) {
        let live = try await transaction.query(
            Statement(tables.liveSessions, [.text(user), .integer(context.now)]), into: ValueRows())
        for row in live.dropFirst(settings.maximumSessions - 1) {
            guard let id = row[0].text else { continue }
            try await end(id, of: user, "too_many", context.now, in: transaction)
        }
        let id = UUIDv7.make(milliseconds: context.now / 1000)
        try await transaction.execute(
            Statement(
                tables.insertSession,
                [
                    .text(id), .text(user), .text(method), .optional(context.address), .optional(context.userAgent),
                    .integer(context.now), .integer(context.now), .integer(context.now + settings.refreshTokenLifetime.microseconds), .null,
                    .null,
                ]))
        return (id, try await makeRefreshToken(id, context.now, in: transaction))
    }

    private func makeRefreshToken(_ session: String, _ now: Int64, in transaction: any DatabaseTransaction) async throws -> String {
        let token = RandomSecret.make()
        try await transaction.execute(
            Statement(tables.insertRefreshToken, [.text(RandomSecret.hash(token)), .text(session), .integer(now), .null]))
        return token
    }

    /// Gives new tokens for a refresh token, which is used up. One that was used up longer ago than ``refreshGrace`` has been stolen, or its
    /// child has: the session ends.
    ///
    /// - Throws: ``IdentityError`` `invalid_refresh_token`.
    package func refresh(_ token: String, _ context: IdentityContext) async throws -> SignedIn {
        let hash = RandomSecret.hash(token)
        let now = context.now
        let made = try await database.transaction(.write) { [self] transaction -> (User, String, String)? in
            guard let row = try await transaction.query(Statement(tables.heldRefreshToken, [.text(hash)]), into: FirstRow()),
                let id = row[1].text,
                let found = try await transaction.query(Statement(tables.heldSession, [.text(id)]), into: FirstRow()),
                let session = SessionRecord(found), session.revokedAt == nil, session.expiresAt > now,
                let user = try await self.user(tables.userByID, session.userID, in: transaction), user.disabledAt == nil
            else { return nil }
            if let usedAt = row[3].integer {
                guard now - usedAt <= Self.refreshGrace.microseconds else {
                    // Not thrown: the session has to end.
                    try await revoke(id, "refresh_token_reused", now, in: transaction)
                    try await record(.refreshTokenReused, of: user.id, ["session": .string(id)], now: now, in: transaction)
                    return nil
                }
                let children = try await transaction.query(
                    Statement(tables.refreshTokensOfSession, [.text(id), .integer(usedAt)]), into: FirstRow())
                guard (children?.first?.integer ?? 0) < Self.maximumChildren else { return nil }
            } else {
                try await transaction.execute(Statement(tables.useRefreshToken, [.integer(now), .text(hash)]))
            }
            let expiresAt = min(now + settings.refreshTokenLifetime.microseconds, session.createdAt + settings.longestSession.microseconds)
            try await transaction.execute(
                Statement(
                    tables.touchSession,
                    [.integer(now), .integer(expiresAt), .optional(context.address), .optional(context.userAgent), .text(id)]))
            return (user, id, try await makeRefreshToken(id, now, in: transaction))
        }
        guard let (user, session, refreshToken) = made else {
            throw IdentityError(.invalidRefreshToken, "The refresh token is not valid: it was used, has expired, or its session has ended.")
        }
        return SignedIn(
            accessToken: try tokens.make(user: user.id, session: session, now: now), refreshToken: refreshToken,
            expiresIn: tokens.lifetime, user: user, session: session)
    }

    // MARK: Ending

    func revoke(_ session: String, _ reason: String, _ now: Int64, in transaction: any DatabaseTransaction) async throws {
        try await transaction.execute(Statement(tables.revokeSession, [.integer(now), .text(reason), .text(session)]))
        known.forget(session)
    }

    /// Ends every session of a user but one.
    func revokeAll(of user: String, but kept: String?, _ reason: String, _ now: Int64, in transaction: any DatabaseTransaction) async throws
    {
        guard let kept else {
            try await transaction.execute(Statement(tables.revokeSessions, [.integer(now), .text(reason), .text(user)]))
            known.forgetAll(of: user)
            return
        }
        for session in try await live(user, now, in: transaction) where session.id != kept {
            try await revoke(session.id, reason, now, in: transaction)
        }
    }

    private func live(_ user: String, _ now: Int64, in transaction: any DatabaseTransaction) async throws -> [SessionRecord] {
        try await transaction.query(Statement(tables.liveSessions, [.text(user), .integer(now)]), into: ValueRows())
            .compactMap(SessionRecord.init)
    }

    /// Ends a session of a user's.
    ///
    /// - Throws: ``IdentityError`` `identity_not_found` where there is none that goes on.
    package func endSession(_ session: String, of user: String, now: Int64, reason: String = "signed_out") async throws {
        guard try await end(session, of: user, reason, now) else { throw IdentityError(.notFound, "There is no such session.") }
    }

    /// Ends the session that a browser had before it signed in anew, whosever it is; it may have ended.
    package func endReplacedSession(_ session: String, now: Int64) async throws {
        _ = try await end(session, of: nil, "replaced", now)
    }

    /// - Parameter user: whose it has to be; nil for anybody's.
    /// - Returns: false for one that does not go on.
    private func end(_ session: String, of user: String?, _ reason: String, _ now: Int64) async throws -> Bool {
        let isEnded = try await database.transaction(.write) { [self] transaction in
            guard let row = try await transaction.query(Statement(tables.heldSession, [.text(session)]), into: FirstRow()),
                let found = SessionRecord(row), user == nil || found.userID == user, found.revokedAt == nil, found.expiresAt > now
            else { return false }
            try await end(session, of: found.userID, reason, now, in: transaction)
            return true
        }
        // Once more behind the commit: it may have been looked up between.
        known.forget(session)
        return isEnded
    }

    private func end(
        _ session: String, of user: String, _ reason: String, _ now: Int64, in transaction: any DatabaseTransaction
    ) async throws {
        try await revoke(session, reason, now, in: transaction)
        try await record(.sessionEnded, of: user, ["session": .string(session), "reason": .string(reason)], now: now, in: transaction)
    }

    /// Ends every session of a user's, but one where it is given.
    package func endSessions(of user: String, but kept: String? = nil, now: Int64, reason: String = "signed_out") async throws {
        try await database.transaction(.write) { [self] transaction in
            try await revokeAll(of: user, but: kept, reason, now, in: transaction)
            try await record(.sessionsEnded, of: user, ["reason": .string(reason)], now: now, in: transaction)
        }
        known.forgetAll(of: user, but: kept)
    }

    /// The sessions of a user that go on, the one seen last first.
    package func sessions(of user: String, now: Int64) async throws -> [SessionRecord] {
        try await database.query(Statement(tables.liveSessions, [.text(user), .integer(now)]), into: ValueRows())
            .compactMap(SessionRecord.init)
    }

    // MARK: Knowing

    /// Whose session an access token is of, if both are good now.
    ///
    /// What is known of a session is read from the database again after ``KnownSessions/freshness``, so that its end holds everywhere within
    /// a second.
    ///
    /// - Throws: ``IdentityError`` `invalid_token`.
    package func authenticate(_ token: String, now: Int64) async throws -> Authentication {
        let claims: AccessTokens.Claims
        if let seen = known.claims(of: token) {
            guard seen.exp > now / 1_000_000 else { throw AccessTokens.invalid("expired") }
            claims = seen
        } else {
            claims = try tokens.claims(of: token, now: now)
            known.keep(claims, of: token)
        }
        switch known.look(claims.sid) {
        case .known(let session): return try good(session, claims, now)
        case .load:
            do {
                let row = try await database.query(Statement(tables.sessionWithUser, [.text(claims.sid)]), into: FirstRow())
                let session = row.flatMap { row -> KnownSession? in
                    guard let user = User(Array(row.dropLast(2)), model), user.disabledAt == nil, row[row.count - 1].isNull,
                        let expiresAt = row[row.count - 2].integer
                    else { return nil }
                    return KnownSession(user: user, expiresAt: expiresAt)
                }
                known.keep(session, of: claims.sid)
                return try good(session, claims, now)
            } catch {
                known.giveUp(claims.sid)
                throw error
            }
        }
    }

    private func good(_ session: KnownSession?, _ claims: AccessTokens.Claims, _ now: Int64) throws -> Authentication {
        guard let session, session.expiresAt > now, session.user.id == claims.sub else {
            throw AccessTokens.invalid("its session has ended")
        }
        return Authentication(caller: session.caller, user: session.user, session: claims.sid)
    }
}
