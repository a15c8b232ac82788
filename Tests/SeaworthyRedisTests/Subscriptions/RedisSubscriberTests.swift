import NIOCore
import RedisServing
import Synchronization
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(2))) struct RedisSubscriberTests {
    /// What a subscriber was told.
    private final class Heard: Sendable {
        private let state = Mutex<[String]>([])

        func add(_ event: RedisSubscriber.Event) {
            let line =
                switch event {
                case .subscribed: "subscribed"
                case .interrupted: "interrupted"
                case .message(let channel, let payload): "\(channel): \(String(buffer: payload))"
                }
            state.withLock { $0.append(line) }
        }

        var all: [String] { state.withLock(\.self) }

        func waitFor(_ count: Int, _ line: String) async throws {
            try await until { [self] in all.filter { $0 == line }.count >= count }
        }
    }

    private static func withSubscriber(
        _ client: RedisClient, _ channels: Set<String>, heartbeat: Duration = .seconds(5),
        _ body: (RedisSubscriber, Heard) async throws -> Void
    ) async throws {
        let heard = Heard()
        let subscriber = RedisSubscriber(client, channels: channels, backoff: .milliseconds(5) ... .milliseconds(50), heartbeat: heartbeat)
        {
            heard.add($0)
        }
        let running = Task { await subscriber.run() }
        do {
            try await body(subscriber, heard)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        await running.value
    }

    @Test(arguments: [[], ["rename-command HELLO \"\""]])
    func `hears what is published on its channels, those that it adds and not those that it leaves`(lines: [String]) async throws {
        let server = try await RedisServer.start(lines)
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            try await Self.withSubscriber(client, ["a", "b"], heartbeat: .seconds(2)) { subscriber, heard in
                try await heard.waitFor(1, "subscribed")
                _ = try await client.send(RedisCommand(["PUBLISH", "a", "1"]))
                _ = try await client.send(RedisCommand(["PUBLISH", "c", "no"]))
                _ = try await client.send(RedisCommand(["PUBLISH", "b", "2"]))
                try await heard.waitFor(1, "b: 2")
                subscriber.subscribe(to: "c")
                try await heard.waitFor(2, "subscribed")
                subscriber.unsubscribe(from: "a")
                try await until { try await client.send(RedisCommand(["PUBLISH", "a", "no"])).int == 0 }
                _ = try await client.send(RedisCommand(["PUBLISH", "c", "3"]))
                try await heard.waitFor(1, "c: 3")
                // A heartbeat is no interruption.
                try await until {
                    try await server.shell("client", "list").split(separator: "\n").contains {
                        !$0.contains(" sub=0") && $0.contains("cmd=ping")
                    }
                }
                _ = try await client.send(RedisCommand(["PUBLISH", "b", "4"]))
                try await heard.waitFor(1, "b: 4")
                #expect(heard.all == ["subscribed", "a: 1", "b: 2", "subscribed", "c: 3", "b: 4"])
            }
        }
    }

    @Test func `comes back after an interruption, and says that something may have been missed`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let proxy = try await DelayingProxy.start(before: server.port)
        defer { proxy.stop() }
        try await withClient(try quick("redis://127.0.0.1:\(proxy.port)")) { client in
            try await Self.withSubscriber(client, ["a"], heartbeat: .seconds(2)) { _, heard in
                try await heard.waitFor(1, "subscribed")
                proxy.cut()
                try await heard.waitFor(2, "subscribed")
                try await until { (try? await client.send(RedisCommand(["PUBLISH", "a", "1"]))) == .integer(1) }
                try await heard.waitFor(1, "a: 1")
                // And after one that gives no sign.
                proxy.hang()
                try await heard.waitFor(2, "interrupted")
                proxy.hang(false)
                try await heard.waitFor(3, "subscribed")
                #expect(heard.all == ["subscribed", "interrupted", "subscribed", "a: 1", "interrupted", "subscribed"])
            }
        }
    }

    @Test func `hears in a cluster what was published at another server`() async throws {
        let cluster = try await RedisClusterServers.start()
        defer { cluster.stop() }
        try await withClient(try quick(cluster.address)) { client in
            try await until { client.status.isUp }
            try await Self.withSubscriber(client, ["news"]) { _, heard in
                try await heard.waitFor(1, "subscribed")
                for (index, server) in cluster.servers.enumerated() { try await server.shell("publish", "news", "\(index)") }
                for index in cluster.servers.indices { try await heard.waitFor(1, "news: \(index)") }
            }
        }
    }
}
