import SeaworthySchema
import Synchronization

/// Locks in the memory of one server: others do not know of them, and they end with it.
package final class MemoryLocks: LockStore {
    /// The most locks at a time. Beyond, nobody gets another until some have ended: to forget one would give its record two owners.
    package static let maximumCount = 10_000

    private struct Entry {
        var lock: RecordLock
        /// On the clock that never goes back.
        var deadline: Int64
    }

    private struct OwnerID: Hashable {
        var kind: LockOwner.Kind
        var id: String
    }

    private struct State {
        var entries: [LockedRecord: Entry] = [:]
        var records: [String: LockedRecord] = [:]
        var owned: [OwnerID: Set<LockedRecord>] = [:]
        var fence: Int64 = 0

        mutating func remove(_ entry: Entry) {
            let (record, owner) = (entry.lock.record, OwnerID(kind: entry.lock.owner.kind, id: entry.lock.owner.id))
            entries[record] = nil
            records[entry.lock.id] = nil
            owned[owner]?.remove(record)
            if owned[owner]?.isEmpty ?? false { owned[owner] = nil }
        }

        /// The lock on a record, if it has not ended.
        mutating func live(_ record: LockedRecord, _ time: Int64) -> Entry? {
            guard let entry = entries[record] else { return nil }
            guard entry.deadline <= time else { return entry }
            remove(entry)
            return nil
        }
    }

    private let state = Mutex(State())
    private let maximumCount: Int
    private let maximumPerOwner: Int
    private let clock: @Sendable () -> Int64
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - clock: in nanoseconds; never goes back. By it locks end.
    ///   - now: the time of day, in microseconds since the epoch. By it is told when they end.
    package init(
        maximumCount: Int = maximumCount, maximumPerOwner: Int = LockBounds.maximumPerOwner,
        clock: @escaping @Sendable () -> Int64 = MemoryRateLimits.uptime, now: @escaping @Sendable () -> Int64
    ) {
        self.maximumCount = maximumCount
        self.maximumPerOwner = maximumPerOwner
        self.clock = clock
        self.now = now
    }

    package func acquire(_ record: LockedRecord, for owner: LockOwner, ttl: Duration) throws(LockError) -> LockOutcome {
        try state.withLock { state throws(LockError) in
            // Within the lock: of two requests the one that comes later must not have an earlier time.
            let time = clock()
            if let entry = state.live(record, time) {
                guard entry.lock.owner.isSame(as: owner) else { return .held(entry.lock) }
                return .extended(extend(entry, ttl, time, &state))
            }
            let id = OwnerID(kind: owner.kind, id: owner.id)
            if state.owned[id]?.count ?? 0 >= maximumPerOwner {
                for record in state.owned[id] ?? [] { _ = state.live(record, time) }
                guard state.owned[id]?.count ?? 0 < maximumPerOwner else {
                    throw LockError(.tooMany, "an owner has \(maximumPerOwner) locks")
                }
            }
            if state.entries.count >= maximumCount {
                for entry in state.entries.values where entry.deadline <= time { state.remove(entry) }
                guard state.entries.count < maximumCount else { throw LockError(.unavailable, "there are \(maximumCount) locks") }
            }
            let wall = now()
            // Behind that of any lock before a restart, too.
            state.fence = max(state.fence + 1, wall)
            let lock = RecordLock(
                id: Self.makeID(), record: record, owner: owner, acquiredAt: wall, expiresAt: wall + ttl.wholeMicroseconds,
                fence: state.fence)
            state.entries[record] = Entry(lock: lock, deadline: time + Int64(ttl.nanoseconds))
            state.records[lock.id] = record
            state.owned[id, default: []].insert(record)
            return .acquired(lock)
        }
    }

    package func renew(_ lock: RecordLock, ttl: Duration) -> RecordLock? {
        state.withLock { state in
            let time = clock()
            guard let entry = state.live(lock.record, time), entry.lock.id == lock.id else { return nil }
            return extend(entry, ttl, time, &state)
        }
    }

    private func extend(_ entry: Entry, _ ttl: Duration, _ time: Int64, _ state: inout State) -> RecordLock {
        var entry = entry
        let deadline = time + Int64(ttl.nanoseconds)
        guard deadline > entry.deadline else { return entry.lock }
        entry.deadline = deadline
        entry.lock.expiresAt = now() + ttl.wholeMicroseconds
        state.entries[entry.lock.record] = entry
        return entry.lock
    }

    @discardableResult
    package func release(_ lock: RecordLock) -> Bool {
        state.withLock { state in
            guard let entry = state.live(lock.record, clock()), entry.lock.id == lock.id else { return false }
            state.remove(entry)
            return true
        }
    }

    package func lock(id: String) -> RecordLock? {
        state.withLock { state in state.records[id].flatMap { state.live($0, clock())?.lock } }
    }

    package func lock(on record: LockedRecord) -> RecordLock? {
        state.withLock { state in state.live(record, clock())?.lock }
    }

    package func locks(of entity: String, limit: Int) -> [RecordLock] {
        state.withLock { state in
            let time = clock()
            let live = state.entries.values.filter { $0.lock.record.entity == entity && $0.deadline > time }
            return live.sorted { $0.deadline < $1.deadline }.prefix(limit).map(\.lock)
        }
    }

    /// 192 random bits.
    private static func makeID() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.text(of: (0..<24).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}

extension Duration {
    /// Microseconds, at most a century.
    fileprivate var wholeMicroseconds: Int64 { Int64(nanoseconds / 1000) }
}
