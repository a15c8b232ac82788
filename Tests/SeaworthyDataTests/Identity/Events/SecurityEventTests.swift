import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyData

@Suite struct `The log of security events` {
    /// The events about a user in the order of time, each with its details.
    private func told(_ test: TestIdentities, _ user: String?) async throws -> [String] {
        try await test.identities.securityEvents(of: user, before: nil, limit: 100).reversed().map {
            "\($0.kind) \($0.details.compactText)"
        }
    }

    @Test func `has what changed who may do what, with the change itself`() async throws {
        let test = try await TestIdentities()
        let identities = test.identities
        let ann = try await test.makeUser("ann@example.com", roles: ["sales"])
        let signedIn = try await test.signIn("ann@example.com", at: 1)
        let caller = try await identities.authenticate(signedIn.accessToken, now: test.at(1).now)
        let (_, key) = try await identities.createKey(for: ann.id, name: "k", scopes: ["*"], expiresAt: nil, now: test.at(2).now)
        try await identities.revokeKey(key.id, of: ann.id, now: test.at(3).now)
        try await identities.changePassword(of: caller, from: TestIdentities.password, to: "another good one", test.at(4))
        _ = try await identities.changeUser(
            ann.id, .init(email: "anna@example.com", roles: [], attributes: ["region": "north"], isDisabled: false), now: test.at(5).now)
        try await identities.endSession(caller.session, of: ann.id, now: test.at(6).now)
        try await identities.endSessions(of: ann.id, now: test.at(7).now, reason: "administrator")
        try await identities.forgotPassword(email: "anna@example.com", test.at(8))
        try await identities.resetPassword(try test.mailedToken(), password: "yet another good one", test.at(9))
        try await identities.removeUser(ann.id, now: test.at(10).now)
        #expect(
            try await told(test, ann.id) == [
                #"user_created {"roles":["sales"],"isInvited":false}"#, #"signed_in {"method":"password","session":"\#(caller.session)"}"#,
                #"key_created {"key":"\#(key.id)","prefix":"\#(key.prefix)","scopes":["*"]}"#,
                #"key_revoked {"key":"\#(key.id)","prefix":"\#(key.prefix)","scopes":["*"]}"#, "password_changed {}",
                #"user_changed {"roles":[],"isDisabled":false,"email":true,"attributes":["region"]}"#,
                #"session_ended {"session":"\#(caller.session)","reason":"signed_out"}"#, #"sessions_ended {"reason":"administrator"}"#,
                "password_reset_requested {}", "password_reset {}", "user_removed {}",
            ])
        // What is refused changed nothing.
        await #expect(identityRefusal { try await identities.removeUser(ann.id, now: 0) } == "identity_not_found")
        #expect(try await test.store.count("seaworthy_security_events") == 11)
    }

    @Test func `has registrations, second factors and tokens that came twice`() async throws {
        let test = try await TestIdentities()
        let identities = test.identities
        try await identities.register(email: "bob@example.com", password: TestIdentities.password, test.at(0))
        let bob = try await identities.verifyEmail(try test.mailedToken(), test.at(1))
        let signedIn = try await test.signIn("bob@example.com", at: 2)
        let caller = try await identities.authenticate(signedIn.accessToken, now: test.at(2).now)
        let enrolment = try await identities.enrolSecondFactor(of: caller, password: TestIdentities.password, test.at(3))
        let secret = try #require(TestIdentities.base32(enrolment.secret))
        let code = TimeCode(secret: secret).code(step: test.at(40).now / 1_000_000 / TimeCode.period)
        let codes = try await identities.confirmSecondFactor(of: caller, code: code, test.at(40))
        try await identities.disableSecondFactor(of: caller, password: TestIdentities.password, code: codes[0], test.at(41))
        _ = try await identities.refresh(signedIn.refreshToken, test.at(50))
        await #expect(identityRefusal { _ = try await identities.refresh(signedIn.refreshToken, test.at(100)) } == "invalid_refresh_token")
        #expect(
            try await told(test, bob.id).map { String($0.prefix { $0 != " " }) } == [
                "registered", "email_verified", "signed_in", "second_factor_enabled", "second_factor_disabled", "refresh_token_reused",
            ])
    }

    @Test func `has sessions that a browser replaced, once`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser("ann@example.com")
        let signedIn = try await test.signIn("ann@example.com", at: 1)
        let session = try await test.identities.authenticate(signedIn.accessToken, now: test.at(1).now).session
        for seconds in [2, 3] as [Int64] { try await test.identities.endReplacedSession(session, now: test.at(seconds).now) }
        try await test.identities.endReplacedSession("0190c1a0-0000-7000-8000-000000000009", now: test.at(4).now)
        #expect(try await told(test, ann.id).last == #"session_ended {"session":"\#(session)","reason":"replaced"}"#)
        #expect(try await test.store.count("seaworthy_security_events") == 3)
        await #expect(
            identityRefusal { _ = try await test.identities.authenticate(signedIn.accessToken, now: test.at(5).now) } == "invalid_token")
    }

    @Test func `has sessions that ended for newer ones`() async throws {
        let test = try await TestIdentities()
        let ann = try await test.makeUser("ann@example.com")
        for seconds in 1...51 as ClosedRange<Int64> { _ = try await test.signIn("ann@example.com", at: seconds) }
        let events = try await test.identities.securityEvents(of: ann.id, before: nil, limit: 2)
        #expect(events.map(\.kind) == ["signed_in", "session_ended"])
        #expect(events[1].details.compactText.contains("too_many"))
    }

    @Test func `is in the order in which it was written`() {
        let sequence = UUIDv7Sequence()
        // Many of one millisecond, and a clock that goes back.
        let ids = (0..<10_000).map { sequence.next(milliseconds: $0 == 9_000 ? 1 : 1_700_000_000_000) }
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil })
        #expect(sequence.next(milliseconds: 1_800_000_000_000) > ids[9_999])
        #expect(ids[0].hasPrefix("018bcfe5-6800-7"))
    }

    @Test func `says who it was, from where, and pages`() async throws {
        let test = try await TestIdentities()
        let actor = SecurityActor(
            .user("0190c1a0-0000-7000-8000-000000000009"), address: "192.0.2.7", userAgent: "curl/8", requestID: "r-1")
        let ann = try await SecurityActor.$current.withValue(actor) { try await test.makeUser("ann@example.com") }
        let bob = try await SecurityActor.$current.withValue(SecurityActor(.command)) {
            try await test.identities.createUser(email: "bob@example.com", password: nil, roles: [], now: TestStore.now + 500_000)
        }
        let key = SecurityActor(.key("0190c1a0-0000-7000-8000-000000000008", of: ann.id))
        try await SecurityActor.$current.withValue(key) {
            try await test.identities.endSessions(of: bob.id, now: TestStore.now + 1_000_000)
        }
        let events = try await test.identities.securityEvents(of: nil, before: nil, limit: 10)
        #expect(events.map(\.actor) == [ann.id, "command", "0190c1a0-0000-7000-8000-000000000009"])
        #expect(events.map(\.keyID) == ["0190c1a0-0000-7000-8000-000000000008", nil, nil])
        #expect(events[2].address == "192.0.2.7" && events[2].userAgent == "curl/8" && events[2].requestID == "r-1")
        #expect(try await test.identities.securityEvents(of: nil, before: nil, limit: 1) == [events[0]])
        #expect(try await test.identities.securityEvents(of: nil, before: events[0].id, limit: 10) == Array(events.dropFirst()))
        #expect(
            try await test.identities.securityEvents(of: bob.id, before: nil, limit: 10).map(\.kind) == ["sessions_ended", "user_created"])
    }

    @Test func `is added to and no more by the application's role`() async throws {
        let server = try await PostgresServer.running()
        let connection = try await server.makeSchema()
        let database = try await PostgresDatabase.open(PostgresSettings(connection))
        defer { Task { await database.close() } }
        let dialect = PostgresDialect()
        func run(_ sql: String) async throws {
            _ = try await database.transaction(.write) { try await $0.execute(Statement(SQLText(sql), [])) }
        }
        // A table of an owner who is no superuser, as an application's role is.
        let role = "app_\(UInt32.random(in: 0 ... .max))"
        try await run("CREATE ROLE \(role)")
        try await run("CREATE TABLE seaworthy_security_events (id uuid PRIMARY KEY, at timestamptz)")
        try await run("ALTER TABLE seaworthy_security_events OWNER TO \(role)")
        #expect(try await SecurityLogProtection(database, dialect: dialect).apply())  // A superuser may everything.
        let schema = try #require(connection.firstMatch(of: /search_path%3D([a-z0-9_]+)/).map { String($0.1) })
        try await run("GRANT USAGE ON SCHEMA \(schema) TO \(role)")
        let asRole = try await PostgresDatabase.open(PostgresSettings(connection + "%20-crole%3D\(role)"))
        defer { Task { await asRole.close() } }
        #expect(try await !SecurityLogProtection(asRole, dialect: dialect).apply())
        #expect(try await !SecurityLogProtection(asRole, dialect: dialect).apply())
        func denied(_ sql: String) async -> Bool {
            do {
                _ = try await asRole.transaction(.write) { try await $0.execute(Statement(SQLText(sql), [])) }
                return false
            } catch {
                return "\(error)".contains("permission denied")
            }
        }
        #expect(await !denied("INSERT INTO seaworthy_security_events VALUES (gen_random_uuid(), now())"))
        for sql in [
            "UPDATE seaworthy_security_events SET at = now()", "DELETE FROM seaworthy_security_events",
            "TRUNCATE seaworthy_security_events",
        ] {
            #expect(await denied(sql), "\(sql)")
        }
    }
}
