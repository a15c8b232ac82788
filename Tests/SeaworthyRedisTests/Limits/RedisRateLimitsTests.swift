import NIOCore
import RedisServing
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(2))) struct RedisRateLimitsTests {
    private static let key = RateLimitKey(policy: "all default", subject: "u:ann@example.com")

    private static func allowed(_ limits: RedisRateLimits, _ rate: RequestRate, _ times: Int, key: RateLimitKey = key) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<times { group.addTask { await limits.take(key, rate, count: 1).isAllowed } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test func `tell the same as in memory, of every request`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let limits = RedisRateLimits(client, application: "shop") { 1 }
            let memory = MemoryRateLimits { 0 }
            let rate = RequestRate(7, in: .seconds(86_400))
            for count in [1, 2, 1, 5, 3, 1, 1] {
                let (shared, own) = (await limits.take(Self.key, rate, count: count), memory.take(Self.key, rate, count: count))
                #expect(shared.isAllowed == own.isAllowed && shared.remaining == own.remaining)
                // But for the time that passes in between.
                #expect(abs((shared.resetAfter - own.resetAfter) / .seconds(1)) < 60)
                if let wait = shared.retryAfter, let other = own.retryAfter { #expect(abs((wait - other) / .seconds(1)) < 60) }
            }
        }
    }

    @Test(arguments: [1, 3, 1000, 777]) func `several nodes together let through the quota and not one more`(quota: Int) async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { first in
            try await withClient(try quick(server.address)) { second in
                let rate = RequestRate(quota, in: .seconds(86_400))
                async let left = Self.allowed(RedisRateLimits(first, application: "shop") { 2 }, rate, quota)
                async let right = Self.allowed(RedisRateLimits(second, application: "shop") { 2 }, rate, quota)
                #expect(await left + right == quota)
                // Of another subject, policy or application nothing is gone.
                for (application, key) in [
                    ("shop", RateLimitKey(policy: "all default", subject: "other")),
                    ("shop", RateLimitKey(policy: "all", subject: Self.key.subject)),
                    ("other", Self.key),
                ] {
                    #expect(await RedisRateLimits(first, application: application, nodes: { 2 }).take(key, rate, count: quota).isAllowed)
                }
            }
        }
    }

    @Test func `what is used up comes back one by one, and the key goes with the last`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let limits = RedisRateLimits(client, application: "shop") { 1 }
            let rate = RequestRate(2, in: .seconds(2))
            #expect(await limits.take(Self.key, rate, count: 2).remaining == 0)
            let refused = await limits.take(Self.key, rate, count: 1)
            if let wait = refused.retryAfter { #expect(wait <= .seconds(1)) }
            try await until { await limits.take(Self.key, rate, count: 1).isAllowed }
            try await until { try await server.shell("keys", "*:limit:*").isEmpty }
        }
    }

    @Test func `nothing of whom they count is seen in Redis`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            _ = await RedisRateLimits(client, application: "shop {1}", nodes: { 1 }).take(
                Self.key, RequestRate(5, in: .seconds(60)), count: 1)
            let keys = try await server.shell("keys", "*").split(separator: "\n").filter { !$0.hasPrefix("seaworthy:probe") }
            #expect(keys.count == 1 && keys.allSatisfy { $0.hasPrefix("seaworthy:shop%20%7B1%7D:limit:") && !$0.contains("ann") })
            // It ends by itself.
            #expect(try await Int(server.shell("pttl", String(keys.first ?? ""))) ?? -1 > 0)
        }
    }

    @Test func `without Redis a node lets through its share, of attempts to sign in the half, and goes on with what it has counted`()
        async throws
    {
        let server = try await RedisServer.start()
        try await withClient(try quick(server.address)) { client in
            let limits = RedisRateLimits(client, application: "shop") { 3 }
            let (rate, signIn) = (RequestRate(30, in: .seconds(86_400)), RateLimitKey(policy: RateLimitKey.signInPolicy, subject: "n:x"))
            #expect(await limits.take(Self.key, rate, count: 4).remaining == 26)
            server.stop()
            try await until { !client.status.isUp }
            #expect(await Self.allowed(limits, rate, 20) == 6)
            #expect(await Self.allowed(limits, rate, 20, key: signIn) == 5)
            // A share is never nothing.
            #expect(
                await Self.allowed(limits, RequestRate(1, in: .seconds(86_400)), 5, key: RateLimitKey(policy: "auth", subject: "y")) == 1)
        }
    }

    @Test func `a cluster counts, too`() async throws {
        let cluster = try await RedisClusterServers.start()
        defer { cluster.stop() }
        try await withClient(try quick(cluster.address)) { client in
            try await until { client.status.isUp }
            let limits = RedisRateLimits(client, application: "shop") { 1 }
            for subject in 0..<10 {
                let key = RateLimitKey(policy: "all", subject: "\(subject)")
                #expect(await Self.allowed(limits, RequestRate(5, in: .seconds(86_400)), 8, key: key) == 5)
            }
            var sizes: [String] = []
            for server in cluster.servers { sizes.append(try await server.shell("--scan", "--pattern", "seaworthy:shop:limit:*")) }
            #expect(sizes.filter { !$0.isEmpty }.count > 1)
        }
    }
}
