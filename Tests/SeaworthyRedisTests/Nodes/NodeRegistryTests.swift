import RedisServing
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(2))) struct NodeRegistryTests {
    @Test func `counts the nodes that are there, and not those that went or are another application's`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let nodes = ["a", "b", "c"].map { NodeRegistry(client, application: "shop", node: $0, interval: .milliseconds(20)) }
            #expect(nodes[0].count == 1)
            let running = nodes.map { node in Task { await node.run() } }
            let other = NodeRegistry(client, application: "other", node: "a", interval: .milliseconds(20))
            let otherRunning = Task { await other.run() }
            try await until { nodes.allSatisfy { $0.count == 3 } }
            #expect(other.count == 1)
            running[2].cancel()
            await running[2].value
            try await until { nodes[0].count == 2 && nodes[1].count == 2 }
            // One that was killed says no farewell, and is forgotten.
            _ = try await client.send(RedisCommand("ZADD", key: "seaworthy:shop:nodes", "1", "long-ago"))
            try await until { try await server.shell("zscore", "seaworthy:shop:nodes", "long-ago").isEmpty }
            #expect(try await Int(server.shell("pttl", "seaworthy:shop:nodes")) ?? -1 > 0)
            // What was known last holds while Redis is away.
            server.stop()
            try await until { !client.status.isUp }
            #expect(nodes[0].count == 2)
            for task in running + [otherRunning] { task.cancel() }
        }
    }
}
