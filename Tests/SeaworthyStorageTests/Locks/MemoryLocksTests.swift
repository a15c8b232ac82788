import SeaworthyStorage
import StorageContract
import Synchronization
import Testing

@Suite struct MemoryLocksTests {
    /// A clock that a test sets.
    private final class Clock: Sendable {
        private let nanoseconds = Mutex<Int64>(5_000_000_000)

        func advance(_ duration: Duration) { nanoseconds.withLock { $0 += Int64(duration.nanoseconds) } }
        var now: Int64 { nanoseconds.withLock(\.self) }
    }

    @Test(arguments: LockStoreContract.checks)
    func `keep the contract`(check: LockStoreContract.Check) async throws {
        let clock = Clock()
        try await check.run(
            LockStoreSubject(maximumPerOwner: 5) {
                MemoryLocks(maximumPerOwner: 5, clock: { clock.now }, now: { clock.now / 1000 + 1_700_000_000_000_000 })
            } pass: {
                clock.advance($0)
            })
    }

    @Test func `the contract has its checks, each with a name of its own`() {
        #expect(LockStoreContract.checks.count == 9)
        #expect(Set(LockStoreContract.checks.map(\.name)).count == 9)
    }

    @Test func `there are no more than there may be, and none is forgotten for another`() throws {
        let clock = Clock()
        let locks = MemoryLocks(maximumCount: 3, clock: { clock.now }, now: { clock.now / 1000 })
        func acquire(_ key: String, _ ttl: Duration) throws -> LockOutcome {
            try locks.acquire(LockedRecord(entity: "Order", key: key), for: LockOwner(.user, id: key), ttl: ttl)
        }
        for key in ["1", "2", "3"] { _ = try acquire(key, key == "2" ? .seconds(1) : .seconds(60)) }
        let error = #expect(throws: LockError.self) { try acquire("4", .seconds(60)) }
        #expect(error?.code == .unavailable)
        // Whoever has one goes on with it.
        guard case .extended = try acquire("1", .seconds(90)) else { return #expect(Bool(false), "not extended") }
        #expect(locks.locks(of: "Order", limit: 9).map(\.record.key) == ["2", "3", "1"])
        clock.advance(.seconds(2))
        guard case .acquired = try acquire("4", .seconds(60)) else { return #expect(Bool(false), "not acquired") }
        #expect(locks.locks(of: "Order", limit: 9).map(\.record.key) == ["3", "4", "1"])
    }

    @Test func `a time of day that is set back neither ends a lock nor takes a fencing number back`() throws {
        let clock = Clock()
        let wall = Mutex<Int64>(2_000_000_000_000_000)
        let locks = MemoryLocks(clock: { clock.now }, now: { wall.withLock(\.self) })
        let record = LockedRecord(entity: "Order", key: "1")
        guard case .acquired(let first) = try locks.acquire(record, for: LockOwner(.user, id: "a"), ttl: .seconds(60)) else {
            return #expect(Bool(false), "not acquired")
        }
        #expect(first.fence == 2_000_000_000_000_000)
        wall.withLock { $0 -= 1_000_000_000_000 }
        #expect(locks.lock(id: first.id) != nil)
        locks.release(first)
        guard case .acquired(let second) = try locks.acquire(record, for: LockOwner(.user, id: "b"), ttl: .seconds(60)) else {
            return #expect(Bool(false), "not acquired")
        }
        #expect(second.fence == first.fence + 1)
        #expect(second.acquiredAt == 1_999_000_000_000_000)
    }

    @Test func `the documented defaults`() {
        #expect(MemoryLocks.maximumCount == 10_000)
        #expect(LockBounds.maximumPerOwner == 200)
    }
}
