import NIOCore
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyData

/// Notes that are made once for a key, as a server makes them.
struct IdempotentNotes: Sendable {
    static let entities = "Note:\n  fields: { Text: { type: string, required: true, max: 2000000, unique: true } }\n  \(TestStore.open)"
    static let ann = "018f0000-0000-7000-8000-00000000000a"
    static let bob = "018f0000-0000-7000-8000-00000000000b"

    let store: TestStore
    let records: RecordStore

    init(_ records: (TestStore) -> RecordStore = { $0.records }) async throws {
        store = try await TestStore(Self.entities)
        self.records = records(store)
    }

    var keys: IdempotencyKeys { records.idempotency }

    static func subject(_ user: String) -> RateLimits.Subject { .user(user, Caller(user: .init(id: user))) }

    static func body(_ text: String) -> String { #"{"Text":"\#(text)"}"# }

    static func request(
        _ text: String, key: String = "k", from subject: RateLimits.Subject = subject(ann), method: String = "POST",
        target: String = "/v1/notes?", type: String = "application/json"
    ) -> IdempotentRequest {
        IdempotentRequest(
            from: subject, key: key,
            RequestFingerprint(method: method, target: target, mediaType: type, body: ByteBuffer(string: body(text))))
    }

    static func stored(_ record: StoredRecord) -> StoredAnswer {
        StoredAnswer(
            status: 201, headers: [.init(name: "Location", value: "/v1/notes/\(record.keyPath)")],
            body: Array(record.body.readableBytesView))
    }

    /// Makes the note with a claim.
    @discardableResult
    func write(_ text: String, _ claim: IdempotencyClaim, _ answer: @escaping @Sendable (StoredRecord) -> StoredAnswer = stored)
        async throws -> StoredRecord
    {
        let notes = try #require(records.collection(named: "Note"))
        return try await notes.create(
            try JSONParser.parse(Self.body(text)), WriteRequest(now: TestStore.now), ending: claim.ending(answer))
    }

    func claim(_ request: IdempotentRequest, at seconds: Double = 0) async throws -> IdempotencyClaim {
        switch try await keys.begin(request, now: TestStore.now + Int64(seconds * 1_000_000)) {
        case .claimed(let claim): return claim
        case .answered: return try #require(nil, "it was carried out before")
        }
    }

    /// Sends a request as a server would answer it: `made …`, `again …`, or the code it was refused with.
    func send(_ text: String, _ request: IdempotentRequest? = nil, at seconds: Double = 0) async -> String {
        do {
            let request = request ?? Self.request(text)
            switch try await keys.begin(request, now: TestStore.now + Int64(seconds * 1_000_000)) {
            case .answered(let answer):
                return "again \(answer.status) \(answer.headers.map(\.value)) \(String(decoding: answer.body, as: UTF8.self).note)"
            case .claimed(let claim):
                do {
                    return "made \(try await write(text, claim).body.text.note)"
                } catch {
                    await keys.release(claim)
                    throw error
                }
            }
        } catch let error as IdempotencyError {
            return "\(error.code)"
        } catch {
            return await refusal { throw error }.prefix { $0 != ":" }.description
        }
    }

    func notes() async throws -> [String] { try await store.rows("SELECT Text FROM notes ORDER BY Text").compactMap { $0[0].text } }

    func rows() async throws -> Int { try await store.count("seaworthy_idempotency_keys") }
}

extension String {
    /// The text of a note in an answer, without its key.
    fileprivate var note: String {
        guard let start = firstRange(of: #""Text":""#)?.upperBound else { return self }
        return String(self[start...].prefix { $0 != "\"" })
    }
}
