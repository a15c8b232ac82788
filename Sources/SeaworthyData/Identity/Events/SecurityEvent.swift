import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

/// Something that changed who may do what: who did it, to whom, from where. It is written once, with the change itself, and never changed.
package struct SecurityEvent: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case signedIn = "signed_in"
        case sessionEnded = "session_ended"
        case sessionsEnded = "sessions_ended"
        case refreshTokenReused = "refresh_token_reused"
        case registered
        case emailVerified = "email_verified"
        case passwordResetRequested = "password_reset_requested"
        case passwordReset = "password_reset"
        case passwordChanged = "password_changed"
        case secondFactorEnabled = "second_factor_enabled"
        case secondFactorDisabled = "second_factor_disabled"
        case secondFactorReset = "second_factor_reset"
        case identityLinked = "identity_linked"
        case keyCreated = "key_created"
        case keyRevoked = "key_revoked"
        case userCreated = "user_created"
        case userChanged = "user_changed"
        case userRemoved = "user_removed"
    }

    package var id: String
    package var at: Int64
    package var kind: String
    /// Whom it is about; they may have been removed since.
    package var userID: String?
    /// A user's id, `command`, or nil for nobody who was known.
    package var actor: String?
    package var keyID: String?
    package var address: String?
    package var userAgent: String?
    package var requestID: String?
    package var details: JSONValue

    init?(_ row: [Value]) {
        guard row.count == SystemSchema.securityEvents.fields.count, let id = row[0].text, let at = row[1].integer, let kind = row[2].text
        else { return nil }
        self.id = id
        self.at = at
        self.kind = kind
        userID = row[3].text
        actor = row[4].text
        keyID = row[5].text
        address = row[6].text
        userAgent = row[7].text
        requestID = row[8].text
        details = row[9].text.flatMap { try? JSONParser.parse($0) } ?? .null
    }
}

extension Identities {
    /// Writes an event with the change that it tells of.
    func record(
        _ kind: SecurityEvent.Kind, of user: String?, _ details: JSONObject = JSONObject(), now: Int64,
        in transaction: any DatabaseTransaction
    ) async throws {
        let actor = SecurityActor.current
        let (who, key): (String?, String?) =
            switch actor.who {
            case .nobody: (nil, nil)
            case .user(let id): (id, nil)
            case .key(let key, let owner): (owner, key)
            case .command: ("command", nil)
            }
        let context = IdentityContext(now: now, address: actor.address, userAgent: actor.userAgent)
        try await transaction.execute(
            Statement(
                tables.insertSecurityEvent,
                [
                    .text(eventIDs.next(milliseconds: now / 1000)), .integer(now), .text(kind.rawValue), .optional(user), .optional(who),
                    .optional(key), .optional(context.address), .optional(context.userAgent), .optional(actor.requestID),
                    .text(JSONValue.object(details).compactText),
                ]))
    }

    /// Events, the newest first.
    ///
    /// - Parameters:
    ///   - user: whom they are about; nil for everybody.
    ///   - last: the id of the one before which they stand; nil for the newest.
    package func securityEvents(of user: String?, before last: String?, limit: Int) async throws -> [SecurityEvent] {
        let last = last ?? "ffffffff-ffff-ffff-ffff-ffffffffffff"
        let statement =
            user.map { Statement(tables.securityEventsOfUser, [.text($0), .text(last), .integer(Int64(limit))]) }
            ?? Statement(tables.securityEvents, [.text(last), .integer(Int64(limit))])
        return try await database.query(statement, into: ValueRows()).compactMap(SecurityEvent.init)
    }
}
