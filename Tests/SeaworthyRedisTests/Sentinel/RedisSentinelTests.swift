import NIOCore
import RedisServing
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(3))) struct RedisSentinelTests {
    private struct Servers {
        let primary: RedisServer
        let replica: RedisServer
        let sentinel: RedisServer

        static func start() async throws -> Servers {
            let primary = try await RedisServer.start(["requirepass pw", "masterauth pw"])
            let replica = try await RedisServer.start(["replicaof 127.0.0.1 \(primary.port)", "requirepass pw", "masterauth pw"])
            try await until {
                try await replica.shell("-a", "pw", "--no-auth-warning", "info", "replication").contains("master_link_status:up")
            }
            let sentinel = try await RedisServer.start(
                [
                    "sentinel monitor main 127.0.0.1 \(primary.port) 1", "sentinel auth-pass main pw",
                    "sentinel down-after-milliseconds main 500",
                    "sentinel failover-timeout main 4000", "requirepass spw",
                ], isSentinel: true)
            let servers = Servers(primary: primary, replica: replica, sentinel: sentinel)
            // It learns of replicas from the primary.
            try await until {
                try await sentinel.shell("-a", "spw", "--no-auth-warning", "sentinel", "replicas", "main").contains("\(replica.port)")
            }
            return servers
        }

        var address: String {
            "redis://:pw@127.0.0.1:1,127.0.0.1:\(sentinel.port)?sentinel=main&sentinelPassword=spw"  // not-a-secret
        }

        func stop() { for server in [primary, replica, sentinel] { server.stop() } }
    }

    @Test func `asks the sentinels for the primary, and follows it when it fails`() async throws {
        let servers = try await Servers.start()
        defer { servers.stop() }
        try await withClient(try quick(servers.address)) { client in
            try await until { client.status.isUp }
            #expect(client.status.kind == "sentinel")
            try await client.set("a", "1")
            #expect(try await client.get("a") == "1")
            try await until { try await servers.replica.shell("-a", "pw", "--no-auth-warning", "get", "a") == "1" }
            let before = client.recoveries
            servers.primary.stop()
            try await until { client.recoveries > before }
            #expect(try await client.set("b", "2") == "OK")
            #expect(try await client.get("a") == "1")
            #expect(try await servers.replica.shell("-a", "pw", "--no-auth-warning", "get", "b") == "2")
        }
    }

    @Test func `follows the primary when it is changed on purpose`() async throws {
        let servers = try await Servers.start()
        defer { servers.stop() }
        try await withClient(try quick(servers.address)) { client in
            try await until { client.status.isUp }
            // It refuses as long as it has not heard of the replica lately.
            try await until {
                (try? await servers.sentinel.shell("-a", "spw", "--no-auth-warning", "sentinel", "failover", "main")) == "OK"
            }
            try await until {
                _ = try? await client.set("c", "3")
                return try await servers.replica.shell("-a", "pw", "--no-auth-warning", "get", "c") == "3"
            }
        }
    }

    @Test func `a name that no sentinel knows, a sentinel that lets nobody in, and a server that is none are told`() async throws {
        let servers = try await Servers.start()
        defer { servers.stop() }
        let sentinel = servers.sentinel.port
        for (address, told) in [
            ("redis://:pw@127.0.0.1:\(sentinel)?sentinel=other&sentinelPassword=spw", "knows no primary named other"),  // not-a-secret
            ("redis://:pw@127.0.0.1:\(sentinel)?sentinel=main", "does not let this user in"),  // not-a-secret
            ("redis://:pw@127.0.0.1:\(servers.primary.port)?sentinel=main&sentinelPassword=pw", "is no sentinel"),  // not-a-secret
        ] {
            try await withClient(try quick(address)) { client in
                #expect(client.status.detail.contains(told), "\(client.status.detail)")
            }
        }
    }
}
