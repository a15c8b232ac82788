import NIOCore
import NIOSSL
import SeaworthyStorage
import Synchronization

/// One server: keeps connections to it, tells whether it may be asked, and finds out when it is well again.
///
/// Nobody waits for a server that is away: without a connection, and while the breaker is open, a command fails at once.
final class RedisNode: Sendable {
    /// What changed; once for each change.
    enum Change: Sendable, Equatable {
        /// It is well again, and not asked yet: whoever believes in what it said before has to be told first.
        case returning
        case up
        case down(RedisNodeStatus)
    }

    private struct State {
        var connection: RedisConnectionGroup?
        var breaker = CircuitBreaker()
        var status = RedisNodeStatus.away(RedisError(.disconnected, "not connected yet"))
        var greeting: RedisGreeting?
        var endpoint: RedisEndpoint?
        /// Until the first attempt to connect has ended.
        var isFresh = true
        var isStopped = false
    }

    typealias Locate = @Sendable () async throws(RedisError) -> RedisEndpoint

    private let settings: RedisSettings
    private let tls: NIOSSLContext?
    private let locate: Locate
    private let requiresPrimary: Bool
    private let observe: @Sendable (Change) -> Void
    private let metrics: RedisMetrics
    private let state = Mutex(State())
    /// A key of this server's by which is seen whether it takes writes: in a cluster not every one is.
    private let probeKey = Atomic(0)

    /// - Parameters:
    ///   - requiresPrimary: whether a replica will not do, so that another server is looked for.
    ///   - locate: where the server is now; asked before each attempt.
    ///   - observe: told when it becomes usable and when it ceases to be.
    init(
        _ settings: RedisSettings, tls: NIOSSLContext?, metrics: RedisMetrics, requiresPrimary: Bool = false,
        locate: @escaping Locate, observe: @escaping @Sendable (Change) -> Void
    ) {
        self.settings = settings
        self.tls = tls
        self.metrics = metrics
        self.requiresPrimary = requiresPrimary
        self.locate = locate
        self.observe = observe
    }

    var status: RedisNodeStatus { state.withLock { $0.status } }

    var greeting: RedisGreeting? { state.withLock { $0.greeting } }

    /// Where it was connected last.
    var endpoint: RedisEndpoint? { state.withLock { $0.endpoint } }

    /// Waits for a server that has just been heard of, until the first attempt to connect has ended.
    func settle(until deadline: Deadline) async {
        while state.withLock(\.isFresh), !deadline.isPast { try? await Task.sleep(for: .milliseconds(2)) }
    }

    /// How many commands have no answer yet.
    var pending: Int { state.withLock(\.connection)?.pending ?? 0 }

    // MARK: Asking

    func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        let connection = try usable()
        let start = Deadline.now.nanoseconds
        do throws(RedisError) {
            let value = try await connection.send(command)
            record(nil, since: start, connection)
            return value
        } catch {
            record(error, since: start, connection)
            throw error
        }
    }

    /// Sends commands one behind another.
    ///
    /// - Parameter ended: told how the last of them ended.
    func post(_ commands: [RedisCommand], ended: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        let connection: RedisConnectionGroup
        do throws(RedisError) {
            connection = try usable()
        } catch {
            return ended(.failure(error))
        }
        let start = Deadline.now.nanoseconds
        let last = commands.count - 1
        connection.post(
            commands.enumerated().map { index, command in
                guard index == last else { return (command, .nobody) }
                return (
                    command,
                    .observer { [self] result in
                        var failure: RedisError?
                        if case .failure(let error) = result { failure = error }
                        record(failure, since: start, connection)
                        ended(result)
                    }
                )
            })
    }

    private func usable() throws(RedisError) -> RedisConnectionGroup {
        let (connection, error) = state.withLock { state in (state.breaker.isOpen ? nil : state.connection, state.status.error) }
        guard let connection else {
            metrics.refused()
            throw RedisError(.circuitOpen, error?.reason ?? "not connected", reply: error?.reply)
        }
        return connection
    }

    private func record(_ error: RedisError?, since start: UInt64, _ connection: RedisConnectionGroup) {
        metrics.ended(error, Deadline.now.nanoseconds - start)
        let failure = error.flatMap { $0.isOutage ? $0 : nil }
        let opened = state.withLock { state -> RedisNodeStatus? in
            // What an earlier connection did says nothing of this one.
            guard state.connection === connection, state.breaker.record(failed: failure != nil), let failure else { return nil }
            state.status = .failing(failure)
            return state.status
        }
        if let opened { observe(.down(opened)) }
    }

    // MARK: Being there

    /// Keeps the connection until the task is cancelled.
    func run() async {
        var backoff = Backoff(settings.backoff)
        while !Task.isCancelled {
            do throws(RedisError) {
                let connection = try await connect()
                backoff.reset()
                let reason = await tend(connection)
                // Ended on purpose it is no news.
                if !Task.isCancelled { lose(.away(reason)) }
            } catch {
                lose(.away(error))
            }
            try? await Task.sleep(for: backoff.next())
        }
        stop()
    }

    private func stop() {
        let connection = state.withLock { state in
            state.isStopped = true
            state.status = .away(RedisError(.closed, "the client was shut down"))
            defer { state.connection = nil }
            return state.connection
        }
        connection?.close()
    }

    private func connect() async throws(RedisError) -> RedisConnectionGroup {
        let endpoint = try await locate()
        let connection = try await RedisConnectionGroup.connect(to: endpoint, settings, tls: tls)
        do throws(RedisError) {
            if requiresPrimary, connection.greeting.isReplica { throw RedisError(.wrongServer, "\(endpoint) is a replica") }
            if connection.greeting.mode == .sentinel {
                throw RedisError(.wrongServer, "\(endpoint) is a sentinel, and the address names no primary")
            }
            try await prove(connection)
        } catch {
            connection.close(error)
            throw error
        }
        observe(.returning)
        let isStopped = state.withLock { state in
            guard !state.isStopped else { return true }
            state.connection = connection
            state.endpoint = endpoint
            state.isFresh = false
            state.greeting = connection.greeting
            state.breaker = CircuitBreaker()
            state.status = .up
            return false
        }
        if isStopped { connection.close() } else { observe(.up) }
        return connection
    }

    private func lose(_ status: RedisNodeStatus) {
        let isNew = state.withLock { state in
            guard !state.isStopped else { return false }
            // The reason may change from one attempt to the next; that is no news.
            let isNews = state.status.isUp || state.isFresh
            state.connection = nil
            state.status = status
            state.isFresh = false
            return isNews
        }
        if isNew { observe(.down(status)) }
    }

    /// Looks after a connection until it ends, or the task does.
    ///
    /// - Returns: why it ended.
    private func tend(_ connection: RedisConnectionGroup) async -> RedisError {
        await withTaskGroup(of: RedisError?.self) { group in
            group.addTask { await connection.closed() }
            group.addTask { [self] in
                await watch(connection)
                return nil
            }
            let reason = await group.next() ?? nil
            connection.close(RedisError(.closed, "the client was shut down"))
            group.cancelAll()
            for await _ in group {}
            return reason ?? connection.end
        }
    }

    /// Asks a server that failed whether it is well again, and one that nobody asks whether it is still there. Returns when the connection is
    /// not worth keeping, or the task is cancelled.
    private func watch(_ connection: RedisConnectionGroup) async {
        var quiet = 0
        while (try? await Task.sleep(for: settings.probeInterval * Double.random(in: 0.75...1))) != nil, connection.isOpen {
            guard state.withLock(\.breaker.isOpen) else {
                quiet += 1
                if quiet % 10 == 0 {
                    _ = try? await send(RedisCommand(["PING"]))
                    await connection.keepAlive()
                }
                continue
            }
            do throws(RedisError) {
                try await prove(connection)
                observe(.returning)
                state.withLock { state in
                    state.breaker.close()
                    state.status = .up
                }
                observe(.up)
            } catch {
                state.withLock { $0.status = .failing(error) }
                // It has become a replica, or was one: who is the primary now has to be asked anew.
                if error.reply?.kind == "READONLY" { return connection.close(error) }
            }
        }
    }

    /// Throws unless the server answers, and takes writes.
    private func prove(_ connection: RedisConnectionGroup) async throws(RedisError) {
        for _ in 0..<Self.probeKeys {
            let key = RedisCommand.Word.text("seaworthy:probe:\(probeKey.load(ordering: .relaxed))")
            do throws(RedisError) {
                _ = try await connection.send(RedisCommand("SET", key: key, "1", "PX", "10000"))
                return
            } catch {
                // Of a cluster's servers this key is another's.
                guard error.reply?.kind == "MOVED" else { throw error }
                probeKey.add(1, ordering: .relaxed)
            }
        }
        throw RedisError(.wrongServer, "it has no part of the cluster's keys")
    }

    /// Of so many keys in a row one is a server's that has a hundredth of the slots, but for once in 20,000 times.
    private static let probeKeys = 1000
}
