import Foundation
import NIOCore
import PostgresServing
import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyData

@Suite struct `The claim of a key` {
    @Test func `holds for a minute, then a retry takes it over, and what began first is undone`() async throws {
        let notes = try await IdempotentNotes()
        let first = try await notes.claim(IdempotentNotes.request("a"))
        #expect(await notes.send("a", at: 59.999_999) == "idempotency_key_in_use")
        let second = try await notes.claim(IdempotentNotes.request("a"), at: 60)
        // The retry has the claim for a minute of its own.
        #expect(await notes.send("a", at: 119) == "idempotency_key_in_use")
        await #expect(throws: IdempotencyError.takenOver) { try await notes.write("a", first) }
        #expect(try await notes.notes() == [])
        // Nor does what was undone give the other's claim back.
        await notes.keys.release(first)
        #expect(try await notes.rows() == 1)
        try await notes.write("a", second)
        await #expect(throws: IdempotencyError.takenOver) { try await notes.write("b", first) }
        #expect(await notes.send("a", at: 200).hasPrefix("again"))
        #expect(try await notes.notes() == ["a"])
    }

    @Test func `that has run out is taken over by its own request only`() async throws {
        let notes = try await IdempotentNotes()
        _ = try await notes.claim(IdempotentNotes.request("a"))
        #expect(await notes.send("b", at: 61) == "idempotency_key_reused")
        #expect(await notes.send("a", at: 61) == "made a")
    }

    @Test func `that nobody took up is anybody's a day later`() async throws {
        let notes = try await IdempotentNotes()
        _ = try await notes.claim(IdempotentNotes.request("a"))
        #expect(await notes.send("b", at: 86_400) == "made b")
    }

    @Test func `of a large body holds longer`() async throws {
        let notes = try await IdempotentNotes()
        let body = TextSource(Array(repeating: UInt8(ascii: "a"), count: 3 * 1024 * 1024 + 5), chunk: 1_000_000)
        let request = IdempotentRequest(
            from: .network("192.0.2.1"), key: "k",
            try RequestFingerprint(method: "POST", target: "/v1/notes/import?", mediaType: "text/csv", body: body))
        _ = try await notes.claim(request)
        #expect(await notes.send("a", request, at: 65.9) == "idempotency_key_in_use")
        _ = try await notes.claim(request, at: 66)
    }

    @Test func `of a file is that of the same bytes in memory`() throws {
        let bytes = Array("a text that comes in pieces".utf8)
        let file = try RequestFingerprint(method: "POST", target: "/", mediaType: "text/csv", body: TextSource(bytes, chunk: 5))
        let memory = RequestFingerprint(method: "POST", target: "/", mediaType: "text/csv", body: ByteBuffer(bytes: bytes))
        #expect(file == memory && file.bodyBytes == bytes.count)
    }

    // MARK: Others at the same time

    /// Lets others do something between the first look at a key and what is done by what was seen.
    private struct RacingDatabase: Database {
        let base: any Database
        let meanwhile: @Sendable (Int) async throws -> Void
        /// Whether writes are committed, and not told of.
        var isLeft = false
        let count = Counter()

        final class Counter: Sendable {
            let value = Mutex(0)
        }

        func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
            let output = try await base.query(statement, into: reader)
            try await meanwhile(
                count.value.withLock { value in
                    value += 1
                    return value
                })
            return output
        }

        func transaction<Result: Sendable>(
            _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
        ) async throws -> Result {
            let result = try await base.transaction(mode, body)
            // What is given back is given back by a task of its own.
            if isLeft, count.value.withLock({ $0 }) == 1 {
                count.value.withLock { $0 += 1 }
                throw CancellationError()
            }
            return result
        }

        func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
            try await base.session(body)
        }

        func probe() async throws { try await base.probe() }
        func close() async { await base.close() }
    }

    /// What a request comes to that sees a key before others do something with it.
    private func racing(
        _ notes: IdempotentNotes, at seconds: Double = 0, _ meanwhile: @escaping @Sendable (Int) async throws -> Void
    ) async -> String {
        let database = RacingDatabase(base: notes.store.database, meanwhile: meanwhile)
        let keys = IdempotencyKeys(database, dialect: notes.store.dialect)
        do {
            switch try await keys.begin(IdempotentNotes.request("a"), now: TestStore.now + Int64(seconds * 1_000_000)) {
            case .claimed: return "claimed"
            case .answered: return "answered"
            }
        } catch {
            return (error as? IdempotencyError)?.code.rawValue ?? "\(error)"
        }
    }

    @Test func `is had by one of two who find none`() async throws {
        let notes = try await IdempotentNotes()
        let outcome = await racing(notes) { if $0 == 1 { _ = try await notes.claim(IdempotentNotes.request("a")) } }
        #expect(outcome == "idempotency_key_in_use")
    }

    @Test func `is not taken over where it was answered, or taken over, meanwhile`() async throws {
        let notes = try await IdempotentNotes()
        let first = try await notes.claim(IdempotentNotes.request("a"))
        let taken = await racing(notes, at: 60) { if $0 == 1 { _ = try await notes.claim(IdempotentNotes.request("a"), at: 60) } }
        #expect(taken == "idempotency_key_in_use")
        await notes.keys.release(first)
        let second = try await IdempotentNotes()
        let claim = try await second.claim(IdempotentNotes.request("a"))
        let answered = await racing(second, at: 60) { if $0 == 1 { try await second.write("a", claim) } }
        #expect(answered == "answered")
        #expect(try await second.notes() == ["a"])
    }

    @Test func `is given back where who sent it has gone before they were told`() async throws {
        let notes = try await IdempotentNotes()
        let database = RacingDatabase(base: notes.store.database, meanwhile: { _ in }, isLeft: true)
        await #expect(throws: CancellationError.self) {
            try await IdempotencyKeys(database, dialect: notes.store.dialect).begin(IdempotentNotes.request("a"), now: TestStore.now)
        }
        #expect(try await notes.rows() == 0)
    }

    @Test func `that changes at every look is given up`() async throws {
        let notes = try await IdempotentNotes()
        // The first look finds nothing, the second a claim that ran out, and so on: each time somebody was faster.
        let outcome = await racing(notes, at: 600) { look in
            if look == 1 {
                _ = try await notes.claim(IdempotentNotes.request("a"))
            } else {
                let seconds = Double(look) * 100
                _ = try await notes.claim(IdempotentNotes.request("a"), at: seconds)
            }
        }
        #expect(outcome == "idempotency_key_in_use")
    }

    // MARK: What goes away

    @Test func `goes with its day, some rows at a time`() async throws {
        let notes = try await IdempotentNotes()
        for number in 0..<3 {
            _ = try await notes.claim(IdempotentNotes.request("\(number)", key: "\(number)"), at: Double(number))
        }
        let rows = (0..<(IdempotencyRetention.step + 5)).map { number -> [Value] in
            [
                .text("old \(number)"), .null, .text(""), .text(""), .integer(0), .integer(1), .integer(201), .text("[]"), .bytes([]),
            ]
        }
        try await notes.store.fill(
            "INSERT INTO seaworthy_idempotency_keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", rows)
        let retention = IdempotencyRetention(notes.records)
        #expect(try await retention.run(now: TestStore.now) == IdempotencyRetention.step + 5)
        #expect(try await retention.run(now: TestStore.now + 86_401_000_000) == 2)
        #expect(try await notes.rows() == 1)
    }

    @Test func `goes with its user, and undoes what is under way`() async throws {
        let test = try await TestIdentities(store: try await TestStore(IdempotentNotes.entities))
        let (ann, bob) = (try await test.makeUser(), try await test.makeUser("bob@example.com"))
        let keys = test.store.records.idempotency
        var claims: [IdempotencyClaim] = []
        for subject in [
            IdempotentNotes.subject(ann.id), .key("\(UUID())", Caller(user: .init(id: ann.id))), IdempotentNotes.subject(bob.id),
        ] {
            guard case .claimed(let claim) = try await keys.begin(IdempotentNotes.request("a", from: subject), now: TestStore.now) else {
                continue
            }
            claims.append(claim)
        }
        try await test.identities.removeUser(ann.id, now: TestStore.now)
        #expect(try await test.store.rows("SELECT user_id FROM seaworthy_idempotency_keys") == [[.text(bob.id)]])
        await #expect(throws: IdempotencyError.takenOver) {
            _ = try await test.store.collection("Note").create(
                try JSONParser.parse(IdempotentNotes.body("a")), WriteRequest(now: TestStore.now),
                ending: try #require(claims.first).ending(IdempotentNotes.stored))
        }
        #expect(try await test.store.count("notes") == 0)
    }

    // MARK: What is stored

    @Test func `has headers that come back as they were`() throws {
        let headers = [
            StoredAnswer.Header(name: "Location", value: #"/v1/notes/"a\b,"#), .init(name: "ETag", value: "\"é\""),
            .init(name: "ETag", value: ""),
        ]
        let answer = StoredAnswer(status: 200, headers: headers, body: [])
        #expect(StoredAnswer.headers(answer.headersText) == headers)
        for text in ["", "{}", "[1]", "[[\"a\"]]", "[[\"a\",1]]", "[[1,\"a\"]]"] { #expect(StoredAnswer.headers(text) == nil, "\(text)") }
    }

    @Test func `that cannot be read is a fault, and nothing is written by it`() async throws {
        let notes = try await IdempotentNotes()
        #expect(await notes.send("a") == "made a")
        try await notes.store.run("UPDATE seaworthy_idempotency_keys SET headers = '{}'")
        #expect(await notes.send("a") == "storage.failed")
    }

    @Test func `tells readers of replicas how far these have to be, also when the answer is given again`() async throws {
        var settings = PostgresSettings(try await PostgresServer.running().makeSchema())
        settings.tracksPosition = true
        let database = try await PostgresDatabase.open(settings)
        try await database.closing {
            let schema = try TestStore.schema(IdempotentNotes.entities)
            _ = try await SchemaStore(database, dialect: PostgresDialect()).apply(SystemSchema.extending(schema), now: TestStore.now)
            let store = RecordStore(schema: schema, database: database, dialect: PostgresDialect(), secretKeys: TestStore.secretKeys)
            guard case .claimed(let claim) = try await store.idempotency.begin(IdempotentNotes.request("a"), now: TestStore.now) else {
                return
            }
            let notes = try #require(store.collection(named: "Note"))
            _ = try await notes.create(
                try JSONParser.parse(IdempotentNotes.body("a")), WriteRequest(now: TestStore.now),
                ending: claim.ending(IdempotentNotes.stored))
            let consistency = ReadConsistency(isReading: false)
            try await ReadConsistency.$current.withValue(consistency) {
                guard case .answered = try await store.idempotency.begin(IdempotentNotes.request("a"), now: TestStore.now) else {
                    Issue.record("it is carried out again")
                    return
                }
            }
            #expect(consistency.token != nil)
        }
    }
}
