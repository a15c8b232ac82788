import Crypto
import NIOCore
import SeaworthySchema
package import SeaworthyStorage

/// Locks that all servers of an application share, in Redis, by whose clock they end.
///
/// Every key has the application's name as its hash tag, so that all are on one server of a cluster, and one script can have several of them:
///
/// - `seaworthy:{NAME}:lock:of:PLACE`, a hash: the lock on the record with this place. It ends by itself.
/// - `seaworthy:{NAME}:lock:in:ENTITY` and `…:lock:by:KIND:ID`, sorted sets: the places of an entity's locks, and of an owner's, by their ends.
/// - `seaworthy:{NAME}:lock:fence`: the last fencing number.
///
/// The place is a hash of entity and key. A lock's id is 128 random bits and the place, by which the lock is found.
package struct RedisLocks: LockStore {
    private let client: RedisClient
    private let prefix: String
    private let maximumPerOwner: Int

    /// - Parameter application: the name of the application, as the schema has it.
    package init(_ client: RedisClient, application: String, maximumPerOwner: Int = LockBounds.maximumPerOwner) {
        self.client = client
        self.maximumPerOwner = maximumPerOwner
        prefix = RedisKeys.taggedPrefix(application) + "lock:"
    }

    package func acquire(_ record: LockedRecord, for owner: LockOwner, ttl: Duration) async throws(LockError) -> LockOutcome {
        let place = Self.place(of: record)
        let answer = try await run(
            LockScripts.acquire, keys(place, record.entity, owner) + [.text(prefix + "fence")],
            [
                .integer(ttl.wholeMilliseconds), .text(Self.makeID(place)), .text(place), .text(record.entity), .text(record.key),
                .text(owner.kind.rawValue), .text(owner.id), .text(owner.email ?? ""), .integer(Int64(maximumPerOwner)),
            ])
        let parts = answer.elements ?? []
        switch (parts.first?.string, parts.dropFirst().first.flatMap(Self.lock)) {
        case ("acquired", let lock?): return .acquired(lock)
        case ("extended", let lock?): return .extended(lock)
        case ("held", let lock?): return .held(lock)
        case ("many", nil): throw LockError(.tooMany, "an owner has \(maximumPerOwner) locks")
        default: throw Self.unreadable
        }
    }

    package func renew(_ lock: RecordLock, ttl: Duration) async throws(LockError) -> RecordLock? {
        let place = Self.place(of: lock.record)
        let answer = try await run(
            LockScripts.renew, keys(place, lock.record.entity, lock.owner),
            [.integer(ttl.wholeMilliseconds), .text(lock.id), .text(place)])
        return try Self.optional(answer)
    }

    @discardableResult
    package func release(_ lock: RecordLock) async throws(LockError) -> Bool {
        let place = Self.place(of: lock.record)
        let answer = try await run(LockScripts.release, keys(place, lock.record.entity, lock.owner), [.text(lock.id), .text(place)])
        return answer.int == 1
    }

    package func lock(id: String) async throws(LockError) -> RecordLock? {
        guard let place = Self.place(inID: id), let lock = try await lock(at: place), lock.id == id else { return nil }
        return lock
    }

    package func lock(on record: LockedRecord) async throws(LockError) -> RecordLock? {
        try await lock(at: Self.place(of: record))
    }

    private func lock(at place: String) async throws(LockError) -> RecordLock? {
        try Self.optional(try await run(LockScripts.read, [key(place)], []).elements?.first ?? .null)
    }

    /// In two steps, since the second has keys that the first has to find; what ends in between is left out.
    package func locks(of entity: String, limit: Int) async throws(LockError) -> [RecordLock] {
        let found = try await run(LockScripts.places, [.text(prefix + "in:" + entity)], [.integer(Int64(limit))])
        let places = found.elements?.compactMap(\.string) ?? []
        guard !places.isEmpty else { return [] }
        let answer = try await run(LockScripts.read, places.map(key), [])
        guard let rows = answer.elements else { throw Self.unreadable }
        return rows.compactMap(Self.lock).sorted { $0.expiresAt < $1.expiresAt }
    }

    // MARK: Keys

    private func key(_ place: String) -> RedisCommand.Word { .text(prefix + "of:" + place) }

    private func keys(_ place: String, _ entity: String, _ owner: LockOwner) -> [RedisCommand.Word] {
        [key(place), .text(prefix + "in:" + entity), .text(prefix + "by:\(owner.kind.rawValue):\(owner.id)")]
    }

    /// 128 bits of SHA-256, as 22 characters.
    private static func place(of record: LockedRecord) -> String {
        Base64URL.text(of: Array(SHA256.hash(data: Array("\(record.entity)\0\(record.key)".utf8))).prefix(16))
    }

    private static func makeID(_ place: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.text(of: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }) + place
    }

    /// Nil for what was never an id.
    private static func place(inID id: String) -> String? {
        guard id.utf8.count == 44, case let place = String(id.suffix(22)), Base64URL.bytes(of: place)?.count == 16 else { return nil }
        return place
    }

    // MARK: Answers

    private func run(
        _ script: RedisScript, _ keys: [RedisCommand.Word], _ arguments: [RedisCommand.Word]
    ) async throws(LockError) -> RESPValue {
        do throws(RedisError) {
            return try await client.run(script, keys: keys, arguments)
        } catch {
            throw LockError(.unavailable, "\(error)")
        }
    }

    private static let unreadable = LockError(.unavailable, "Redis has something else where locks are")

    private static func optional(_ value: RESPValue) throws(LockError) -> RecordLock? {
        if value.isNull { return nil }
        guard let lock = lock(value) else { throw unreadable }
        return lock
    }

    /// The values of ``LockScripts/fields``, in their order; nil for a lock that is not there.
    private static func lock(_ value: RESPValue) -> RecordLock? {
        guard let row = value.elements, row.count == 9, let id = row[0].string, let entity = row[1].string, let key = row[2].string,
            let kind = row[3].string.flatMap(LockOwner.Kind.init), let owner = row[4].string, let email = row[5].string,
            let acquiredAt = row[6].int, let end = row[7].int, let fence = row[8].int
        else { return nil }
        return RecordLock(
            id: id, record: LockedRecord(entity: entity, key: key),
            owner: LockOwner(kind, id: owner, email: email.isEmpty ? nil : email), acquiredAt: acquiredAt, expiresAt: end * 1000,
            fence: fence)
    }
}

extension Duration {
    /// Milliseconds, at least one and at most a century.
    fileprivate var wholeMilliseconds: Int64 { max(1, Int64(nanoseconds / 1_000_000)) }
}
