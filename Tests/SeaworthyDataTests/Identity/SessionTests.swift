import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `Sessions` {
    // MARK: Refreshing

    @Test func `go on with a new refresh token each time`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let first = try await test.signIn()
        let second = try await test.identities.refresh(first.refreshToken, test.at(60, from: "198.51.100.9", agent: "other"))
        #expect(second.refreshToken != first.refreshToken && second.session == first.session && second.user.id == first.user.id)
        #expect(await test.isGood(second.accessToken, at: 60))
        let third = try await test.identities.refresh(second.refreshToken, test.at(120))
        #expect(third.session == first.session)
        let found = try await test.identities.sessions(of: first.user.id, now: TestStore.now).first
        let session = try #require(found)
        #expect(session.lastSeenAt == TestStore.now + 120_000_000)
        #expect(session.expiresAt == TestStore.now + 120_000_000 + 7 * 86_400_000_000)
        #expect(session.createdAt == TestStore.now)
        // Tokens are stored as hashes.
        let stored = try await test.store.rows("SELECT hash FROM seaworthy_refresh_tokens").flatMap(\.self).compactMap(\.text)
        #expect(stored.count == 3 && !stored.contains(first.refreshToken))
    }

    @Test func `forgive a refresh token that comes again within ten seconds, and end with one that comes later`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let first = try await test.signIn()
        let child = try await test.identities.refresh(first.refreshToken, test.at(60))
        let twin = try await test.identities.refresh(first.refreshToken, test.at(70))
        #expect(twin.session == first.session && twin.refreshToken != child.refreshToken)
        // Both go on.
        let grandchild = try await test.identities.refresh(child.refreshToken, test.at(71))
        _ = try await test.identities.refresh(twin.refreshToken, test.at(72))
        #expect(await test.isGood(grandchild.accessToken, at: 72))
        await #expect(identityRefusal { try await test.identities.refresh(first.refreshToken, test.at(71)) } == "invalid_refresh_token")
        // The whole family has ended.
        await #expect(
            identityRefusal { try await test.identities.refresh(grandchild.refreshToken, test.at(72)) } == "invalid_refresh_token")
        #expect(await !test.isGood(grandchild.accessToken, at: 72))
        let reasons = try await test.store.rows("SELECT revoked_for FROM seaworthy_sessions").map { $0[0].text }
        #expect(reasons == ["refresh_token_reused"])
    }

    @Test func `give a used refresh token few children`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let first = try await test.signIn()
        for _ in 0..<Identities.maximumChildren { _ = try await test.identities.refresh(first.refreshToken, test.at(1)) }
        await #expect(identityRefusal { try await test.identities.refresh(first.refreshToken, test.at(1)) } == "invalid_refresh_token")
        // A client with many windows is not signed out by that.
        #expect(try await test.identities.sessions(of: first.user.id, now: TestStore.now).count == 1)
    }

    @Test func `refreshed by many at once stay one family`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let first = try await test.signIn()
        let sessions = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<6 { group.addTask { try await test.identities.refresh(first.refreshToken, test.at(1)).session } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(sessions == [first.session])
        #expect(try await test.store.count("seaworthy_refresh_tokens") == 7)
    }

    @Test func `end when nobody refreshes them in time, and after ninety days in any case`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let day: Int64 = 86_400
        let first = try await test.signIn()
        await #expect(
            identityRefusal { try await test.identities.refresh(first.refreshToken, test.at(7 * day)) } == "invalid_refresh_token")
        var (tokens, time) = (first, Int64(0))
        for _ in 0..<14 {
            time += 6 * day
            tokens = try await test.identities.refresh(tokens.refreshToken, test.at(time))
        }
        // Eighty-four days have gone.
        #expect(
            try await test.identities.sessions(of: first.user.id, now: TestStore.now).first?.expiresAt == TestStore.now + 90 * day
                * 1_000_000)
        tokens = try await test.identities.refresh(tokens.refreshToken, test.at(90 * day - 1))
        await #expect(
            identityRefusal { try await test.identities.refresh(tokens.refreshToken, test.at(90 * day)) } == "invalid_refresh_token")
    }

    @Test(arguments: ["", "x", String(repeating: "A", count: 43)])
    func `are not refreshed by what is no token`(_ token: String) async throws {
        let test = try await TestIdentities()
        await #expect(identityRefusal { try await test.identities.refresh(token, test.at(0)) } == "invalid_refresh_token")
    }

    // MARK: Ending

    @Test func `are listed, and ended one by one or all`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        let sessions = [try await test.signIn(at: 1), try await test.signIn(at: 2), try await test.signIn(at: 3)]
        let others = try await test.signIn("bob@example.com", at: 4)
        let now = TestStore.now + 5_000_000
        #expect(try await test.identities.sessions(of: ann.id, now: now).map(\.id) == sessions.reversed().map(\.session))
        await #expect(
            identityRefusal { try await test.identities.endSession(others.session, of: ann.id, now: now) } == "identity_not_found")
        try await test.identities.endSession(sessions[1].session, of: ann.id, now: now)
        await #expect(
            identityRefusal { try await test.identities.endSession(sessions[1].session, of: ann.id, now: now) } == "identity_not_found")
        #expect(await !test.isGood(sessions[1].accessToken, at: 5))
        #expect(await test.isGood(sessions[0].accessToken, at: 5))
        try await test.identities.endSessions(of: ann.id, but: sessions[0].session, now: now)
        #expect(await test.isGood(sessions[0].accessToken, at: 5))
        #expect(await !test.isGood(sessions[2].accessToken, at: 5))
        try await test.identities.endSessions(of: ann.id, now: now)
        #expect(await !test.isGood(sessions[0].accessToken, at: 5))
        #expect(try await test.identities.sessions(of: ann.id, now: now) == [])
        #expect(await test.isGood(others.accessToken, at: 5))
        #expect(try await test.identities.sessions(of: bob.id, now: now).count == 1)
    }

    @Test func `are bounded for a user: the one seen longest ago ends`() async throws {
        let test = try await TestIdentities { $0.maximumSessions = 3 }
        let ann = try await test.makeUser()
        let sessions = [try await test.signIn(at: 1), try await test.signIn(at: 2), try await test.signIn(at: 3)]
        _ = try await test.identities.refresh(sessions[0].refreshToken, test.at(4))
        let fourth = try await test.signIn(at: 5)
        let live = try await test.identities.sessions(of: ann.id, now: TestStore.now).map(\.id)
        #expect(live == [fourth.session, sessions[0].session, sessions[2].session])
    }

    // MARK: Access tokens

    @Test func `of another server, another time or another key are refused`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let tokens = try await test.signIn()
        #expect(await test.isGood(tokens.accessToken, at: 899))
        await #expect(
            identityRefusal { try await test.identities.authenticate(tokens.accessToken, now: TestStore.now + 900_000_000) }
                == "invalid_token")
        // A token that was seen as good is not good for ever.
        #expect(await !test.isGood(tokens.accessToken, at: 901))
        let elsewhere = try await TestIdentities(store: test.store) { $0.publicURL = "https://other.example" }
        #expect(await !elsewhere.isGood(tokens.accessToken))
        let otherKeys = try await TestIdentities(secretKeys: [Array(repeating: 9, count: 32)], store: test.store)
        #expect(await !otherKeys.isGood(tokens.accessToken))
        // The first key signs, all verify.
        let rotated = try await TestIdentities(secretKeys: [Array(repeating: 9, count: 32)] + TestStore.secretKeys, store: test.store)
        #expect(await rotated.isGood(tokens.accessToken))
        #expect(await !test.isGood(try await rotated.signIn(at: 1).accessToken, at: 1))
    }

    @Test func `with another name for its user are refused`() async throws {
        let test = try await TestIdentities()
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        let tokens = try await test.signIn()
        let mixed = try test.identities.tokens.make(user: bob.id, session: tokens.session, now: TestStore.now)
        #expect(await !test.isGood(mixed))
        let right = try test.identities.tokens.make(user: ann.id, session: tokens.session, now: TestStore.now)
        #expect(await test.isGood(right))
        let nobody = try test.identities.tokens.make(
            user: ann.id, session: "01a223bc-5819-7c25-b076-e6c0ab4910a6", now: TestStore.now)
        #expect(await !test.isGood(nobody))
    }

    @Test func `see what was changed of their user on another node within a second`() async throws {
        let here = try await TestIdentities()
        let there = try await TestIdentities(store: here.store)
        let user = try await here.makeUser(roles: ["sales"])
        let tokens = try await here.signIn()
        #expect(await there.isGood(tokens.accessToken))
        _ = try await here.identities.changeUser(user.id, .init(roles: [], attributes: ["employeeId": 7]), now: TestStore.now)
        let known = try await here.identities.authenticate(tokens.accessToken, now: TestStore.now).caller
        #expect(known.roles == [] && known.user?.attributes["employeeId"] == .integer(7))
        try await Task.sleep(for: KnownSessions.longestAge)
        #expect(try await there.identities.authenticate(tokens.accessToken, now: TestStore.now).caller == known)
        try await here.identities.endSessions(of: user.id, now: TestStore.now)
        try await Task.sleep(for: KnownSessions.longestAge)
        #expect(await !there.isGood(tokens.accessToken))
    }

    // MARK: Clearing up

    @Test func `and what belongs to them are removed when they are of no use any more`() async throws {
        let test = try await TestIdentities()
        try await test.makeUser()
        let day: Int64 = 86_400
        let tokens = try await test.signIn()
        _ = await identityRefusal { try await test.signIn("nobody@example.com", "guess", at: 0) }
        try await test.identities.forgotPassword(email: "ann@example.com", test.at(0))
        let retention = IdentityRetention(test.identities)
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for table in ["sessions", "refresh_tokens", "mailed_tokens", "sign_ins"] {
                counts.append(try await test.store.count("seaworthy_\(table)"))
            }
            return counts
        }
        func run(_ seconds: Int64) async throws -> [Int] {
            try await retention.run(now: TestStore.now + seconds * 1_000_000)
            return try await counts()
        }
        #expect(try await counts() == [1, 1, 1, 2])
        #expect(try await run(1800) == [1, 1, 1, 2])
        #expect(try await run(1801) == [1, 1, 0, 2])
        #expect(try await run(day + 1) == [1, 1, 0, 1])
        #expect(try await run(8 * day) == [1, 1, 0, 1])
        #expect(try await run(8 * day + 1) == [0, 0, 0, 1])
        #expect(try await run(90 * day + 1) == [0, 0, 0, 0])
        _ = tokens
    }
}

@Suite struct `What is known of sessions` {
    private static func session(_ id: String = "u") -> KnownSession {
        KnownSession(user: User(id: id, email: "\(id)@example.com", now: 0), expiresAt: .max)
    }

    /// Whether the asker has to read it; otherwise whose it is.
    private static func look(_ known: KnownSessions, _ id: String = "s") -> String {
        switch known.look(id) {
        case .load: "load"
        case .known(let session): session?.user.id ?? "ended"
        }
    }

    private final class Clock: Sendable {
        let start = ContinuousClock.now
        let offset = Shared(Duration.zero)
        var now: ContinuousClock.Instant { start + offset.value }
    }

    @Test func `is read again by one while others go on with it, and by all when it is too old`() {
        let clock = Clock()
        let known = KnownSessions { clock.now }
        #expect(Self.look(known) == "load")
        #expect(Self.look(known) == "load")
        known.keep(Self.session(), of: "s")
        clock.offset.value = .milliseconds(499)
        #expect(Self.look(known) == "u")
        clock.offset.value = .milliseconds(500)
        #expect(Self.look(known) == "load")
        #expect(Self.look(known) == "u")
        clock.offset.value = .milliseconds(800)
        #expect(Self.look(known) == "load")
        known.keep(nil, of: "s")
        // As old as when its reading began.
        clock.offset.value = .milliseconds(1299)
        #expect(Self.look(known) == "ended")
        clock.offset.value = .milliseconds(1300)
        #expect(Self.look(known) == "load")
        known.giveUp("s")
        #expect(Self.look(known) == "load")
        #expect(Self.look(known) == "ended")
    }

    @Test func `does not come back from a reading that began before it was forgotten`() {
        let known = KnownSessions()
        #expect(Self.look(known) == "load")
        known.forget("s")
        known.keep(Self.session(), of: "s")
        #expect(Self.look(known) == "load")
        known.keep(Self.session(), of: "s")
        #expect(Self.look(known, "other") == "load")
        known.forgetAll(of: "u")
        known.keep(Self.session("v"), of: "other")
        #expect(Self.look(known) == "load")
        #expect(Self.look(known, "other") == "load")
    }

    @Test func `is bounded`() {
        let known = KnownSessions()
        let claims = AccessTokens.Claims(iss: "i", aud: "a", sub: "u", sid: "s", iat: 0, exp: 1)
        for number in 0...KnownSessions.maximumCount {
            known.keep(claims, of: "t\(number)")
            _ = known.look("s\(number)")
            known.keep(Self.session(), of: "s\(number)")
        }
        #expect(known.claims(of: "t0") == nil && known.claims(of: "t\(KnownSessions.maximumCount)") == claims)
        #expect(Self.look(known, "s0") == "load")
        #expect(Self.look(known, "s\(KnownSessions.maximumCount)") == "u")
    }
}
