import PostgresServing

/// A cluster of three servers, each with a third of the slots.
package struct RedisClusterServers: Sendable {
    package let servers: [RedisServer]

    package static func start(_ lines: [String] = []) async throws -> RedisClusterServers {
        var servers: [RedisServer] = []
        for _ in 0..<3 {
            servers.append(
                try await RedisServer.start(
                    ["cluster-enabled yes", "cluster-port {busport}", "cluster-node-timeout 2000", "cluster-require-full-coverage no"]
                        + lines))
        }
        let all = servers.map { "127.0.0.1:\($0.port)" }
        _ = try await RedisServer.shell(servers[0].port, ["--cluster", "create"] + all + ["--cluster-yes"])
        // It is told one after another who else there is.
        for server in servers {
            while try await !server.shell("cluster", "info").contains("cluster_state:ok") { try await Task.sleep(for: .milliseconds(50)) }
        }
        return RedisClusterServers(servers: servers)
    }

    package var address: String { "redis://" + servers.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") }

    package func stop() { for server in servers { server.stop() } }
}
