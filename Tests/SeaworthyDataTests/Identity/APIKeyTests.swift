import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `API keys` {
    private static let day: Int64 = 86_400

    // MARK: Making

    @Test func `are told once, and stored as a hash`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        let made = try await test.makeKey(of: ann, ["Note:read", "*", "Note:read"], until: 60)
        let parts = made.key.split(separator: "_", maxSplits: 2).map(String.init)
        #expect(parts[0] == "sw" && parts[1] == made.record.prefix && parts[1].utf8.count == 12 && parts[2].utf8.count == 43)
        let stored = try await test.store.rows("SELECT * FROM seaworthy_api_keys").flatMap(\.self).compactMap(\.text)
        #expect(stored.contains(parts[1]) && stored.contains(RandomSecret.hash(parts[2])))
        #expect(!stored.contains { $0.contains(parts[2]) })
        let listed = try await test.identities.keys(of: ann.id, now: TestStore.now)
        #expect(listed == [made.record])
        #expect(listed[0].name == "ci" && listed[0].scopes == ["Note:read", "*"] && listed[0].createdAt == TestStore.now)
        #expect(listed[0].expiresAt == TestStore.now + 60_000_000 && listed[0].lastUsedAt == nil)
        // No two are alike.
        let other = try await test.makeKey(of: ann)
        #expect(other.record.prefix != made.record.prefix && other.key.suffix(43) != made.key.suffix(43))
    }

    @Test(
        arguments: [
            ("", ["*"], nil, "/name too_short"), (String(repeating: "ä", count: 101), ["*"], nil, "/name too_long"),
            ("a\u{1B}[2Jb", ["*"], nil, "/name invalid_format"), ("a\u{0}b", ["*"], nil, "/name invalid_format"),
            ("a\nb", ["*"], nil, "/name invalid_format"), ("a\u{2028}b", ["*"], nil, "/name invalid_format"),
            ("ci", [], nil, "/scopes too_short"), ("ci", Array(repeating: "*", count: 101), nil, "/scopes too_long"),
            ("ci", ["Nota:read"], nil, "/scopes/0 unknown_scope"), ("ci", ["Note:reed"], nil, "/scopes/0 unknown_scope"),
            ("ci", ["Note:read", "note:read", "Note"], nil, "/scopes/1 unknown_scope /scopes/2 unknown_scope"),
            ("ci", ["", ":read", "Note:", "Note:read:write", "Note: read", "Note:*", "**", "*:"], nil, nil),
            // The server's own tables are no entities of the schema.
            ("ci", ["SeaworthyUser:read"], nil, "/scopes/0 unknown_scope"), ("ci", ["*"], 0, "/expiresAt out_of_range"),
            ("", ["x"], -1, "/name too_short /scopes/0 unknown_scope /expiresAt out_of_range"),
        ] as [(String, [String], Int64?, String?)])
    func `are refused with all that is wrong`(_ name: String, _ scopes: [String], _ seconds: Int64?, _ problems: String?) async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        let refusal = await identityRefusal { try await test.makeKey(of: ann, scopes, named: name, until: seconds) }
        let all = scopes.indices.map { "/scopes/\($0) unknown_scope" }.joined(separator: " ")
        #expect(refusal == "invalid_input \(problems ?? all)")
        #expect(try await test.store.count("seaworthy_api_keys") == 0)
    }

    @Test func `take names of a hundred characters, and scopes for every entity`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        let name = String(repeating: "ä", count: 99) + "🚢"
        let scopes = ["*:read", "*:write", "*:purge", "*:history", "Note:read", "Note:write", "Note:purge", "Note:history"]
        let made = try await test.makeKey(of: ann, scopes, named: name)
        #expect(try await test.identities.keys(of: ann.id, now: TestStore.now) == [made.record])
        #expect(made.record.name == name && made.record.scopes == scopes)
    }

    @Test func `are fifty a user, of those that are good`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        var keys = [try await test.makeKey(of: ann, until: 60)]
        for _ in 1..<49 { keys.append(try await test.makeKey(of: ann)) }
        // Of two at once only one has the last place.
        let outcomes = await withTaskGroup(of: String.self) { group in
            for _ in 0..<2 { group.addTask { await identityRefusal { try await test.makeKey(of: ann) } } }
            return await group.reduce(into: []) { $0.append($1) }.sorted()
        }
        #expect(outcomes == ["done", "too_many_keys"])
        await #expect(identityRefusal { try await test.makeKey(of: ann) } == "too_many_keys")
        await #expect(identityRefusal { try await test.makeKey(of: bob) } == "done")
        try await test.identities.revokeKey(keys[1].record.id, of: ann.id, now: TestStore.now)
        await #expect(identityRefusal { try await test.makeKey(of: ann) } == "done")
        await #expect(identityRefusal { try await test.makeKey(of: ann, at: 59) } == "too_many_keys")
        await #expect(identityRefusal { try await test.makeKey(of: ann, at: 60) } == "done")
        #expect(try await test.identities.keys(of: ann.id, now: TestStore.now + 60_000_000).count == 50)
    }

    @Test func `are not made for who may not sign in, nor for nobody`() async throws {
        let test = try await TestIdentities()
        var ann = try await test.makeUser()
        _ = try await test.identities.changeUser(ann.id, .init(isDisabled: true), now: TestStore.now)
        await #expect(identityRefusal { try await test.makeKey(of: ann) } == "account_disabled")
        ann.id = "01a223bc-5819-7c25-b076-e6c0ab4910a6"
        await #expect(identityRefusal { try await test.makeKey(of: ann) } == "identity_not_found")
    }

    // MARK: Knowing

    @Test func `tell whose they are and what they are for`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser(roles: ["admin", "sales"])
        let made = try await test.makeKey(of: ann, ["Note:read"])
        guard case .key(let found) = try await test.identities.identify(made.key, now: TestStore.now) else {
            return #expect(Bool(false), "taken for a session")
        }
        #expect(found.key == made.record.id && found.user.id == ann.id)
        #expect(found.caller.user == ann.caller.user && found.caller.roles == ["admin", "sales"])
        #expect(found.caller.scopes?.map(\.text) == ["Note:read"] && !found.caller.isAdministrator)
        // A key for everything is no session either.
        let whole = try await test.identities.authenticate(key: try await test.makeKey(of: ann, ["*"]).key, now: TestStore.now).caller
        #expect(whole.scopes?.count == 1 && !whole.isAdministrator && whole != ann.caller)
        // An access token is known as before.
        guard case .session(let session) = try await test.identities.identify(try await test.signIn().accessToken, now: TestStore.now)
        else {
            return #expect(Bool(false), "taken for a key")
        }
        #expect(session.caller == ann.caller && session.caller.scopes == nil)
    }

    @Test func `are refused unless every character is right`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        let (first, second) = (try await test.makeKey(of: ann), try await test.makeKey(of: bob))
        let secret = String(first.key.suffix(43))
        let token = try await test.signIn().accessToken
        let wrong = [
            "sw_\(first.record.prefix)_\(second.key.suffix(43))", "sw_\(second.record.prefix)_\(secret)",
            "sw_\(first.record.prefix)_\(RandomSecret.make())", "sw_aaaaaaaaaaaa_\(secret)", "sw_", "sw__", "sw_\(first.record.prefix)",
            "sw_\(first.record.prefix)_", "sw_\(first.record.prefix)_\(secret.dropLast())", "\(first.key)A", "\(first.key)\n",
            "sw_\(first.record.prefix.uppercased())_\(secret)", "sw_\(first.record.prefix)-\(secret)", "sw_\(token)",
            "sw_\(first.record.prefix)_\(RandomSecret.hash(secret))", "sw_\(first.record.prefix)_\(String(repeating: "\u{0}", count: 43))",
            "sw_%\(first.record.prefix.dropFirst())_\(secret)", "SW_\(first.key.dropFirst(3))", String(first.key.dropFirst(3)),
            "sw_" + String(repeating: "a", count: 100_000),
        ]
        for key in wrong {
            await #expect(
                identityRefusal { try await test.identities.identify(key, now: TestStore.now) } == "invalid_token", "\(key.prefix(80))")
        }
        // Nobody has used it; and whoever guesses keeps nobody out.
        #expect(try await test.lastUse(of: first.record) == nil)
        #expect(await test.isGoodKey(first.key))
        #expect(await test.isGoodKey(second.key))
        // It is no access token.
        #expect(await !test.isGood(first.key))
    }

    @Test func `of prefixes that nobody has are not kept, so that guessing forgets no others`() async throws {
        let test = try await TestIdentities()
        let made = try await test.makeKey(of: try await test.makeUser())
        func isKnown(_ prefix: String) -> Bool { if case .known = test.identities.known.keys.look(prefix) { true } else { false } }
        #expect(await !test.isGoodKey("sw_aaaaaaaaaaaa_\(RandomSecret.make())"))
        #expect(!isKnown("aaaaaaaaaaaa"))
        #expect(await test.isGoodKey(made.key))
        let again = try await TestIdentities(store: test.store)
        try await again.identities.revokeKey(made.record.id, of: made.record.userID, now: TestStore.now)
        #expect(await !again.isGoodKey(made.key))
        if case .known(let known) = again.identities.known.keys.look(made.record.prefix) { #expect(known?.record.revokedAt != nil) }
    }

    @Test func `end when their time is over, also where they are known`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        let made = try await test.makeKey(of: ann, until: 60)
        #expect(await test.isGoodKey(made.key, at: 59))
        #expect(await !test.isGoodKey(made.key, at: 60))
        #expect(await test.isGoodKey(made.key, at: 59))
        #expect(try await test.identities.keys(of: ann.id, now: TestStore.now + 60_000_000) == [])
        await #expect(
            identityRefusal { try await test.identities.revokeKey(made.record.id, of: ann.id, now: TestStore.now + 60_000_000) }
                == "identity_not_found")
    }

    // MARK: Ending

    @Test func `are revoked by their owner only, and once`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        let (first, second) = (try await test.makeKey(of: ann), try await test.makeKey(of: ann, at: 1))
        #expect(try await test.identities.keys(of: ann.id, now: TestStore.now).map(\.id) == [second.record.id, first.record.id])
        #expect(try await test.identities.keys(of: bob.id, now: TestStore.now) == [])
        func revoke(_ id: String, of user: User) async -> String {
            await identityRefusal { try await test.identities.revokeKey(id, of: user.id, now: TestStore.now) }
        }
        await #expect(revoke(first.record.id, of: bob) == "identity_not_found")
        await #expect(revoke(bob.id, of: bob) == "identity_not_found")
        #expect(await test.isGoodKey(first.key))
        await #expect(revoke(first.record.id, of: ann) == "done")
        #expect(await !test.isGoodKey(first.key))
        await #expect(revoke(first.record.id, of: ann) == "identity_not_found")
        #expect(await test.isGoodKey(second.key))
        // When it was used last is written beside.
        #expect(try await test.identities.keys(of: ann.id, now: TestStore.now).map(\.id) == [second.record.id])
    }

    @Test func `are listed and revoked by their prefixes past their owners`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        let keys = [try await test.makeKey(of: ann), try await test.makeKey(of: bob), try await test.makeKey(of: ann, until: 60)]
        let sorted = keys.map(\.record.prefix).sorted()
        let all = try await test.identities.keys(behind: "", limit: 3, now: TestStore.now)
        #expect(all.map(\.key.prefix) == sorted)
        #expect(
            Set(all.map { "\($0.key.prefix) \($0.email)" }) == Set(zip(keys, [ann, bob, ann]).map { "\($0.record.prefix) \($1.email)" }))
        #expect(try await test.identities.keys(behind: sorted[0], limit: 1, now: TestStore.now).map(\.key.prefix) == [sorted[1]])
        #expect(try await test.identities.keys(behind: "", limit: 9, now: TestStore.now + 60_000_000).count == 2)
        func revoke(_ prefix: String) async -> String {
            await identityRefusal { try await test.identities.revokeKey(prefix: prefix, now: TestStore.now) }
        }
        for wrong in [
            "", "sw_", "_", "aaaaaaaaaaaa", "sw_aaaaaaaaaaaa", String(sorted[0].dropLast()), "\(sorted[0])a", "%", "\(sorted[0])' --",
        ] {
            await #expect(revoke(wrong) == "identity_not_found", "\(wrong)")
        }
        for (key, text) in zip(keys, [keys[0].record.prefix, "sw_" + keys[1].record.prefix, keys[2].key]) {
            #expect(await test.isGoodKey(key.key))
            await #expect(revoke(text) == "done")
            await #expect(revoke(text) == "identity_not_found")
            #expect(await !test.isGoodKey(key.key))
        }
        #expect(try await test.identities.keys(behind: "", limit: 9, now: TestStore.now).isEmpty)
    }

    @Test func `that were revoked on another node are refused within a second`() async throws {
        let here = try await TestIdentities()
        let there = try await TestIdentities(store: here.store)
        let ann = try await here.makeUser(roles: ["sales"])
        let made = try await here.makeKey(of: ann)
        #expect(await there.isGoodKey(made.key))
        _ = try await here.identities.changeUser(ann.id, .init(roles: []), now: TestStore.now)
        // Here at once, there within the second.
        #expect(try await here.identities.authenticate(key: made.key, now: TestStore.now).caller.roles == [])
        try await Task.sleep(for: KnownSessions.longestAge)
        #expect(try await there.identities.authenticate(key: made.key, now: TestStore.now).caller.roles == [])
        try await here.identities.revokeKey(made.record.id, of: ann.id, now: TestStore.now)
        #expect(await !here.isGoodKey(made.key))
        try await Task.sleep(for: KnownSessions.longestAge)
        #expect(await !there.isGoodKey(made.key))
    }

    @Test func `of who may not sign in are refused at once, and are good again when they may`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        let made = try await test.makeKey(of: ann)
        #expect(await test.isGoodKey(made.key))
        _ = try await test.identities.changeUser(ann.id, .init(isDisabled: true), now: TestStore.now)
        #expect(await !test.isGoodKey(made.key))
        _ = try await test.identities.changeUser(ann.id, .init(isDisabled: false), now: TestStore.now)
        #expect(await test.isGoodKey(made.key))
        try await test.store.run("UPDATE seaworthy_users SET verified_at = NULL")
        let elsewhere = try await TestIdentities(store: test.store)
        #expect(await !elsewhere.isGoodKey(made.key))
    }

    @Test func `end with no session, and no password`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        let made = try await test.makeKey(of: ann)
        try await test.identities.endSessions(of: ann.id, now: TestStore.now)
        try await test.identities.forgotPassword(email: ann.email, test.at(0))
        try await test.identities.resetPassword(try test.mailedToken(), password: "another horse battery", test.at(1))
        #expect(await test.isGoodKey(made.key, at: 2))
    }

    // MARK: Uses

    @Test func `know within a minute when they were used`() async throws {
        let test = try await TestIdentities()
        let made = try await test.makeKey(of: try await test.makeUser())
        func use(_ test: TestIdentities, at seconds: Int64) async throws -> Int64? {
            #expect(await test.isGoodKey(made.key, at: seconds))
            return try await test.lastUse(of: made.record).map { ($0 - TestStore.now) / 1_000_000 }
        }
        #expect(try await test.lastUse(of: made.record) == nil)
        #expect(try await use(test, at: 5) == 5)
        #expect(try await use(test, at: 64) == 5)
        // On another node the minute is the same.
        let there = try await TestIdentities(store: test.store)
        #expect(try await use(there, at: 64) == 5)
        #expect(try await use(test, at: 65) == 65)
        #expect(try await test.identities.keys(of: made.record.userID, now: TestStore.now).first?.lastUsedAt == TestStore.now + 65_000_000)
    }

    @Test func `are good although their use cannot be written`() async throws {
        let test = try await TestIdentities()
        let made = try await test.makeKey(of: try await test.makeUser())
        try await test.store.run(
            "CREATE TRIGGER no_use BEFORE UPDATE ON seaworthy_api_keys BEGIN SELECT RAISE(ABORT, 'no'); END",
            onPostgres: "ALTER TABLE seaworthy_api_keys ADD CONSTRAINT no_use CHECK (last_used_at IS NULL)")
        #expect(await test.isGoodKey(made.key))
        #expect(try await test.lastUse(of: made.record) == nil)
        #expect(await test.isGoodKey(made.key, at: 60))
        #expect(try await test.lastUse(of: made.record) == nil)
    }

    @Test func `are written down seldom, and few at once`() {
        let uses = KeyUses()
        let minute = KeyUses.interval.microseconds
        #expect(!uses.begin("a", stored: 1, now: minute))
        #expect(uses.begin("a", stored: 1, now: minute + 1))
        #expect(!uses.begin("a", stored: nil, now: minute + 2))
        for number in 1..<KeyUses.maximumWrites { #expect(uses.begin("b\(number)", stored: nil, now: 0)) }
        #expect(!uses.begin("c", stored: nil, now: 0))
        uses.end()
        // What did not fit before is written now.
        #expect(uses.begin("c", stored: nil, now: 0))
        for _ in 0..<KeyUses.maximumWrites { uses.end() }
        #expect(uses.isIdle)
        for number in 0...KeyUses.maximumCount {
            _ = uses.begin("d\(number)", stored: nil, now: 0)
            uses.end()
        }
        #expect(uses.begin("d0", stored: nil, now: 1))
        #expect(!uses.begin("d\(KeyUses.maximumCount)", stored: nil, now: 1))
    }

    // MARK: Clearing up

    @Test func `are removed a day after their end`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser()
        let (revoked, _, _) = (
            try await test.makeKey(of: ann), try await test.makeKey(of: ann, until: 100), try await test.makeKey(of: ann)
        )
        try await test.identities.revokeKey(revoked.record.id, of: ann.id, now: TestStore.now)
        func left(_ seconds: Int64) async throws -> Int {
            try await IdentityRetention(test.identities).run(now: TestStore.now + seconds * 1_000_000)
            return try await test.store.count("seaworthy_api_keys")
        }
        #expect(try await left(Self.day) == 3)
        #expect(try await left(Self.day + 1) == 2)
        #expect(try await left(Self.day + 100) == 2)
        #expect(try await left(Self.day + 101) == 1)
        #expect(try await left(Self.day * 1000) == 1)
    }
}

extension TestIdentities {
    @discardableResult
    func makeKey(
        of user: User, _ scopes: [String] = ["*"], named name: String = "ci", until end: Int64? = nil, at seconds: Int64 = 0
    ) async throws -> (key: String, record: KeyRecord) {
        try await identities.createKey(
            for: user.id, name: name, scopes: scopes, expiresAt: end.map { TestStore.now + $0 * 1_000_000 },
            now: TestStore.now + seconds * 1_000_000)
    }

    func isGoodKey(_ key: String, at seconds: Int64 = 0) async -> Bool {
        (try? await identities.authenticate(key: key, now: TestStore.now + seconds * 1_000_000)) != nil
    }

    /// When a key was used last as the database knows it, once everything is written.
    func lastUse(of key: KeyRecord) async throws -> Int64? {
        while !identities.keyUses.isIdle { await Task.yield() }
        return try await store.rows("SELECT last_used_at FROM seaworthy_api_keys WHERE prefix = '\(key.prefix)'").first?.first?.integer
    }
}
