import Foundation
import NIOCore
import RedisServing
import SeaworthyStorage
import StorageContract
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(3))) struct RedisLocksTests {
    private static let order = LockedRecord(entity: "Order", key: "10248")
    private static let ann = LockOwner(.user, id: "ann")
    private static let bob = LockOwner(.user, id: "bob")

    private static func subject(_ client: RedisClient) -> LockStoreSubject {
        LockStoreSubject(maximumPerOwner: 5) {
            // Each its own, on one server.
            RedisLocks(client, application: UUID().uuidString, maximumPerOwner: 5)
        } pass: {
            try await Task.sleep(for: $0)
        }
    }

    @Test func `keep the contract`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            for check in LockStoreContract.checks {
                await #expect(throws: Never.self, "\(check.name)") { try await check.run(Self.subject(client)) }
            }
        }
    }

    @Test func `keep the contract in RESP2`() async throws {
        let server = try await RedisServer.start(["rename-command HELLO \"\""])
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            for check in LockStoreContract.checks {
                await #expect(throws: Never.self, "\(check.name)") { try await check.run(Self.subject(client)) }
            }
        }
    }

    @Test func `keep the contract in a cluster`() async throws {
        let cluster = try await RedisClusterServers.start()
        defer { cluster.stop() }
        try await withClient(try quick(cluster.address)) { client in
            try await until { client.status.isUp }
            for check in LockStoreContract.checks {
                await #expect(throws: Never.self, "\(check.name)") { try await check.run(Self.subject(client)) }
            }
            // Also where the name of an application would end the part by which keys belong together.
            let locks = RedisLocks(client, application: "}{")
            guard case .acquired = try await locks.acquire(Self.order, for: Self.ann, ttl: .seconds(60)) else {
                return #expect(Bool(false), "not acquired")
            }
        }
    }

    @Test func `of two servers one has the lock, by the clock of Redis`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let settings = try quick(server.address)
        try await withClient(settings) { one in
            try await withClient(settings) { other in
                let (here, there) = (RedisLocks(one, application: "shop"), RedisLocks(other, application: "shop"))
                guard case .acquired(let lock) = try await here.acquire(Self.order, for: Self.ann, ttl: .seconds(60)) else {
                    return #expect(Bool(false), "not acquired")
                }
                guard case .held(let held) = try await there.acquire(Self.order, for: Self.bob, ttl: .seconds(60)) else {
                    return #expect(Bool(false), "both have it")
                }
                #expect(held.id == lock.id && held.owner.isSame(as: Self.ann))
                // Another application on the same Redis knows nothing of it.
                guard
                    case .acquired = try await RedisLocks(other, application: "other").acquire(Self.order, for: Self.bob, ttl: .seconds(60))
                else { return #expect(Bool(false), "applications share locks") }
                #expect(try await there.renew(lock, ttl: .seconds(120)) != nil)
                #expect(try await here.release(lock))
                guard case .acquired = try await there.acquire(Self.order, for: Self.bob, ttl: .seconds(60)) else {
                    return #expect(Bool(false), "not acquired behind the release")
                }
            }
        }
    }

    @Test func `nothing stays in Redis of locks that have ended but the fencing number`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let locks = RedisLocks(client, application: "shop")
            _ = try await locks.acquire(Self.order, for: Self.ann, ttl: .milliseconds(100))
            // Beside the key by which the client sees whether Redis takes writes.
            try await until { try await server.shell("keys", "*shop*") == "seaworthy:{shop}:lock:fence" }
            _ = try await locks.acquire(LockedRecord(entity: "Order", key: "1"), for: Self.ann, ttl: .seconds(600))
            let keys = try await server.shell("keys", "*shop*").split(separator: "\n").map(String.init)
            #expect(keys.count == 4)
            for key in keys {
                #expect(key.hasPrefix("seaworthy:{shop}:lock:"))
                #expect(try await server.shell("pttl", key) != "-1" || key.hasSuffix(":fence"), "\(key) never ends")
            }
            // A longer lock keeps the sets, and a short one behind it does not take them along.
            _ = try await locks.acquire(Self.order, for: Self.ann, ttl: .seconds(600))
            _ = try await locks.acquire(LockedRecord(entity: "Order", key: "2"), for: Self.ann, ttl: .milliseconds(50))
            try await until { try await locks.locks(of: "Order", limit: 9).count == 2 }
            let left = try await locks.locks(of: "Order", limit: 9)
            try #require(left.map(\.record.key) == ["1", "10248"])
            // The sets lose what has ended with the next lock, and what is released at once.
            #expect(try await locks.renew(left[1], ttl: .seconds(700)) != nil)
            for set in ["in:Order", "by:user:ann"] { #expect(try await server.shell("zcard", "seaworthy:{shop}:lock:\(set)") == "2") }
            for lock in left { try await locks.release(lock) }
            #expect(try await server.shell("keys", "*shop*") == "seaworthy:{shop}:lock:fence")
        }
    }

    @Test func `a fencing number goes on behind data that is lost`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let locks = RedisLocks(client, application: "shop")
            guard case .acquired(let before) = try await locks.acquire(Self.order, for: Self.ann, ttl: .seconds(60)) else {
                return #expect(Bool(false), "not acquired")
            }
            // As after a failover to a replica that had not heard of it.
            try await server.shell("flushall")
            guard case .acquired(let after) = try await locks.acquire(Self.order, for: Self.bob, ttl: .seconds(60)) else {
                return #expect(Bool(false), "not acquired")
            }
            #expect(after.fence > before.fence)
            #expect(try await locks.renew(before, ttl: .seconds(60)) == nil)
            #expect(try await !locks.release(before))
            #expect(try await locks.lock(on: Self.order)?.id == after.id)
            // A clock that goes back does not take it back.
            try await server.shell("set", "seaworthy:{shop}:lock:fence", "5000000000000000")
            try await locks.release(after)
            guard case .acquired(let last) = try await locks.acquire(Self.order, for: Self.ann, ttl: .seconds(60)) else {
                return #expect(Bool(false), "not acquired")
            }
            #expect(last.fence == 5_000_000_000_000_001)
        }
    }

    @Test func `without Redis nobody gets a lock, and it says so at once`() async throws {
        let server = try await RedisServer.start()
        try await withClient(try quick(server.address)) { client in
            let locks = RedisLocks(client, application: "shop")
            guard case .acquired(let lock) = try await locks.acquire(Self.order, for: Self.ann, ttl: .seconds(60)) else {
                return #expect(Bool(false), "not acquired")
            }
            server.stop()
            try await until { !client.status.isUp }
            func code(_ body: () async throws(LockError) -> Void) async -> LockError.Code? {
                do throws(LockError) {
                    try await body()
                    return nil
                } catch {
                    #expect(!error.reason.contains("10248") && !error.reason.contains("Order"))
                    return error.code
                }
            }
            #expect(
                await code { () throws(LockError) in _ = try await locks.acquire(Self.order, for: Self.ann, ttl: .seconds(60)) }
                    == .unavailable)
            #expect(await code { () throws(LockError) in _ = try await locks.renew(lock, ttl: .seconds(60)) } == .unavailable)
            #expect(await code { () throws(LockError) in _ = try await locks.release(lock) } == .unavailable)
            #expect(await code { () throws(LockError) in _ = try await locks.lock(id: lock.id) } == .unavailable)
            #expect(await code { () throws(LockError) in _ = try await locks.locks(of: "Order", limit: 9) } == .unavailable)
        }
    }

    @Test func `what others wrote where locks are is no lock`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let locks = RedisLocks(client, application: "shop")
            guard case .acquired(let lock) = try await locks.acquire(Self.order, for: Self.ann, ttl: .seconds(60)) else {
                return #expect(Bool(false), "not acquired")
            }
            let key = try #require(try await server.shell("keys", "*:of:*").split(separator: "\n").first.map(String.init))
            try await server.shell("hset", key, "fence", "many")
            await #expect(throws: LockError.self) { try await locks.lock(on: Self.order) }
            await #expect(throws: LockError.self) { try await locks.acquire(Self.order, for: Self.bob, ttl: .seconds(60)) }
            try await server.shell("del", key)
            try await server.shell("set", key, "x")
            await #expect(throws: LockError.self) { try await locks.lock(id: lock.id) }
        }
    }
}
