import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension Identities {
    // MARK: Making and ending

    /// Makes an API key for a user.
    ///
    /// - Parameters:
    ///   - name: what its owner knows it by: 1 to 100 characters.
    ///   - scopes: what it is for: `*`, or some of `Entity:read`, `Entity:write`, `Entity:purge`, `Entity:history`, with `*` for every entity.
    ///   - expiresAt: in microseconds since the epoch; nil for a key that is good until it is revoked.
    /// - Returns: the whole key, which is not to be had again, and what is stored of it.
    /// - Throws: ``IdentityError``: `invalid_input`, `too_many_keys`, `account_disabled`, `identity_not_found`.
    package func createKey(
        for user: String, name: String, scopes: [String], expiresAt: Int64?, now: Int64
    ) async throws -> (key: String, record: KeyRecord) {
        var problems = Self.problems(ofName: name) + self.problems(of: scopes)
        if let expiresAt, expiresAt <= now {
            problems.append(.init(pointer: "/expiresAt", code: "out_of_range", detail: "is not in the future"))
        }
        guard problems.isEmpty else { throw IdentityError(.invalidInput, "The request cannot be taken.", problems: problems) }
        let key = APIKey()
        let record = KeyRecord(
            key, userID: user, name: name, scopes: scopes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, createdAt: now,
            expiresAt: expiresAt)
        try await database.transaction(.write) { [self] transaction in
            // Held, so that two at once do not both have the last place.
            guard let owner = try await self.user(tables.heldUserByID, user, in: transaction) else {
                throw IdentityError(.notFound, "There is no such user.")
            }
            guard owner.disabledAt == nil else { throw IdentityError(.accountDisabled, "The account is disabled.") }
            let live = try await transaction.query(Statement(tables.liveKeys, [.text(user), .integer(now)]), into: ValueRows())
            guard live.count < KeyRecord.maximumLive else {
                throw IdentityError(.tooManyKeys, "There are \(KeyRecord.maximumLive) keys already: revoke one first.")
            }
            try await transaction.execute(Statement(tables.insertKey, record.row))
            try await self.record(.keyCreated, of: user, record.told, now: now, in: transaction)
        }
        return (key.text, record)
    }

    /// The keys of a user that are good, the newest first.
    package func keys(of user: String, now: Int64) async throws -> [KeyRecord] {
        try await database.query(Statement(tables.liveKeys, [.text(user), .integer(now)]), into: ValueRows()).compactMap(KeyRecord.init)
    }

    /// Everybody's keys that are good, in the order of their prefixes, each with its owner's address.
    ///
    /// - Parameter last: the prefix behind which they stand; empty for the first.
    package func keys(behind last: String, limit: Int, now: Int64) async throws -> [(key: KeyRecord, email: String)] {
        try await database.query(
            Statement(tables.keysBehind, [.text(last), .integer(now), .integer(Int64(limit))]), into: ValueRows()
        ).compactMap { row in
            guard let key = KeyRecord(Array(row.dropLast())), let email = row.last?.text else { return nil }
            return (key, email)
        }
    }

    /// Ends a key of a user's, here at once and everywhere within a second.
    ///
    /// - Throws: ``IdentityError`` `identity_not_found` where there is none that is good.
    package func revokeKey(_ id: String, of user: String, now: Int64) async throws {
        _ = try await revokeKey(tables.heldKeyByID, id, now) { $0.userID == user }
    }

    /// Ends a key by its prefix, past its owner. The whole key does as well.
    ///
    /// - Throws: ``IdentityError`` `identity_not_found` where there is none that is good.
    package func revokeKey(prefix text: String, now: Int64) async throws -> KeyRecord {
        guard let prefix = APIKey.prefix(meantBy: text) else { throw Self.noSuchKey }
        return try await revokeKey(tables.heldKeyByPrefix, prefix, now) { _ in true }
    }

    private func revokeKey(
        _ text: SQLText, _ parameter: String, _ now: Int64, where isMeant: @escaping @Sendable (KeyRecord) -> Bool
    ) async throws -> KeyRecord {
        let found = try await database.transaction(.write) { [self] transaction -> KeyRecord? in
            guard let row = try await transaction.query(Statement(text, [.text(parameter)]), into: FirstRow()), let key = KeyRecord(row),
                isMeant(key), key.isLive(now)
            else { return nil }
            try await transaction.execute(Statement(tables.revokeKey, [.integer(now), .text(key.id)]))
            try await record(.keyRevoked, of: key.userID, key.told, now: now, in: transaction)
            return key
        }
        guard let found else { throw Self.noSuchKey }
        // Behind the commit: what was looked up before is not known any more, and what is looked up now has ended.
        known.keys.forget(found.prefix)
        return found
    }

    // MARK: Knowing

    /// Who a bearer's token is of: an access token's user, or an API key's.
    ///
    /// - Throws: ``IdentityError`` `invalid_token`.
    package func identify(_ token: String, now: Int64) async throws -> Identified {
        APIKey.isMeant(by: token) ? .key(try await authenticate(key: token, now: now)) : .session(try await authenticate(token, now: now))
    }

    /// Whose an API key is, if it is good now. What is known of a key is as old as what is known of a session.
    ///
    /// - Throws: ``IdentityError`` `invalid_token`.
    func authenticate(key text: String, now: Int64) async throws -> KeyAuthentication {
        guard let key = APIKey(text) else { throw Self.invalidKey("not of the form of a key") }
        switch known.keys.look(key.prefix) {
        case .known(let found): return try good(found, key, now)
        case .load:
            let found: KnownKey
            do {
                let width = SystemSchema.users.fields.count
                guard let row = try await database.query(Statement(tables.keyWithUser, [.text(key.prefix)]), into: FirstRow()),
                    let user = User(Array(row.prefix(width)), model), let record = KeyRecord(Array(row.dropFirst(width)))
                else { throw Self.invalidKey("no such key") }
                found = KnownKey(record, of: user)
            } catch {
                known.keys.giveUp(key.prefix)
                throw error
            }
            known.keys.keep(found, of: key.prefix)
            return try good(found, key, now)
        }
    }

    private func good(_ known: KnownKey?, _ key: APIKey, _ now: Int64) throws -> KeyAuthentication {
        guard let known, RandomSecret.hash(key.secret).isSameSecret(as: known.record.hash) else { throw Self.invalidKey("another secret") }
        guard known.record.isLive(now) else { throw Self.invalidKey("revoked or expired") }
        guard known.user.disabledAt == nil, known.user.verifiedAt != nil else { throw Self.invalidKey("its owner may not sign in") }
        if keyUses.begin(known.record.id, stored: known.record.lastUsedAt, now: now) { note(useOf: known.record.id, now) }
        return KeyAuthentication(caller: known.caller, user: known.user, key: known.record.id)
    }

    /// Writes down that a key is used, while the request goes on. A failure is nobody's: a later use is written again.
    private func note(useOf key: String, _ now: Int64) {
        Task.detached { [database, tables, keyUses] in
            _ = try? await database.transaction(.write) { transaction in
                try await transaction.execute(
                    Statement(tables.useKey, [.integer(now), .text(key), .integer(now - KeyUses.interval.microseconds)]))
            }
            keyUses.end()
        }
    }

    private static let noSuchKey = IdentityError(.notFound, "There is no such key.")

    private static func invalidKey(_ reason: String) -> IdentityError {
        IdentityError(
            .invalidToken, "The API key is not valid: it is not this server's, was revoked or has expired, or its owner may not sign in.",
            reason: "API key: \(reason)")
    }

    // MARK: Input

    private static func problems(ofName name: String) -> [IdentityError.Problem] {
        func problem(_ code: String, _ detail: String) -> [IdentityError.Problem] {
            [.init(pointer: "/name", code: code, detail: detail)]
        }
        guard !name.isEmpty else { return problem("too_short", "is empty") }
        guard name.unicodeScalars.count <= KeyRecord.maximumName else {
            return problem("too_long", "has more than \(KeyRecord.maximumName) characters")
        }
        // Names are shown in terminals, which obey such.
        let controls: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        guard !name.unicodeScalars.contains(where: { controls.contains($0.properties.generalCategory) }) else {
            return problem("invalid_format", "has control characters")
        }
        return []
    }

    private func problems(of scopes: [String]) -> [IdentityError.Problem] {
        func problem(_ pointer: String, _ code: String, _ detail: String) -> IdentityError.Problem {
            .init(pointer: "/scopes\(pointer)", code: code, detail: detail)
        }
        guard !scopes.isEmpty else { return [problem("", "too_short", "is empty: name what the key is for, or *")] }
        guard scopes.count <= KeyRecord.maximumScopes else {
            return [problem("", "too_long", "has more than \(KeyRecord.maximumScopes) scopes")]
        }
        return scopes.enumerated().compactMap { index, text in
            guard let scope = AccessScope(text) else {
                let actions = AccessScope.Action.allCases.map(\.rawValue).joined(separator: ", ")
                return problem("/\(index)", "unknown_scope", "is no scope; expected * or an entity, or *, then : and one of \(actions)")
            }
            guard let name = scope.entity, !entities.contains(where: { $0.hasSameBytes(as: name) }) else { return nil }
            let fix = entities.nearest(to: name).map { "; did you mean \($0)?" } ?? ""
            return problem("/\(index)", "unknown_scope", "names no entity of the schema\(fix)")
        }
    }
}

extension KeyRecord {
    /// Whether it is good at a time, as far as it is its own doing.
    func isLive(_ now: Int64) -> Bool { revokedAt == nil && (expiresAt.map { $0 > now } ?? true) }
}

extension KeyRecord {
    /// What the log of security events tells of it.
    fileprivate var told: JSONObject {
        ["key": .string(id), "prefix": .string(prefix), "scopes": .array(scopes.map(JSONValue.string))]
    }
}
