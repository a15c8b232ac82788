import Logging
import SeaworthyHTTP
import SeaworthyRedis
import SeaworthyStorage
import ServiceLifecycle

/// The Redis of `REDIS_URL`, and what of it the server runs.
struct SharedRedis: Service {
    let client: RedisClient
    /// The other nodes that share it.
    let nodes: NodeRegistry
    private let application: String

    init(_ settings: RedisSettings, application: String, logger: Logger) throws {
        do {
            client = try RedisClient(settings, logger: logger)
        } catch {
            throw OperationFailure("Redis cannot be used: \(error.reason). Fix: see REDIS_CA_FILE")
        }
        nodes = NodeRegistry(client, application: application, node: String(UInt64.random(in: 0 ... .max), radix: 16))
        self.application = application
    }

    var rateLimits: RedisRateLimits {
        RedisRateLimits(client, application: application) { [nodes] in nodes.count }
    }

    func cache(maximumBytes: Int = MemoryCache.standardBytes) -> any CacheStore {
        RedisCache(client, application: application, maximumBytes: maximumBytes)
    }

    /// Runs the body with Redis at hand, as far as it is there: for a command.
    func whileConnected<Result>(_ body: () async throws -> Result) async throws -> Result {
        let keeping = Task { [client] in await client.run() }
        await client.started()
        defer { keeping.cancel() }
        return try await body()
    }

    /// Until the server has stopped: the last requests count, too.
    func run() async throws {
        await cancelWhenGracefulShutdown { [client, nodes] in
            // Not ended with the other: that this node has gone is the last that is sent.
            let keeping = Task { await client.run() }
            await nodes.run()
            keeping.cancel()
            await keeping.value
        }
    }

    /// The server goes on without it, so it is not required.
    var probe: HealthProbe {
        .observing("redis:responseTime", isTimed: true) { [client, nodes] in
            let answered = (try? await client.send(RedisCommand(["PING"]))) != nil
            let status = client.status
            let state: HealthStatus = status.isUp && answered ? .pass : .warn
            return [
                HealthObservation("redis:responseTime", state, output: state == .pass ? nil : status.detail),
                HealthObservation(
                    "redis:circuitBreaker", status.isUp ? .pass : .warn, value: .text(status.isUp ? "closed" : "open"),
                    output: status.isUp ? nil : "the server goes on without Redis"),
                HealthObservation("redis:nodes", value: .integer(nodes.count), unit: "nodes"),
            ]
        }
    }
}

/// A service that begins when Redis is there, or is known not to be: what it does first is not done without.
struct AfterRedis<Served: Service>: Service {
    let redis: SharedRedis?
    let service: Served

    func run() async throws {
        await redis?.client.started()
        try await service.run()
    }
}
