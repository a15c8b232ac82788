import NIOCore
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyData

@Suite struct `A request with a key` {
    @Test func `is carried out once, and answered again by what was answered first`() async throws {
        let notes = try await IdempotentNotes()
        let claim = try await notes.claim(IdempotentNotes.request("a"))
        let made = try await notes.write("a", claim)
        guard case .answered(let again) = try await notes.keys.begin(IdempotentNotes.request("a"), now: TestStore.now + 1) else {
            Issue.record("it is carried out again")
            return
        }
        #expect(again == IdempotentNotes.stored(made))
        #expect(await notes.send("a").wholeMatch(of: /again 201 \["\/v1\/notes\/[0-9a-f-]{36}"\] a/) != nil)
        #expect(try await notes.notes() == ["a"])
        #expect(try await notes.rows() == 1)
        // What is kept is of nobody by name.
        let kept = try await notes.store.rows("SELECT id, fingerprint, status FROM seaworthy_idempotency_keys")
        #expect(kept[0][0].text?.count == 43 && kept[0][1].text?.count == 43 && kept[0][2] == .integer(201))
    }

    @Test func `is refused where the key was another's: by body, method, target or media type`() async throws {
        let notes = try await IdempotentNotes()
        #expect(await notes.send("a") == "made a")
        for other in [
            IdempotentNotes.request("b"), IdempotentNotes.request("a", method: "PUT"),
            IdempotentNotes.request("a", target: "/v1/notes?x=1"),
            IdempotentNotes.request("a", type: "text/csv"), IdempotentNotes.request("a", method: "POST/", target: "v1/notes?"),
        ] {
            #expect(await notes.send("b", other) == "idempotency_key_reused")
        }
        #expect(try await notes.notes() == ["a"])
        #expect(await notes.send("b", IdempotentNotes.request("b", key: "l")) == "made b")
    }

    @Test func `is told apart by who sends it`() async throws {
        let notes = try await IdempotentNotes()
        let ann = Caller(user: .init(id: IdempotentNotes.ann))
        let subjects: [RateLimits.Subject] = [
            .user(IdempotentNotes.ann, ann), IdempotentNotes.subject(IdempotentNotes.bob), .key(IdempotentNotes.ann, ann),
            .key(IdempotentNotes.bob, ann), .network("192.0.2.1"), .network("192.0.2.2"),
        ]
        for (index, subject) in subjects.enumerated() {
            #expect(await notes.send("\(index)", IdempotentNotes.request("same", from: subject)) == "made \(index)")
        }
        for (index, subject) in subjects.enumerated() {
            #expect(await notes.send("x", IdempotentNotes.request("same", from: subject)).hasSuffix(" \(index)"))
        }
        let users = try await notes.store.rows("SELECT user_id FROM seaworthy_idempotency_keys ORDER BY user_id")
        #expect(users.count(where: { $0[0] == .text(IdempotentNotes.ann) }) == 3 && users.count(where: { $0[0].isNull }) == 2)
    }

    @Test func `is refused while the first is under way, without waiting for it`() async throws {
        let notes = try await IdempotentNotes()
        let claim = try await notes.claim(IdempotentNotes.request("a"))
        // Within the first one's transaction, which holds the only writer of SQLite.
        let seen = Mutex<[String]>([])
        let ending = WriteEnding<StoredRecord> { record, transaction in
            let (second, other) = (await notes.send("a"), await notes.send("b"))
            seen.withLock { $0 += [second, other] }
            try await claim.ending(IdempotentNotes.stored).run(record, transaction)
        }
        _ = try await notes.store.collection("Note").create(
            try JSONParser.parse(IdempotentNotes.body("a")), WriteRequest(now: TestStore.now), ending: ending)
        #expect(seen.withLock { $0 } == ["idempotency_key_in_use", "idempotency_key_reused"])
        #expect(await notes.send("a").hasPrefix("again"))
        #expect(try await notes.notes() == ["a"])
    }

    @Test func `that comes to nothing leaves its key to another`() async throws {
        let notes = try await IdempotentNotes()
        #expect(await notes.send("a", IdempotentNotes.request("a", key: "1")) == "made a")
        #expect(await notes.send("a") == "unique_conflict")
        #expect(try await notes.rows() == 1)
        #expect(await notes.send("b") == "made b")
    }

    @Test func `gives its key back also when who sent it has gone`() async throws {
        let notes = try await IdempotentNotes()
        let claim = try await notes.claim(IdempotentNotes.request("a"))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await notes.keys.release(claim)
        }
        await task.value
        #expect(try await notes.rows() == 0)
    }

    @Test func `keeps its answer where only the commit was not heard of`() async throws {
        let notes = try await IdempotentNotes()
        let claim = try await notes.claim(IdempotentNotes.request("a"))
        try await notes.write("a", claim)
        await notes.keys.release(claim)
        #expect(await notes.send("a").hasPrefix("again"))
    }

    @Test func `is new a day later, and not before`() async throws {
        let notes = try await IdempotentNotes()
        #expect(await notes.send("a") == "made a")
        #expect(await notes.send("a", at: 86_399.999).hasPrefix("again"))
        #expect(await notes.send("b", at: 86_399.999) == "idempotency_key_reused")
        #expect(await notes.send("b", at: 86_400) == "made b")
        #expect(await notes.send("b", at: 86_401).hasPrefix("again"))
        #expect(try await notes.rows() == 1)
    }

    @Test func `that answers more than is kept is undone`() async throws {
        let notes = try await IdempotentNotes()
        let most = IdempotencyKeys.maximumAnswerBytes
        for (count, outcome) in [(most + 1, "idempotent_answer_too_large"), (most, "done")] {
            let claim = try await notes.claim(IdempotentNotes.request("a"))
            do {
                try await notes.write("a", claim) { _ in StoredAnswer(status: 201, headers: [], body: Array(repeating: 65, count: count)) }
                #expect(outcome == "done")
            } catch let error as IdempotencyError {
                await notes.keys.release(claim)
                #expect(error.code.rawValue == outcome)
                #expect(try await notes.notes() == [])
                #expect(try await notes.rows() == 0)
            }
        }
        guard case .answered(let answer) = try await notes.keys.begin(IdempotentNotes.request("a"), now: TestStore.now) else {
            Issue.record("it is carried out again")
            return
        }
        #expect(answer.body.count == most)
    }

    @Test func `keeps one answer where its transaction has to be made again`() async throws {
        let notes = try await IdempotentNotes(\.twice)
        #expect(await notes.send("a") == "made a")
        #expect(await notes.send("a").hasPrefix("again"))
        #expect(try await notes.notes() == ["a"])
    }

    @Test func `makes one record when it comes fifty times at once`() async throws {
        let notes = try await IdempotentNotes()
        let answers = await withTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { await notes.send("a") } }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers.count(where: { $0 == "made a" }) == 1)
        #expect(answers.allSatisfy { $0 == "made a" || $0 == "idempotency_key_in_use" || $0.hasPrefix("again") }, "\(answers)")
        #expect(try await notes.notes() == ["a"])
        #expect(try await notes.rows() == 1)
    }

    @Test func `is one of many with other keys`() async throws {
        let notes = try await IdempotentNotes()
        let answers = await withTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask { await notes.send("\(number)", IdempotentNotes.request("\(number)", key: "\(number)")) }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.hasPrefix("made") }, "\(answers)")
        #expect(try await notes.notes().count == 50)
    }

    // MARK: Batches and imports

    @Test func `may be a batch`() async throws {
        let notes = try await IdempotentNotes()
        let collection = try notes.store.collection("Note")
        let operations = try ["a", "b"].map {
            BatchOperation(collection, .create, body: try JSONParser.parse(IdempotentNotes.body($0)))
        }
        let claim = try await notes.claim(IdempotentNotes.request("ab"))
        let ending: WriteEnding<[BatchResult]> = claim.ending { results in
            StoredAnswer(status: 200, headers: [], body: Array("\(results.count)".utf8))
        }
        _ = try await notes.records.batch(operations, WriteRequest(now: TestStore.now), ending: ending)
        #expect(await notes.send("ab") == "again 200 [] 2")
        // One whose claim has gone leaves nothing.
        await #expect(throws: IdempotencyError.takenOver) {
            let operation = BatchOperation(collection, .create, body: try JSONParser.parse(IdempotentNotes.body("c")))
            let gone = try await notes.claim(IdempotentNotes.request("c", key: "c"))
            await notes.keys.release(gone)
            _ = try await notes.records.batch(
                [operation], WriteRequest(now: TestStore.now), ending: gone.ending { _ in StoredAnswer(status: 200, headers: [], body: []) }
            )
        }
        #expect(try await notes.notes() == ["a", "b"])
    }

    @Test func `may be an import`() async throws {
        let notes = try await IdempotentNotes()
        func run(_ claim: IdempotencyClaim, _ rows: String) async throws {
            _ = try await RecordImport(
                into: try notes.store.collection("Note"), from: TextSource("Text\n\(rows)\n"), options: .init(format: .csv),
                for: WriteRequest(now: TestStore.now),
                ending: claim.ending { StoredAnswer(status: 200, headers: [], body: Array("\($0.imported)".utf8)) }
            ).run()
        }
        try await run(try await notes.claim(IdempotentNotes.request("ab")), "a\nb")
        #expect(await notes.send("ab") == "again 200 [] 2")
        let gone = try await notes.claim(IdempotentNotes.request("c", key: "c"))
        await notes.keys.release(gone)
        await #expect(throws: IdempotencyError.takenOver) { try await run(gone, "c") }
        #expect(try await notes.notes() == ["a", "b"])
    }

    @Test func `is not answered again to who may not do it any more`() async throws {
        let store = try await TestStore(
            """
            Note:
              fields: { Text: { type: string } }
              access: { anyone: { read: true }, clerk: { create: true, update: true, delete: true } }
            Page:
              fields: { Text: { type: string } }
              softDelete: true
              access: { clerk: { read: true, create: true, update: true, delete: true, restore: true, purge: true } }
            """)
        let clerk = Caller(user: .init(id: IdempotentNotes.ann), roles: ["clerk"])
        for entity in ["Note", "Page"] {
            let collection = try store.collection(entity)
            var actions: [BatchOperation.Action] = [
                .create, .update(key: ["1"]), .put(key: ["1"]), .delete(key: ["1"], isPurge: false),
            ]
            if entity == "Page" { actions += [.read(key: ["1"]), .restore(key: ["1"]), .delete(key: ["1"], isPurge: true)] }
            for action in actions {
                let operations = [BatchOperation(collection, action)]
                #expect(throws: Never.self) { try store.records.requireRights(to: operations, by: clerk) }
                let error = #expect(throws: BatchError.self) {
                    let read = BatchOperation(try store.collection("Note"), .read(key: ["1"]))
                    try store.records.requireRights(to: [read] + operations, by: .anonymous)
                }
                #expect(error?.index == 1, "\(action)")
            }
        }
    }
}
