import NIOSSL
import SeaworthyStorage
import Synchronization

/// The servers of a cluster as one: a command goes to the server that has its key, and is sent on where that has changed.
final class RedisCluster: Sendable {
    /// How often a command may be sent on.
    static let maximumRedirects = 5
    /// How soon the servers are asked for again at the earliest, however many commands find that something has moved.
    static let minimumRefresh: Duration = .milliseconds(100)

    private struct Member {
        let node: RedisNode
        let keeping: Task<Void, Never>
    }

    private struct State {
        var topology = ClusterTopology()
        var members: [RedisEndpoint: Member] = [:]
        var isStopped = false
    }

    private let settings: RedisSettings
    private let tls: NIOSSLContext?
    private let metrics: RedisMetrics
    private let observe: @Sendable (RedisEndpoint, RedisNode.Change) -> Void
    private let state = Mutex(State())
    private let refreshes: AsyncStream<Void>
    private let requestRefresh: AsyncStream<Void>.Continuation

    init(
        _ settings: RedisSettings, tls: NIOSSLContext?, metrics: RedisMetrics,
        observe: @escaping @Sendable (RedisEndpoint, RedisNode.Change) -> Void
    ) {
        self.settings = settings
        self.tls = tls
        self.metrics = metrics
        self.observe = observe
        (refreshes, requestRefresh) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Asking

    /// How long it goes on trying: about twice a command's time, since each server has that.
    func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        let deadline = Deadline(after: settings.commandTimeout)
        var (endpoint, node) = try member(for: command)
        var isAsking = false
        for attempt in 0...Self.maximumRedirects {
            let failure: RedisError
            do throws(RedisError) {
                guard isAsking else { return try await node.send(command) }
                return try await withCheckedContinuation { continuation in
                    node.post([RedisCommand(["ASKING"]), command]) { continuation.resume(returning: $0) }
                }.get()
            } catch {
                failure = error
            }
            isAsking = false
            guard let reply = failure.reply, let redirect = ClusterRedirect(reply, asked: endpoint) else {
                // The server may have gone for good, and another have taken its slots.
                if [.disconnected, .circuitOpen].contains(failure.code) || reply(failure, is: "READONLY") { requestRefresh.yield() }
                throw failure
            }
            guard !deadline.isPast else { throw failure }
            switch redirect {
            case .moved(let slot, let target):
                state.withLock { $0.topology.move(slot, to: target) }
                requestRefresh.yield()
                (endpoint, node) = (target, member(at: target))
                await node.settle(until: deadline)
            case .ask(let target):
                isAsking = true
                (endpoint, node) = (target, member(at: target))
                await node.settle(until: deadline)
            case .later:
                requestRefresh.yield()
                try? await Task.sleep(for: .milliseconds(10) * (1 << attempt))
                (endpoint, node) = try member(for: command)
            }
        }
        throw RedisError(.tooManyRedirects, "the cluster sent a command on \(Self.maximumRedirects) times")
    }

    private func reply(_ error: RedisError, is kind: String) -> Bool { error.reply?.kind == kind }

    private func member(for command: RedisCommand) throws(RedisError) -> (RedisEndpoint, RedisNode) {
        let found = state.withLock { state -> (RedisEndpoint, RedisNode)? in
            let endpoint =
                if let key = command.key { state.topology.owner(of: KeySlot.of(key)) } else { state.topology.endpoints.randomElement() }
            return endpoint.flatMap { endpoint in state.members[endpoint].map { (endpoint, $0.node) } }
        }
        guard let found else {
            requestRefresh.yield()
            throw RedisError(.disconnected, "nobody has this part of the cluster's keys")
        }
        return found
    }

    /// The server at an address; one that is not known yet is connected to.
    private func member(at endpoint: RedisEndpoint) -> RedisNode {
        state.withLock { state in
            if let member = state.members[endpoint] { return member.node }
            return add(endpoint, to: &state)
        }
    }

    private func add(_ endpoint: RedisEndpoint, to state: inout State) -> RedisNode {
        let node = RedisNode(settings, tls: tls, metrics: metrics) {
            endpoint
        } observe: { [observe] change in
            observe(endpoint, change)
        }
        let isStopped = state.isStopped
        state.members[endpoint] = Member(node: node, keeping: Task { if !isStopped { await node.run() } })
        return node
    }

    // MARK: Who is there

    var nodes: [(endpoint: RedisEndpoint, node: RedisNode)] {
        state.withLock { state in
            state.topology.endpoints.compactMap { endpoint in state.members[endpoint].map { (endpoint, $0.node) } }
        }
    }

    var isWhole: Bool { state.withLock(\.topology.isWhole) }

    /// Takes over who has which slots, connects to new servers, and leaves those that are gone.
    func apply(_ topology: ClusterTopology) {
        let gone = state.withLock { state -> [Member] in
            state.topology = topology
            for endpoint in topology.endpoints where state.members[endpoint] == nil { _ = add(endpoint, to: &state) }
            let known = Set(topology.endpoints)
            let gone = state.members.filter { !known.contains($0.key) }
            for endpoint in gone.keys { state.members[endpoint] = nil }
            return Array(gone.values)
        }
        for member in gone { member.keeping.cancel() }
    }

    /// Asks for the servers again and again, until the task is cancelled: when something has moved, and now and then.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while (try? await Task.sleep(for: settings.topologyInterval)) != nil { requestRefresh.yield() }
            }
            for await _ in refreshes {
                await refresh()
                try? await Task.sleep(for: Self.minimumRefresh)
                if Task.isCancelled { break }
            }
            group.cancelAll()
        }
        let members = state.withLock { state in
            state.isStopped = true
            return Array(state.members.values)
        }
        for member in members { member.keeping.cancel() }
        for member in members { await member.keeping.value }
    }

    private func refresh() async {
        for (endpoint, node) in nodes.shuffled() where node.status.isUp {
            guard let answer = try? await node.send(RedisCommand(["CLUSTER", "SLOTS"])),
                let topology = ClusterTopology(slots: answer, asked: endpoint), !topology.endpoints.isEmpty
            else { continue }
            return apply(topology)
        }
        // None of those we know: begin as at the start.
        guard let topology = try? await Self.find(settings, tls: tls) else { return }
        apply(topology)
    }

    /// Asks the servers that the settings name, one after another.
    static func find(_ settings: RedisSettings, tls: NIOSSLContext?) async throws(RedisError) -> ClusterTopology {
        var failure = RedisError(.disconnected, "there is no server to ask")
        for endpoint in settings.endpoints {
            do throws(RedisError) {
                let connection = try await RedisConnection.connect(to: endpoint, settings, tls: tls)
                defer { connection.close() }
                let answer = try await connection.send(RedisCommand(["CLUSTER", "SLOTS"]))
                if let topology = ClusterTopology(slots: answer, asked: endpoint), !topology.endpoints.isEmpty { return topology }
                failure = RedisError(.wrongServer, "\(endpoint) knows no server of its cluster")
            } catch {
                failure = error
            }
        }
        throw failure
    }
}
