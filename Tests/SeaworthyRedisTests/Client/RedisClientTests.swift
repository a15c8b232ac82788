import Foundation
import Logging
import NIOCore
import PostgresServing
import RedisServing
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(2))) struct RedisClientTests {
    @Test func `commands, answers and errors of a real server`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            #expect(try await client.set("a", "1") == "OK")
            #expect(try await client.get("a") == "1")
            #expect(try await client.get("none") == nil)
            #expect(try await client.send(RedisCommand("INCR", key: "a")).int == 2)
            _ = try await client.send(RedisCommand("RPUSH", key: "list", "x", "y"))
            #expect(try await client.send(RedisCommand("LRANGE", key: "list", "0", "-1")) == .array([.text("x"), .text("y")]))
            let error = await #expect(throws: RedisError.self) { try await client.get("list") }
            #expect(error?.code == .refused)
            #expect(error?.reply?.kind == "WRONGTYPE")
            // What was asked wrongly says nothing against the server.
            for _ in 0..<20 { _ = try? await client.get("list") }
            #expect(
                client.status == RedisClient.Status(isUp: true, detail: "all is well", version: client.status.version, kind: "standalone"))
            #expect(client.status.version?.isEmpty == false)
        }
        #expect(try await server.shell("client", "list").contains("name=seaworthy") == false)
    }

    @Test func `bytes of any kind and length come back as they were`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            for size in [0, 1, 100, 65_535, 1 << 20, 5_000_000] {
                let bytes = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
                _ = try await client.send(RedisCommand("SET", key: "bytes", .bytes(bytes)))
                #expect(try await client.send(RedisCommand("GET", key: "bytes")) == .text(bytes))
            }
        }
    }

    @Test func `many tasks on one connection each get their own answer`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        for turn in 0..<50 {
                            try await client.set("key:\(task)", "\(task).\(turn)")
                            let read = try await client.get("key:\(task)")
                            #expect(read == "\(task).\(turn)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        // One write carries many commands: far fewer reads than commands.
        let stats = try await server.shell("info", "stats")
        let (reads, commands) = (try number("total_reads_processed", stats), try number("total_commands_processed", stats))
        #expect(reads < commands, "\(reads) reads for \(commands) commands")
    }

    private func number(_ name: String, _ info: String) throws -> Int {
        let line = try #require(info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") })
        return try #require(Int(line.dropFirst(name.count + 1)))
    }

    @Test func `an older server is spoken to in RESP2, with the same answers`() async throws {
        let server = try await RedisServer.start(["rename-command HELLO \"\"", "requirepass geheim"])
        defer { server.stop() }
        try await withClient(try quick("redis://:geheim@127.0.0.1:\(server.port)/4")) { client in  // not-a-secret
            #expect(client.status.version?.isEmpty == false)
            try await client.set("a", "1")
            #expect(try await client.get("a") == "1")
            #expect(try await client.get("none") == nil)
            #expect(try await client.send(RedisCommand("HGETALL", key: "none")) == .array([]))
            // Before 6.0 there is no other way to see which database it is.
            #expect(try await client.send(RedisCommand(["CLIENT", "INFO"])).string?.contains(" db=4 ") == true)
            #expect(try await client.send(RedisCommand(["CLIENT", "INFO"])).string?.contains(" resp=2") != false)
        }
    }

    @Test func `a user of the access lists may what it may, in its database`() async throws {
        let server = try await RedisServer.start(["user app on >pw ~seaworthy:* ~mine:* +@all", "user default off"])
        defer { server.stop() }
        try await withClient(try quick("redis://app:pw@127.0.0.1:\(server.port)/2")) { client in  // not-a-secret
            try await client.set("mine:a", "1")
            #expect(try await client.get("mine:a") == "1")
            #expect(try await client.send(RedisCommand(["CLIENT", "INFO"])).string?.contains(" db=2 ") == true)
            let error = await #expect(throws: RedisError.self) { try await client.get("other") }
            #expect(error?.reply?.kind == "NOPERM")
        }
    }

    @Test func `the user that docs/redis.md makes may do all that is needed`() async throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../docs/redis.md")
        let line = try #require(
            String(contentsOf: page.standardized, encoding: .utf8).firstMatch(of: /ACL SETUSER portal on >password (.*)/))
        let server = try await RedisServer.start(["user app on >pw \(line.1)", "user default off"])
        defer { server.stop() }
        try await withClient(try quick("redis://app:pw@127.0.0.1:\(server.port)")) { client in  // not-a-secret
            try await until { client.status.isUp }
            let limits = RedisRateLimits(client, application: "shop") { 100 }
            #expect(
                await limits.take(RateLimitKey(policy: "all", subject: "x"), RequestRate(50, in: .seconds(60)), count: 20).remaining == 30)
            let nodes = NodeRegistry(client, application: "shop", node: "a")
            let running = Task { await nodes.run() }
            try await until { (try? await client.send(RedisCommand("ZCARD", key: "seaworthy:shop:nodes"))) == .integer(1) }
            running.cancel()
            let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand(["FLUSHALL"])) }
            #expect(error?.reply?.kind == "NOPERM")
        }
    }

    @Test func `a wrong password is told, tried again, and not shown`() async throws {
        let server = try await RedisServer.start(["requirepass richtig"])
        defer { server.stop() }
        let log = LogLines()
        try await withClient(try quick("redis://:falsch@127.0.0.1:\(server.port)"), log: log) { client in  // not-a-secret
            let error = await #expect(throws: RedisError.self) { try await client.get("a") }
            #expect(error?.code == .circuitOpen)
            #expect(client.status.isUp == false)
            #expect(client.status.detail == "Redis does not let this user in")
            try await server.shell("--no-auth-warning", "-a", "richtig", "config", "set", "requirepass", "falsch")
            try await until { (try? await client.set("a", "1")) != nil }
            #expect(client.status.isUp)
        }
        #expect(log.all.filter { $0.contains("warning") }.count == 1)
        #expect(!log.all.joined().contains("falsch"))
    }

    @Test func `a script is sent whole once, and again to a server that forgot it`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        let script = RedisScript("return {KEYS[1], ARGV[1], 7}")
        try await withClient(try quick(server.address)) { client in
            for turn in 0..<3 {
                #expect(try await client.run(script, keys: ["k"], ["v"]) == .array([.text("k"), .text("v"), .integer(7)]))
                if turn == 1 { try await server.shell("script", "flush") }
            }
            let calls = try await server.shell("info", "commandstats")
            #expect(try number("cmdstat_eval", calls.replacing("calls=", with: "").replacing(",", with: "\n")) == 2)
        }
    }

    @Test func `TLS with a certificate of an authority that is named, and refused without it or under another name`() async throws {
        let folder = (ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp") + "/seaworthy-redis-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificate = try await PostgresServer.onThread { try TestCertificate(in: folder) }
        let port = freePort()
        let server = try await RedisServer.start([
            "port 0", "tls-port \(port)", "tls-cert-file \(certificate.certificate)", "tls-key-file \(certificate.key)",
            "tls-auth-clients no",
        ])
        defer { server.stop() }
        for host in ["localhost", "127.0.0.1"] {
            var settings = try quick("rediss://\(host):\(port)")
            settings.tls?.authorities = certificate.certificate
            try await withClient(settings) { client in
                try await client.set("a", host)
                #expect(try await client.get("a") == host)
            }
        }
        try await withClient(try quick("rediss://localhost:\(port)")) { client in
            #expect(!client.status.isUp)
            #expect(client.status.detail.contains("TLS"))
            #expect(client.status.detail.localizedCaseInsensitiveContains("certificate"))
        }
        var named = try quick("rediss://127.0.0.2:\(port)")
        named.tls?.authorities = certificate.certificate
        try await withClient(named) { client in #expect(!client.status.isUp) }
        var clear = try quick("redis://127.0.0.1:\(port)")
        clear.connectTimeout = .milliseconds(300)
        try await withClient(clear) { client in #expect(!client.status.isUp) }
        var missing = try quick("rediss://localhost:\(port)")
        missing.tls?.authorities = "/nowhere/ca.pem"
        let error = #expect(throws: RedisError.self) { try RedisClient(missing, logger: LogLines().logger) }
        #expect(error?.reason.contains("certificates to trust") == true)
    }

    @Test func `beyond the bound of commands that wait others fail at once, and later ones do not`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        var settings = try quick(server.address)
        settings.maximumPending = 10
        // Nothing but what is sent here.
        settings.probeInterval = .seconds(600)
        settings.commandTimeout = .seconds(30)
        let ended = LogLines()
        try await withClient(settings) { client in
            server.pause()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await client.set("a", "1")
                        ended.logger.info("done")
                    }
                }
                try await until { client.pending == 10 }
                for _ in 0..<20 {
                    let error = await #expect(throws: RedisError.self) { try await client.set("a", "2") }
                    #expect(error?.code == .queueFull)
                }
                #expect(ended.all.isEmpty)
                server.resume()
                try await group.waitForAll()
            }
            #expect(ended.all.count == 10)
            // Too much at once is no fault of the server's: it is asked again at once.
            #expect(try await client.set("a", "3") == "OK")
            #expect(client.pending == 0)
        }
    }

    @Test func `who has an answer is not counted among those that wait any more`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        var settings = try quick(server.address)
        settings.maximumPending = 1
        settings.probeInterval = .seconds(600)
        try await withClient(settings) { client in
            for _ in 0..<2000 { try await client.set("a", "1") }
            #expect(client.pending == 0)
        }
    }

    @Test func `one by name of several addresses is enough`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick("redis://127.0.0.1:\(freePort()),127.0.0.1:\(server.port)")) { client in
            try await client.set("a", "1")
            #expect(client.status.isUp)
        }
    }

    @Test func `what is no Redis is told apart`() async throws {
        let server = try await PostgresServer.running()
        _ = server
        let sentinel = try await RedisServer.start([], isSentinel: true)
        defer { sentinel.stop() }
        try await withClient(try quick(sentinel.address)) { client in
            #expect(client.status.detail.contains("sentinel=NAME"))
        }
        try await withClient(try quick("redis://127.0.0.1:\(freePort())")) { client in
            #expect(client.status.detail.contains("cannot be reached"))
            #expect(client.status.kind == nil)
        }
        try await withClient(try quick("redis://no-such-host.invalid")) { client in
            #expect(!client.status.isUp)
        }
    }
}
