import Foundation
import NIOHTTP1
import PostgresServing
import RedisServing
import SeaworthySchema
import Testing

/// Two servers that share a Redis, as users see them.
@Suite(.timeLimit(.minutes(5))) struct `Servers that share a Redis` {
    private static let schema = """
        name: shop
        limits: { default: 40/d }
        entities:
          Shelf:
            fields: { Width: { type: integer } }
            access: { anyone: { read: true } }
        """

    private struct Node {
        let folder: TemporaryFolder
        let process: SeaworthyProcess
        let api: APIClient

        static func start(_ environment: [String: String], _ entity: String = "") async throws -> Node {
            let folder = try TemporaryFolder()
            try folder.write(schema + "\n" + entity, to: "seaworthy.yaml")
            let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
            return Node(folder: folder, process: process, api: APIClient(address: address))
        }

        /// What operators see of one check.
        func check(_ name: String, _ member: String = "observedValue") async throws -> JSONValue {
            try await api.get("/health/deps").value("checks.\(name).0.\(member)")
        }

        /// Waits until the circuit breaker is seen so.
        func wait(untilBreakerIs state: String) async throws {
            while try await check("redis:circuitBreaker") != .string(state) { try await Task.sleep(for: .milliseconds(50)) }
        }

        /// What was logged of Redis.
        var changes: [String] {
            process.log.split(separator: "\n").filter { $0.contains("Redis") }.map { $0.contains("Redis is away") ? "away" : "there" }
        }
    }

    private static func admitted(_ count: Int, _ nodes: [Node]) async throws -> (ok: Int, refused: Int, other: Int) {
        var result = (ok: 0, refused: 0, other: 0)
        for index in 0..<count {
            switch try await nodes[index % nodes.count].api.get("/v1/shelfs").status {
            case 200: result.ok += 1
            case 429: result.refused += 1
            default: result.other += 1
            }
        }
        return result
    }

    @Test func `count requests together, and each for itself while it is away, which operators see`() async throws {
        let redis = try await RedisServer.start()
        defer { redis.stop() }
        let environment = ["REDIS_URL": redis.address, "REDIS_COMMAND_TIMEOUT": "1s"]
        let nodes = [try await Node.start(environment), try await Node.start(environment)]
        defer { for node in nodes { node.process.send(SIGKILL) } }
        // Both know of each other before one has to guess.
        for node in nodes {
            while try await node.check("redis:nodes") != .number("2") { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await node.check("redis:circuitBreaker") == .string("closed"))
            #expect(try await node.check("redis:responseTime", "status") == .string("pass"))
            #expect(try await node.api.get("/readyz").value("status") == .string("pass"))
        }
        let together = try await Self.admitted(60, nodes)
        #expect(together.ok == 40 && together.refused == 20 && together.other == 0)
        let policy = try await nodes[0].api.get("/v1/shelfs").headers["RateLimit-Policy"]
        #expect(policy == [#""default";q=40;w=86400"#])

        redis.stop()
        for node in nodes {
            try await node.wait(untilBreakerIs: "open")
            #expect(try await node.check("redis:responseTime", "status") == .string("warn"))
            let ready = try await node.api.get("/readyz")
            #expect(ready.status == 200)
            #expect(try ready.value("status") == .string("warn"))
            #expect(try await node.api.get("/metrics").body.contains("\nredis_up 0\n"))
        }
        // Each has let through its half already, and knows it.
        let alone = try await Self.admitted(10, nodes)
        #expect(alone.other == 0 && alone.refused == 10)

        let again = try await RedisServer.start(["port \(redis.port)"])
        defer { again.stop() }
        for node in nodes {
            try await node.wait(untilBreakerIs: "closed")
            #expect(try await node.api.get("/metrics").body.contains("\nredis_up 1\n"))
            #expect(node.changes == ["there", "away", "there"])
        }
        // It was started empty.
        #expect(try await Self.admitted(5, nodes).ok == 5)
        for node in nodes {
            let outcome = await node.process.stop()
            #expect(outcome.status == 0)
            #expect(node.changes.count == 3)
        }
        #expect(try await again.shell("zcard", "seaworthy:shop:nodes") == "0")
    }

    @Test func `start and answer where there is no Redis yet`() async throws {
        let port = freePort()
        let node = try await Node.start(["REDIS_URL": "redis://127.0.0.1:\(port)"])
        defer { node.process.send(SIGKILL) }
        #expect(try await node.api.get("/v1/shelfs").status == 200)
        let output = try await node.api.get("/health/deps").text("checks.redis:responseTime.0.output")
        #expect(output.contains("cannot be reached"))
        let redis = try await RedisServer.start(["port \(port)"])
        defer { redis.stop() }
        try await node.wait(untilBreakerIs: "closed")
        #expect(await node.process.stop().status == 0)
    }

    @Test func `have their locks in common, and none without it`() async throws {
        let redis = try await RedisServer.start()
        defer { redis.stop() }
        let environment = [
            "REDIS_URL": redis.address, "DATABASE_URL": try await PostgresServer.running().makeSchema(),
            "SECRET_KEYS": SettingsLoadTests.strongKey,
        ]
        let (nodes, tokens) = try await Self.startWithPeople(["ann@example.com", "bob@example.com"], environment)
        defer { for node in nodes { node.process.send(SIGKILL) } }
        func lock(_ node: Int, _ person: Int) async throws -> APIClient.Answer {
            try await nodes[node].api.send(
                .POST, "/v1/locks", headers: ["Content-Type": "application/json", "Authorization": "Bearer \(tokens[person])"],
                body: #"{"entity":"Desk","id":"1"}"#)
        }
        #expect(try await lock(0, 0).status == 201)
        let refused = try await lock(1, 1)
        #expect(refused.status == 409)
        #expect(try refused.text("code") == "locked")
        // Whoever has it has it on every node.
        #expect(try await lock(1, 0).status == 200)
        redis.stop()
        for node in nodes { try await node.wait(untilBreakerIs: "open") }
        let away = try await lock(0, 0)
        #expect(away.status == 503 && away.headers["Retry-After"].count == 1)
        #expect(try away.text("code") == "locks_unavailable")
    }

    private static let password = "correct horse battery"

    /// Two nodes on one database, and the access tokens of people with the role `clerk`.
    private static func startWithPeople(_ people: [String], _ environment: [String: String]) async throws -> ([Node], [String]) {
        let desk = """
              Desk:
                key: id
                fields: { id: { type: integer } }
                access: { anyone: { create: true, read: true }, clerk: { read: true, update: true } }
            """
        let nodes = [try await Node.start(environment, desk), try await Node.start(environment, desk)]
        #expect(try await nodes[0].api.post("/v1/desks", #"{"id":1}"#).status == 201)
        var tokens: [String] = []
        for person in people {
            let made = try await SeaworthyProcess.run(
                ["user", "create", "--email", person, "--role", "clerk", "--password-stdin"], in: nodes[0].folder.url,
                environment: environment, input: password + "\n")
            try #require(made.status == 0, "\(made.errors)")
            let answer = try await nodes[0].api.post("/v1/auth/login", #"{"email":"\#(person)","password":"\#(password)"}"#)
            tokens.append(try answer.text("data.accessToken"))
        }
        return (nodes, tokens)
    }

    @Test func `say at the start what is wrong with its certificates`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let outcome = try await SeaworthyProcess.run(
            ["serve"], in: folder.url, environment: ["PORT": "0", "REDIS_URL": "rediss://127.0.0.1:1", "REDIS_CA_FILE": "none.pem"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("REDIS_CA_FILE"))
    }
}
