import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// The statements on the tables of identities.
struct IdentityTables: Sendable {
    let attributes: Schema.Identity

    // MARK: Users

    let userByID: SQLText
    let userByEmail: SQLText
    /// The same, held until the end of the transaction.
    let heldUserByID: SQLText
    let heldUserByEmail: SQLText
    let insertUser: SQLText
    let updateUser: SQLText
    /// Behind an address, in the order of addresses. Parameters: the address, the most rows.
    let usersBehind: SQLText
    /// The first two users who have the role admin and are not disabled, held until the end of the transaction: whoever takes one away holds
    /// another who stays. In one order for everybody, so that nobody waits for who waits for them.
    let heldAdministrators: SQLText
    let deleteUser: SQLText
    /// Takes a user's id out of everything that has it, before the user goes. Parameter: the user's id.
    let deleteAllOfUser: [SQLText]

    // MARK: The same people elsewhere

    /// Parameters: the issuer, the subject.
    let linkedIdentity: SQLText
    let linkIdentity: SQLText

    // MARK: Sessions

    let insertSession: SQLText
    let heldSession: SQLText
    /// A session with its user. Parameter: the session's id.
    let sessionWithUser: SQLText
    /// The sessions of a user that go on, the one seen last first. Parameters: the user's id, the time.
    let liveSessions: SQLText
    /// Parameters: lastSeenAt, expiresAt, address, userAgent, id.
    let touchSession: SQLText
    /// Parameters: revokedAt, revokedFor, id.
    let revokeSession: SQLText
    /// Parameters: revokedAt, revokedFor, the user's id.
    let revokeSessions: SQLText
    let insertRefreshToken: SQLText
    let heldRefreshToken: SQLText
    /// Parameters: usedAt, hash.
    let useRefreshToken: SQLText
    let refreshTokensOfSession: SQLText

    // MARK: What is mailed

    let insertMailedToken: SQLText
    /// Held until the end of the transaction.
    let mailedToken: SQLText
    let mailedTokenOutside: SQLText
    /// When the last was made. Parameters: the user's id, the purpose.
    let lastMailedToken: SQLText
    /// Parameters: the user's id, the purpose.
    let deleteMailedTokens: SQLText
    /// Of every purpose. Parameter: the user's id.
    let deleteAllMailedTokens: SQLText

    // MARK: Attempts to sign in

    let insertSignIn: SQLText
    /// Those of an account since a time, the newest first. Parameters: the account, the time.
    let attempts: SQLText
    /// Whether somebody has signed in to an account from a network. Parameters: the account, the network.
    let knownNetwork: SQLText
    /// A user's, the newest first. Parameters: the user's id, the id before which they stand, the most rows.
    let signInsOfUser: SQLText

    // MARK: Security events

    let insertSecurityEvent: SQLText
    /// The newest first. Parameters: the id before which they stand, the most rows.
    let securityEvents: SQLText
    /// Parameters: the user's id, then the same.
    let securityEventsOfUser: SQLText

    // MARK: API keys

    let insertKey: SQLText
    /// A key with its user, whose columns come first. Parameter: the prefix.
    let keyWithUser: SQLText
    /// Held until the end of the transaction.
    let heldKeyByID: SQLText
    let heldKeyByPrefix: SQLText
    /// The keys of a user that are good, the newest first. Parameters: the user's id, the time.
    let liveKeys: SQLText
    /// Everybody's that are good behind a prefix, each with its owner's address. Parameters: the prefix, the time, the most rows.
    let keysBehind: SQLText
    /// Parameters: revokedAt, id.
    let revokeKey: SQLText
    /// Parameters: lastUsedAt, id, the time before which a use is written again.
    let useKey: SQLText

    // MARK: Clearing up, some rows at a time. Parameters: the time, the most rows.

    let oldSessions: SQLText
    let oldRefreshTokens: SQLText
    let oldMailedTokens: SQLText
    let oldSignIns: SQLText
    let oldKeys: SQLText
    let revokedKeys: SQLText
    /// Those of accounts that nobody has.
    let oldStraySignIns: SQLText

    init(_ attributes: Schema.Identity, dialect: any Dialect) {
        self.attributes = attributes
        let users = SystemTable(SystemSchema.users, dialect: dialect)
        userByID = users.select(by: "id")
        userByEmail = users.select(by: "email")
        heldUserByID = users.select(by: "id", suffix: dialect.rowLock)
        heldUserByEmail = users.select(by: "email", suffix: dialect.rowLock)
        insertUser = users.insert()
        updateUser = users.update(SystemSchema.users.fields.dropFirst().map(\.name), by: "id")
        usersBehind = users.select(
            suffix: "WHERE email > \(users.mark(1, "email")) ORDER BY email LIMIT \(dialect.placeholder(2, .integer))")
        // The name of a role holds no quotation mark and nothing that is escaped.
        heldAdministrators = users.select(
            suffix:
                "WHERE disabled_at IS NULL AND CAST(roles AS text) LIKE '%\"\(RoleAccess.admin)\"%' ORDER BY id LIMIT 2 \(dialect.rowLock)")
        deleteUser = users.delete(by: "id")

        let linked = SystemTable(SystemSchema.linkedIdentities, dialect: dialect)
        linkedIdentity = linked.select(by: "issuer", "subject")
        linkIdentity = linked.insert()

        let sessions = SystemTable(SystemSchema.sessions, dialect: dialect)
        insertSession = sessions.insert()
        heldSession = sessions.select(by: "id", suffix: dialect.rowLock)
        let columns = SystemSchema.users.fields.map { "u.\(dialect.quoted($0.column))" }.joined(separator: ", ")
        sessionWithUser = SQLText(
            "SELECT \(columns), s.expires_at, s.revoked_at FROM seaworthy_sessions s JOIN seaworthy_users u ON u.id = s.user_id WHERE s.id = \(sessions.mark(1, "id"))"
        )
        liveSessions = sessions.select(
            by: "userId", suffix: "AND revoked_at IS NULL AND expires_at > \(sessions.mark(2, "expiresAt")) ORDER BY last_seen_at DESC, id")
        touchSession = sessions.update(["lastSeenAt", "expiresAt", "address", "userAgent"], by: "id")
        revokeSession = sessions.update(["revokedAt", "revokedFor"], by: "id", and: "revoked_at IS NULL")
        revokeSessions = sessions.update(["revokedAt", "revokedFor"], by: "userId", and: "revoked_at IS NULL")
        let refresh = SystemTable(SystemSchema.refreshTokens, dialect: dialect)
        insertRefreshToken = refresh.insert()
        heldRefreshToken = refresh.select(by: "hash", suffix: dialect.rowLock)
        useRefreshToken = refresh.update(["usedAt"], by: "hash")
        refreshTokensOfSession = SQLText(
            "SELECT count(*) FROM seaworthy_refresh_tokens WHERE session_id = \(refresh.mark(1, "sessionId")) AND created_at >= \(refresh.mark(2, "createdAt"))"
        )

        let mailed = SystemTable(SystemSchema.mailedTokens, dialect: dialect)
        insertMailedToken = mailed.insert()
        mailedToken = mailed.select(by: "hash", suffix: dialect.rowLock)
        mailedTokenOutside = mailed.select(by: "hash")
        lastMailedToken = SQLText(
            "SELECT max(created_at) FROM seaworthy_mailed_tokens WHERE user_id = \(mailed.mark(1, "userId")) AND purpose = \(mailed.mark(2, "purpose"))"
        )
        deleteMailedTokens = mailed.delete(by: "userId", "purpose")
        deleteAllMailedTokens = mailed.delete(by: "userId")

        let signIns = SystemTable(SystemSchema.signIns, dialect: dialect)
        insertSignIn = signIns.insert()
        attempts = signIns.select(
            by: "account",
            suffix:
                "AND at > \(signIns.mark(2, "at")) AND outcome IN ('success', 'password_reset', 'wrong_password', 'wrong_code') ORDER BY at DESC, id DESC LIMIT \(SignInGuard.maximumAttempts)"
        )
        knownNetwork = signIns.select(by: "account", "network", suffix: "AND outcome IN ('success', 'password_reset') LIMIT 1")
        signInsOfUser = signIns.select(
            by: "userId", suffix: "AND id < \(signIns.mark(2, "id")) ORDER BY id DESC LIMIT \(dialect.placeholder(3, .integer))")

        let events = SystemTable(SystemSchema.securityEvents, dialect: dialect)
        insertSecurityEvent = events.insert()
        securityEvents = events.select(
            suffix: "WHERE id < \(events.mark(1, "id")) ORDER BY id DESC LIMIT \(dialect.placeholder(2, .integer))")
        securityEventsOfUser = events.select(
            by: "userId", suffix: "AND id < \(events.mark(2, "id")) ORDER BY id DESC LIMIT \(dialect.placeholder(3, .integer))")

        let keys = SystemTable(SystemSchema.apiKeys, dialect: dialect)
        insertKey = keys.insert()
        let keyColumns = SystemSchema.apiKeys.fields.map { "k.\(dialect.quoted($0.column))" }.joined(separator: ", ")
        let owned = "FROM seaworthy_api_keys k JOIN seaworthy_users u ON u.id = k.user_id"
        keyWithUser = SQLText("SELECT \(columns), \(keyColumns) \(owned) WHERE k.prefix = \(keys.mark(1, "prefix"))")
        heldKeyByID = keys.select(by: "id", suffix: dialect.rowLock)
        heldKeyByPrefix = keys.select(by: "prefix", suffix: dialect.rowLock)
        let live = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > \(keys.mark(2, "expiresAt")))"
        liveKeys = keys.select(by: "userId", suffix: "AND \(live) ORDER BY created_at DESC, id DESC")
        keysBehind = SQLText(
            "SELECT \(keyColumns), u.email \(owned) WHERE k.prefix > \(keys.mark(1, "prefix")) AND \(live) ORDER BY k.prefix LIMIT \(dialect.placeholder(3, .integer))"
        )
        revokeKey = keys.update(["revokedAt"], by: "id")
        useKey = keys.update(["lastUsedAt"], by: "id", and: "(last_used_at IS NULL OR last_used_at <= \(keys.mark(3, "lastUsedAt")))")
        deleteAllOfUser = [
            // Before their sessions, as they are held where one is used.
            SQLText(
                "DELETE FROM seaworthy_refresh_tokens WHERE session_id IN (SELECT id FROM seaworthy_sessions WHERE user_id = \(sessions.mark(1, "userId")))"
            ),
            sessions.delete(by: "userId"), deleteAllMailedTokens, keys.delete(by: "userId"), linked.delete(by: "userId"),
            // Their answers hold records; a write of theirs that is under way finds its claim gone, and is undone.
            SystemTable(SystemSchema.idempotencyKeys, dialect: dialect).delete(by: "userId"),
            // What was tried stays, of an account that nobody has.
            SQLText("UPDATE seaworthy_sign_ins SET user_id = NULL WHERE user_id = \(signIns.mark(1, "userId"))"),
        ]

        func old(_ table: SystemTable, _ key: String, _ time: String, _ further: String = "") -> SQLText {
            let name = dialect.quoted(table.entity.table)
            return SQLText(
                "DELETE FROM \(name) WHERE \(key) IN (SELECT \(key) FROM \(name) WHERE \(table.column(time)) < \(table.mark(1, time))\(further) LIMIT \(dialect.placeholder(2, .integer)))"
            )
        }
        oldSessions = old(sessions, "id", "expiresAt")
        oldRefreshTokens = SQLText(
            "DELETE FROM seaworthy_refresh_tokens WHERE hash IN (SELECT r.hash FROM seaworthy_refresh_tokens r LEFT JOIN seaworthy_sessions s ON s.id = r.session_id WHERE s.id IS NULL AND r.created_at < \(refresh.mark(1, "createdAt")) LIMIT \(dialect.placeholder(2, .integer)))"
        )
        oldMailedTokens = old(mailed, "hash", "expiresAt")
        oldSignIns = old(signIns, "id", "at")
        oldKeys = old(keys, "id", "expiresAt")
        revokedKeys = old(keys, "id", "revokedAt")
        oldStraySignIns = old(signIns, "id", "at", " AND user_id IS NULL")
    }
}
