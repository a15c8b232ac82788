package import SeaworthyStorage

/// What every keeper of locks owes, as named checks: the tests of each run all of them.
package enum LockStoreContract {
    /// One promise. It throws when the store does not keep it.
    package struct Check: Sendable, CustomStringConvertible {
        package let name: String
        package let run: @Sendable (LockStoreSubject) async throws -> Void

        package var description: String { name }
    }

    package static let checks: [Check] = [
        Check(name: "a lock is had by one owner, and is told to the others", run: excludes),
        Check(name: "whoever has a lock and asks again goes on with it", run: extends),
        Check(name: "a lock ends by itself, and then is anybody's", run: expires),
        Check(name: "renewing makes a lock longer and never shorter", run: renews),
        Check(name: "only the lock with the id is renewed or released", run: knowsIDs),
        Check(name: "each lock of a record has a greater fencing number than the one before", run: fences),
        Check(name: "of many who ask at once one gets the lock", run: contends),
        Check(name: "locks are found by id, by record and by entity", run: finds),
        Check(name: "an owner has a bounded number of locks, which comes back", run: bounds),
    ]

    private static let ann = LockOwner(.user, id: "ann", email: "ann@example.com")
    private static let bob = LockOwner(.user, id: "bob")
    private static let order = LockedRecord(entity: "Order", key: "10248")

    private static func excludes(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        let lock = try await acquired(store, order, ann)
        try expectEqual(lock.record, order, "the record")
        try expect(lock.owner.isSame(as: ann) && lock.owner.email == "ann@example.com", "the owner is \(lock.owner)")
        try expectEqual(lock.expiresAt - lock.acquiredAt < 60_001_000, true, "no longer than asked for")
        try expect(lock.expiresAt - lock.acquiredAt > 59_998_000, "\(lock.expiresAt - lock.acquiredAt) is less than was asked for")
        // A key is not its owner, nor is somebody of another kind with the same id.
        for other in [bob, LockOwner(.apiKey, id: "ann")] {
            guard case .held(let held) = try await store.acquire(order, for: other, ttl: .seconds(60)) else {
                throw ContractFailure(description: "\(other) got it too")
            }
            try expectEqual(held.id, lock.id, "the lock that is told")
            try expect(held.owner.isSame(as: ann), "who is told is \(held.owner)")
            try expect(held.owner.email == "ann@example.com", "the address is not told")
        }
        // Neither another record of the entity nor the same key of another is in the way.
        for free in [LockedRecord(entity: "Order", key: "10249"), LockedRecord(entity: "Product", key: "10248")] {
            _ = try await acquired(store, free, bob)
        }
        try expect(try await store.release(lock), "it was not released")
        let next = try await acquired(store, order, bob)
        try expect(next.id != lock.id, "the id is used again")
        try expectEqual(next.owner.email, nil, "the address of who has none")
    }

    private static func extends(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        let lock = try await acquired(store, order, ann)
        guard case .extended(let longer) = try await store.acquire(order, for: ann, ttl: .seconds(600)) else {
            throw ContractFailure(description: "the owner did not go on with the lock")
        }
        try expectEqual(longer.id, lock.id, "the id")
        try expectEqual(longer.fence, lock.fence, "the fence")
        try expectEqual(longer.acquiredAt, lock.acquiredAt, "when it was acquired")
        try expect(longer.expiresAt > lock.expiresAt + 500_000_000, "it did not become longer")
        guard case .extended(let same) = try await store.acquire(order, for: ann, ttl: .seconds(60)) else {
            throw ContractFailure(description: "the owner did not go on with the lock")
        }
        try expectEqual(same.expiresAt, longer.expiresAt, "the end, asked for less,")
    }

    private static func expires(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        let lock = try await acquired(store, order, ann, ttl: .milliseconds(50))
        try await subject.pass(.milliseconds(60))
        try expect(try await store.lock(id: lock.id) == nil, "it is found by its id")
        try expect(try await store.lock(on: order) == nil, "it is found on its record")
        try expect(try await store.locks(of: "Order", limit: 10).isEmpty, "it is in the list")
        try expect(try await store.renew(lock, ttl: .seconds(60)) == nil, "it was renewed")
        try expect(try await !store.release(lock), "it was released")
        let next = try await acquired(store, order, bob)
        try expect(next.fence > lock.fence, "the fence is \(next.fence) behind \(lock.fence)")
        try expect(try await store.renew(lock, ttl: .seconds(60)) == nil, "the one that has ended was renewed")
        try expect(try await !store.release(lock), "the one that has ended was released")
        try expect(try await store.lock(id: lock.id) == nil, "the id of the one that has ended finds another")
    }

    private static func renews(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        let lock = try await acquired(store, order, ann, ttl: .seconds(10))
        guard let renewed = try await store.renew(lock, ttl: .seconds(60)) else { throw ContractFailure(description: "it was lost") }
        try expect(renewed.expiresAt > lock.expiresAt + 49_000_000, "it did not become longer")
        try expectEqual(renewed.id, lock.id, "the id")
        try expectEqual(renewed.fence, lock.fence, "the fence")
        try await subject.pass(.seconds(11))
        try expectEqual(try await store.lock(id: lock.id)?.expiresAt, renewed.expiresAt, "the end that is stored")
        try expectEqual(try await store.locks(of: "Order", limit: 10).map(\.id), [lock.id], "the list")
        try expectEqual(try await store.renew(lock, ttl: .milliseconds(1))?.expiresAt, renewed.expiresAt, "the end, renewed for less,")
        guard case .held = try await store.acquire(order, for: bob, ttl: .seconds(60)) else {
            throw ContractFailure(description: "another got it")
        }
    }

    private static func knowsIDs(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        let lock = try await acquired(store, order, ann)
        var guessed = lock
        guessed.id = String(lock.id.reversed())
        try expect(try await store.renew(guessed, ttl: .seconds(60)) == nil, "another id renewed it")
        try expect(try await !store.release(guessed), "another id released it")
        try expect(lock.id.utf8.count >= 32, "the id \(lock.id) is short")
        for id in ["", "x", guessed.id, String(repeating: "A", count: 44), "\0", String(repeating: "€", count: 5000)] {
            try expect(try await store.lock(id: id) == nil, "\(id) is an id")
        }
        try expect(try await store.release(lock), "it was not released")
        try expect(try await !store.release(lock), "it was released twice")
        try expect(try await store.lock(id: lock.id) == nil, "it is still there")
        try expect(try await store.locks(of: "Order", limit: 10).isEmpty, "it is still in the list")
    }

    private static func fences(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        var last: Int64 = 0
        for turn in 0..<20 {
            let lock = try await acquired(store, order, turn % 2 == 0 ? ann : bob)
            try expect(lock.fence > last, "\(lock.fence) comes behind \(last)")
            // JSON's numbers are exact as far as this.
            try expect(lock.fence < 1 << 53, "\(lock.fence) is too large")
            last = lock.fence
            try await store.release(lock)
        }
    }

    private static func contends(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    if case .acquired = try await store.acquire(order, for: LockOwner(.user, id: "\(number)"), ttl: .seconds(60)) {
                        true
                    } else {
                        false
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        try expectEqual(winners, 1, "the number of winners")
    }

    private static func finds(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        var locks: [RecordLock] = []
        // The last one ends first. A key may hold anything.
        for (number, key) in ["1", "10001,12", "a%2Cb}{", "x"].enumerated() {
            locks.append(try await acquired(store, LockedRecord(entity: "Order", key: key), ann, ttl: .seconds(600 - 60 * number)))
        }
        let other = try await acquired(store, LockedRecord(entity: "Orders", key: "1"), bob)
        for lock in locks + [other] {
            try expectEqual(try await store.lock(id: lock.id)?.record, lock.record, "the record by the id")
            try expectEqual(try await store.lock(on: lock.record)?.id, lock.id, "the id by the record")
        }
        try expectEqual(try await store.locks(of: "Order", limit: 10).map(\.id), locks.reversed().map(\.id), "the list")
        try expectEqual(try await store.locks(of: "Order", limit: 2).map(\.record.key), ["x", "a%2Cb}{"], "the short list")
        try expectEqual(try await store.locks(of: "Nothing", limit: 10).map(\.id), [], "the empty list")
        try expect(try await store.lock(on: LockedRecord(entity: "Order", key: "2")) == nil, "what is not locked is")
    }

    private static func bounds(_ subject: LockStoreSubject) async throws {
        let store = try await subject.open()
        var locks: [RecordLock] = []
        for number in 0..<subject.maximumPerOwner {
            let ttl: Duration = number == 0 ? .seconds(5) : .seconds(60)
            locks.append(try await acquired(store, LockedRecord(entity: "Order", key: "\(number)"), ann, ttl: ttl))
        }
        _ = try await store.renew(locks[0], ttl: .seconds(10))
        let further = LockedRecord(entity: "Product", key: "1")
        for _ in 0..<2 {
            do throws(LockError) {
                _ = try await store.acquire(further, for: ann, ttl: .seconds(60))
                throw LockError(.unavailable, "none was refused")
            } catch {
                try expectEqual(error.code, .tooMany, "the refusal")
            }
        }
        guard case .extended = try await store.acquire(locks[1].record, for: ann, ttl: .seconds(60)) else {
            throw ContractFailure(description: "what they have is refused too")
        }
        let others = try await acquired(store, further, bob)
        try await store.release(others)
        // What has ended does not count, nor does what was released.
        try await subject.pass(.seconds(11))
        _ = try await acquired(store, further, ann)
        try await store.release(locks[1])
        _ = try await acquired(store, LockedRecord(entity: "Product", key: "2"), ann)
    }

    private static func acquired(
        _ store: any LockStore, _ record: LockedRecord, _ owner: LockOwner, ttl: Duration = .seconds(60), line: Int = #line
    ) async throws -> RecordLock {
        guard case .acquired(let lock) = try await store.acquire(record, for: owner, ttl: ttl) else {
            throw ContractFailure(description: "\(record.entity) \(record.key) was not acquired (line \(line))")
        }
        return lock
    }
}

/// A keeper of locks under test.
package struct LockStoreSubject: Sendable {
    /// Makes an empty one.
    package var open: @Sendable () async throws -> any LockStore
    /// Lets time pass for it.
    package var pass: @Sendable (Duration) async throws -> Void
    package var maximumPerOwner: Int

    package init(
        maximumPerOwner: Int, open: @escaping @Sendable () async throws -> any LockStore,
        pass: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.maximumPerOwner = maximumPerOwner
        self.open = open
        self.pass = pass
    }
}
