import NIOCore
import RedisServing
import Synchronization
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(2))) struct RedisFaultTests {
    /// Sends until the circuit is open, and gives what the failures before were.
    private static func failUntilOpen(_ client: RedisClient) async throws -> Set<RedisError.Code> {
        var codes: Set<RedisError.Code> = []
        while true {
            do throws(RedisError) {
                try await client.set("a", "x")
                try? await Task.sleep(for: .milliseconds(1))
            } catch {
                if error.code == .circuitOpen { return codes }
                codes.insert(error.code)
            }
        }
    }

    @Test func `killed it is not waited for; started again on its port it is back, and whoever asks knows that it was away`() async throws {
        let server = try await RedisServer.start()
        let log = LogLines()
        try await withClient(try quick(server.address), log: log) { client in
            try await client.set("a", "1")
            let before = client.recoveries
            server.stop()
            _ = try await Self.failUntilOpen(client)
            #expect(!client.status.isUp)
            let second = try await RedisServer.start(["port \(server.port)"])
            defer { second.stop() }
            try await until { client.status.isUp }
            #expect(try await client.get("a") == nil)
            #expect(client.recoveries == before + 1)
            // A line for each change of state, however many commands failed; looked at before the server is stopped, which is one more.
            #expect(log.all.map { String($0.prefix(20)) } == ["notice Redis answers", "warning Redis is awa", "notice Redis answers"])
        }
    }

    @Test func `paused each command takes its time at most, then none does; resumed it is back`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try impatient(server.address)) { client in
            try await client.set("a", "1")
            let before = client.recoveries
            server.pause()
            let codes = try await Self.failUntilOpen(client)
            // On a machine that is busy they take so long together that the connection is given up.
            #expect(codes.contains(.timeout) && codes.isSubset(of: [.timeout, .disconnected]))
            server.resume()
            try await until { client.status.isUp }
            #expect(try await client.get("a") != nil)
            #expect(client.recoveries > before)
        }
    }

    @Test func `paused for long, and gone without a word, the connection is given up and another made`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let proxy = try await DelayingProxy.start(before: server.port)
        defer { proxy.stop() }
        let log = LogLines()
        try await withClient(try impatient("redis://127.0.0.1:\(proxy.port)"), log: log) { client in
            proxy.hang()
            _ = try await Self.failUntilOpen(client)
            // Longer than an answer may be late: what hangs now never answers.
            try await until { log.all.count >= 2 && client.status.detail != "no answer in time" }
            proxy.hang(false)
            try await until { client.status.isUp }
            #expect(try await client.set("a", "2") == "OK")
        }
    }

    @Test func `slow it is as good as away, until it is quick again`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let proxy = try await DelayingProxy.start(before: server.port)
        defer { proxy.stop() }
        try await withClient(try impatient("redis://127.0.0.1:\(proxy.port)")) { client in
            proxy.delay(.milliseconds(2500))
            #expect(try await Self.failUntilOpen(client) == [.timeout])
            proxy.delay(.zero)
            try await until { client.status.isUp }
            // Answers that came late went to nobody else.
            for turn in 0..<50 {
                try await client.set("turn", "\(turn)")
                #expect(try await client.get("turn") == "\(turn)")
            }
        }
    }

    @Test func `a connection that is cut costs what was under way, and no more`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let proxy = try await DelayingProxy.start(before: server.port)
        defer { proxy.stop() }
        try await withClient(try quick("redis://127.0.0.1:\(proxy.port)")) { client in
            for _ in 0..<5 {
                try await client.set("a", "1")
                let before = client.recoveries
                proxy.cut()
                try await until { client.recoveries > before }
                #expect(try await client.get("a") == "1")
            }
        }
    }

    @Test func `out of memory it is left alone, and used again when there is room`() async throws {
        let server = try await RedisServer.start(["maxmemory-policy noeviction"])
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            try await server.shell("config", "set", "maxmemory", "1")
            #expect(try await Self.failUntilOpen(client) == [.refused])
            #expect(client.status.detail == "Redis answered OOM")
            try await server.shell("config", "set", "maxmemory", "0")
            try await until { client.status.isUp }
        }
    }

    @Test func `a replica that takes no writes is left alone until it is a primary`() async throws {
        let primary = try await RedisServer.start()
        defer { primary.stop() }
        let replica = try await RedisServer.start(["replicaof 127.0.0.1 \(primary.port)"])
        defer { replica.stop() }
        try await until { try await replica.shell("info", "replication").contains("master_link_status:up") }
        try await withClient(try quick(replica.address)) { client in
            #expect(client.status.detail == "Redis answered READONLY")
            let error = await #expect(throws: RedisError.self) { try await client.get("a") }
            #expect(error?.code == .circuitOpen)
            try await replica.shell("replicaof", "no", "one")
            try await until { client.status.isUp }
            // And the other way round, while it is used.
            try await replica.shell("replicaof", "127.0.0.1", "\(primary.port)")
            _ = try await Self.failUntilOpen(client)
            try await replica.shell("replicaof", "no", "one")
            try await until { client.status.isUp }
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "\u{15}\u{3}\u{3}\0\u{2}\u{2}(", ":1\r\n:2\r\n+OK\r\n"])
    func `something that speaks another protocol is told apart`(answer: String) async throws {
        let server = try await AnsweringServer.start(answer)
        defer { server.stop() }
        var settings = try quick("redis://127.0.0.1:\(server.port)")
        settings.connectTimeout = .milliseconds(500)
        try await withClient(settings) { client in
            #expect(!client.status.isUp)
            let error = await #expect(throws: RedisError.self) { try await client.get("a") }
            #expect(error?.code == .circuitOpen)
        }
    }

    @Test func `that it comes back is told before anybody can ask it`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let proxy = try await DelayingProxy.start(before: server.port)
        defer { proxy.stop() }
        let watch = Watch()
        let endpoint = RedisEndpoint(host: "127.0.0.1", port: proxy.port)
        let node = RedisNode(try impatient("redis://127.0.0.1:\(proxy.port)"), tls: nil, metrics: RedisMetrics()) {
            endpoint
        } observe: {
            watch.saw($0)
        }
        watch.node.withLock { $0 = node }
        let running = Task { await node.run() }
        try await until { node.status.isUp }
        // Once by a new connection, once by the breaker.
        proxy.cut()
        try await until { watch.seen.filter { $0 == "up true" }.count == 2 }
        server.pause()
        try await until { (try? await node.send(RedisCommand(["PING"]))) == nil && !node.status.isUp }
        server.resume()
        try await until { watch.seen.filter { $0 == "up true" }.count >= 3 }
        running.cancel()
        await running.value
        let seen = watch.seen
        for (index, line) in seen.enumerated() where line == "up true" { #expect(index > 0 && seen[index - 1] == "returning false") }
        #expect(seen.filter { $0 == "returning false" }.count == seen.filter { $0 == "up true" }.count)
        #expect(!seen.contains("returning true"))
    }

    /// What a node told, and whether it could be asked then.
    private final class Watch: Sendable {
        let node = Mutex<RedisNode?>(nil)
        private let lines = Mutex<[String]>([])

        var seen: [String] { lines.withLock(\.self) }

        func saw(_ change: RedisNode.Change) {
            let isUp = node.withLock(\.self)?.status.isUp ?? false
            let line =
                switch change {
                case .returning: "returning \(isUp)"
                case .up: "up \(isUp)"
                case .down: "down"
                }
            lines.withLock { $0.append(line) }
        }
    }

    @Test func `idle it finds out by itself that the server has gone`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let proxy = try await DelayingProxy.start(before: server.port)
        defer { proxy.stop() }
        try await withClient(try impatient("redis://127.0.0.1:\(proxy.port)")) { client in
            #expect(client.status.isUp)
            proxy.hang()
            // Nobody asks anything.
            try await until { !client.status.isUp }
        }
    }
}
