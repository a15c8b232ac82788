import NIOCore
import RedisServing
import SeaworthyStorage
import StorageContract
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(3))) struct RedisCacheTests {
    private static let minute: Duration = .seconds(60)
    private static let orders = CacheTag.entity("Order")

    /// Two nodes.
    private static func with(
        _ address: String, _ body: @Sendable @escaping (RedisCache, RedisCache, RedisClient) async throws -> Void
    ) async throws {
        try await withClient(try quick(address)) { one in
            try await withClient(try quick(address)) { other in
                try await until { one.status.isUp && other.status.isUp }
                let caches = [one, other].map { RedisCache($0, application: "shop") }
                // Who comes new believes nothing of before.
                for cache in caches { _ = await cache.version(of: [], with: nil, lifetime: minute) }
                try await body(caches[0], caches[1], one)
            }
        }
    }

    @Test(arguments: CacheContract.checks) func `keeps the contract`(check: CacheContract.Check) async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await Self.with(server.address) { one, other, _ in try await check.run(one, other, true) }
    }

    @Test(arguments: CacheContract.checks) func `keeps it in a cluster`(check: CacheContract.Check) async throws {
        let cluster = try await RedisClusterServers.start()
        defer { cluster.stop() }
        try await Self.with(cluster.address) { one, other, _ in try await check.run(one, other, true) }
    }

    @Test func `what is kept ends by itself, and so do tags of records soon, those of entities late`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await Self.with(server.address) { cache, _, client in
            let tags = [Self.orders, .record("Order", digest: "abc")]
            let version = try #require(await cache.version(of: tags, with: nil, lifetime: .seconds(100))?.version)
            cache.keep(
                CacheEntry(body: ByteBuffer(string: "x"), tags: tags, version: version, made: 1), as: CacheKey(high: 10, low: 11),
                for: Self.minute)
            let name = "seaworthy:shop:answer:a.b"
            try await until { try await server.shell("exists", name) == "1" }
            #expect((1...60).contains(try await Int(server.shell("ttl", name)) ?? 0))
            #expect((100...200).contains(try await Int(server.shell("ttl", "seaworthy:shop:{tags}:Order/abc")) ?? 0))
            #expect((80_000...86_400).contains(try await Int(server.shell("ttl", "seaworthy:shop:{tags}:Order")) ?? 0))
            #expect((80_000...86_400).contains(try await Int(server.shell("ttl", "seaworthy:shop:{tags}:")) ?? 0))
        }
    }

    @Test func `a tag that was evicted counts as changed`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await Self.with(server.address) { cache, _, _ in
            let before = try #require(await cache.version(of: [Self.orders], with: nil, lifetime: Self.minute)?.version)
            try await server.shell("del", "seaworthy:shop:{tags}:Order")
            let after = try #require(await cache.version(of: [Self.orders], with: nil, lifetime: Self.minute)?.version)
            #expect(after != before)
        }
    }

    @Test func `what stands in Redis and is no answer is none`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await Self.with(server.address) { cache, _, _ in
            for text in ["", "short", String(repeating: "x", count: 5000)] {
                try await server.shell("set", "seaworthy:shop:answer:1.1", text)
                let found = try #require(await cache.version(of: [Self.orders], with: CacheKey(high: 1, low: 1), lifetime: Self.minute))
                #expect(found.entry == nil)
            }
            try await server.shell("set", "seaworthy:shop:{tags}:Order", "no number")
            #expect(await cache.version(of: [Self.orders], with: nil, lifetime: Self.minute) == nil)
        }
    }

    @Test func `without Redis nothing is known; when it is back, older than it was, nothing of before is believed`() async throws {
        let server = try await RedisServer.start()
        let later = try await RedisServer.start()
        defer { later.stop() }
        try await withClient(try impatient("\(server.address),127.0.0.1:\(later.port)")) { client in
            try await until { client.status.isUp }
            let cache = RedisCache(client, application: "shop")
            let before = try #require(await cache.version(of: [Self.orders], with: nil, lifetime: Self.minute)?.version)
            // Where it is found next everything is as it was, as from a copy on the disk.
            for name in ["", "Order"] {
                try await later.shell("set", "seaworthy:shop:{tags}:\(name)", server.shell("get", "seaworthy:shop:{tags}:\(name)"))
            }
            later.pause()
            server.stop()
            try await until { !client.status.isUp }
            #expect(await cache.version(of: [Self.orders], with: nil, lifetime: Self.minute) == nil)
            // A change that nobody could be told of.
            await cache.change([Self.orders])
            later.resume()
            try await until { await cache.version(of: [Self.orders], with: nil, lifetime: Self.minute) != nil }
            #expect(await cache.version(of: [Self.orders], with: nil, lifetime: Self.minute)?.version != before)
        }
    }

    @Test func `a change that takes too long to tell is told later, and until then nothing is believed`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let proxy = try await DelayingProxy.start(before: server.port)
        defer { proxy.stop() }
        try await withClient(try impatient("redis://127.0.0.1:\(proxy.port)")) { slow in
            try await withClient(try quick(server.address)) { quick in
                let (here, there) = (RedisCache(slow, application: "shop"), RedisCache(quick, application: "shop"))
                _ = await here.version(of: [Self.orders], with: nil, lifetime: Self.minute)
                let before = try #require(await there.version(of: [Self.orders], with: nil, lifetime: Self.minute)?.version)
                // What is sent is swallowed on the way back, so the change may have happened; this one has not.
                proxy.delay(.milliseconds(1500))
                await here.change([.entity("Other")])
                proxy.delay(.zero)
                try await until { await there.version(of: [Self.orders], with: nil, lifetime: Self.minute)?.version != before }
            }
        }
    }
}
