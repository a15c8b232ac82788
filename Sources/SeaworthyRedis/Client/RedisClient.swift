package import Logging
import NIOSSL
import Synchronization

/// Redis as the server uses it: one server, the primary that sentinels name, or a cluster, found out by itself.
///
/// Commands never wait for a Redis that is away: they fail at once, or after ``RedisSettings/commandTimeout``. Whoever asks goes on without.
package final class RedisClient: Sendable {
    /// How Redis is as a whole.
    package struct Status: Sendable, Equatable {
        /// Whether every server may be asked.
        package var isUp: Bool
        /// For operators.
        package var detail: String
        /// Nil until a first server was reached.
        package var version: String?
        /// `standalone`, `sentinel` or `cluster`; nil as long as it is not known.
        package var kind: String?
    }

    private enum Topology {
        case unknown(RedisError)
        case single(RedisNode)
        case cluster(RedisCluster)
    }

    private let settings: RedisSettings
    private let tls: NIOSSLContext?
    private let logger: Logger
    private let metrics: RedisMetrics
    private let directory: SentinelDirectory?
    private let topology = Mutex(Topology.unknown(RedisError(.disconnected, "not connected yet")))
    private let recoveryCount = Atomic<UInt64>(0)
    private let firstEnd = AsyncGate()

    /// - Throws: ``RedisError/Code/wrongServer`` where the certificates to trust cannot be read.
    package init(_ settings: RedisSettings, logger: Logger, metrics: RedisMetrics = RedisMetrics()) throws(RedisError) {
        self.settings = settings
        self.logger = logger
        self.metrics = metrics
        tls = try settings.tls.map { tls throws(RedisError) in try Self.context(tls) }
        directory = settings.sentinel.map { [tls] in SentinelDirectory(settings, $0, tls: tls) }
    }

    private static func context(_ settings: RedisSettings.TLS) throws(RedisError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        do {
            if let file = settings.authorities {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError(.wrongServer, "the certificates to trust cannot be read: \(error)")
        }
    }

    // MARK: Asking

    /// Sends a command and waits for its answer.
    package func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        switch topology.withLock(\.self) {
        case .unknown(let error): throw RedisError(.circuitOpen, error.reason, reply: error.reply)
        case .single(let node): try await node.send(command)
        case .cluster(let cluster): try await cluster.send(command)
        }
    }

    /// Sends a command that nobody waits for.
    package func post(_ command: RedisCommand) {
        switch topology.withLock(\.self) {
        case .unknown: break
        case .single(let node): node.post([command]) { _ in }
        case .cluster(let cluster): Task { _ = try? await cluster.send(command) }
        }
    }

    /// Runs a script, in a cluster where its first key is: all have to be there.
    package func run(_ script: RedisScript, keys: [RedisCommand.Word], _ arguments: [RedisCommand.Word] = []) async throws(RedisError)
        -> RESPValue
    {
        do throws(RedisError) {
            return try await send(script.byHash(keys, arguments))
        } catch {
            // A server that was started anew, or became the primary, knows no scripts.
            guard error.reply?.kind == "NOSCRIPT" else { throw error }
            return try await send(script.whole(keys, arguments))
        }
    }

    /// Counts how often Redis came back after it was away or failing, before the first command that it is sent then. What was believed of its data before may be false since: it may have
    /// been started empty, or from an older copy, or be another server.
    package var recoveries: UInt64 { recoveryCount.load(ordering: .acquiring) }

    /// How many commands have no answer yet.
    package var pending: Int {
        switch topology.withLock(\.self) {
        case .unknown: 0
        case .single(let node): node.pending
        case .cluster(let cluster): cluster.nodes.reduce(0) { $0 + $1.node.pending }
        }
    }

    package var status: Status {
        switch topology.withLock(\.self) {
        case .unknown(let error): Status(isUp: false, detail: error.reason)
        case .single(let node):
            Status(
                isUp: node.status.isUp, detail: node.status.error?.reason ?? "all is well", version: node.greeting?.version,
                kind: settings.sentinel == nil ? "standalone" : "sentinel")
        case .cluster(let cluster):
            Self.status(of: cluster.nodes.map(\.node), isWhole: cluster.isWhole)
        }
    }

    private static func status(of nodes: [RedisNode], isWhole: Bool) -> Status {
        let failing = nodes.compactMap(\.status.error)
        var status = Status(isUp: failing.isEmpty && isWhole, detail: "all is well", kind: "cluster")
        status.version = nodes.lazy.compactMap { $0.greeting?.version }.first
        if !isWhole { status.detail = "some of the cluster's keys are nobody's" }
        if let error = failing.first { status.detail = "\(failing.count) of \(nodes.count) servers are away: \(error.reason)" }
        return status
    }

    // MARK: Being there

    /// A server that is up, for a connection of somebody's own.
    func endpoint() throws(RedisError) -> RedisEndpoint {
        let nodes: [RedisNode]
        switch topology.withLock(\.self) {
        case .unknown(let error): throw error
        case .single(let node): nodes = [node]
        case .cluster(let cluster): nodes = cluster.nodes.map(\.node).shuffled()
        }
        guard let endpoint = nodes.lazy.filter(\.status.isUp).compactMap(\.endpoint).first else {
            throw RedisError(.disconnected, nodes.first?.status.error?.reason ?? "there is no server to connect to")
        }
        return endpoint
    }

    /// A connection of somebody's own.
    func connect(_ purpose: RedisConnectionHandler.Purpose) async throws(RedisError) -> RedisConnection {
        try await RedisConnection.connect(to: try endpoint(), settings, tls: tls, purpose: purpose)
    }

    /// Returns when it is known for the first time whether Redis is there: at the latest after an attempt to connect.
    package func started() async { await firstEnd.opened() }

    /// Connects, and stays connected, until the task is cancelled.
    package func run() async {
        if let directory {
            let node = RedisNode(settings, tls: tls, metrics: metrics, requiresPrimary: true, locate: directory.primary) { [weak self] in
                self?.changed($0, nil)
            }
            topology.withLock { $0 = .single(node) }
            return await node.run()
        }
        var backoff = Backoff(settings.backoff)
        while !Task.isCancelled {
            do throws(RedisError) {
                switch try await findOut() {
                case .single(let node): return await node.run()
                case .cluster(let cluster): return await cluster.run()
                case .unknown: break
                }
            } catch {
                let isFirst = topology.withLock { topology in
                    guard case .unknown(let before) = topology else { return false }
                    topology = .unknown(error)
                    return before.code != error.code
                }
                if isFirst { report(down: error, nil) }
                firstEnd.open()
            }
            try? await Task.sleep(for: backoff.next())
        }
    }

    /// Asks the first server that answers what kind it is.
    private func findOut() async throws(RedisError) -> Topology {
        var failure = RedisError(.disconnected, "there is no server to connect to")
        for endpoint in settings.endpoints {
            do throws(RedisError) {
                let connection = try await RedisConnection.connect(to: endpoint, settings, tls: tls)
                defer { connection.close() }
                switch connection.greeting.mode {
                case .sentinel:
                    throw RedisError(.wrongServer, "\(endpoint) is a sentinel, and REDIS_URL does not say whose: add ?sentinel=NAME")
                case .standalone:
                    let order = EndpointRotation(settings.endpoints, first: endpoint)
                    let node = RedisNode(settings, tls: tls, metrics: metrics, locate: order.next) { [weak self] in
                        self?.changed($0, nil)
                    }
                    topology.withLock { $0 = .single(node) }
                    return .single(node)
                case .cluster:
                    let found = try await RedisCluster.find(settings, tls: tls)
                    let cluster = RedisCluster(settings, tls: tls, metrics: metrics) { [weak self] in
                        self?.changed($1, $0)
                    }
                    cluster.apply(found)
                    topology.withLock { $0 = .cluster(cluster) }
                    return .cluster(cluster)
                }
            } catch {
                failure = error
            }
        }
        throw failure
    }

    // MARK: What changes

    private func changed(_ change: RedisNode.Change, _ endpoint: RedisEndpoint?) {
        switch change {
        case .returning:
            recoveryCount.add(1, ordering: .acquiringAndReleasing)
            return
        case .up:
            metrics.became(isUp: status.isUp)
            logger.notice("Redis answers", metadata: Self.metadata(endpoint))
        case .down(let status): if let error = status.error { report(down: error, endpoint) }
        }
        firstEnd.open()
    }

    private func report(down error: RedisError, _ endpoint: RedisEndpoint?) {
        metrics.became(isUp: false)
        var metadata = Self.metadata(endpoint)
        metadata["reason"] = "\(error.reason)"
        logger.warning("Redis is away; the server goes on without it", metadata: metadata)
    }

    private static func metadata(_ endpoint: RedisEndpoint?) -> Logger.Metadata {
        endpoint.map { ["server": "\($0)"] } ?? [:]
    }
}
