import NIOCore
import NIOPosix
import NIOSSL

/// The connections to one server: one on each event loop, up to a bound, so that what is sent from a loop needs no other thread. They live and end
/// together: each is as good as the others, and when one ends nobody knows what the server did to the others.
final class RedisConnectionGroup: Sendable {
    /// On machines with more processors several loops share a connection.
    static let maximumConnections = 8

    private let first: RedisConnection
    /// With the first.
    private let all: [RedisConnection]
    private let someEnded = AsyncGate()

    private init(_ first: RedisConnection, _ others: [RedisConnection]) {
        self.first = first
        all = [first] + others
        for connection in all { connection.whenClosed { [someEnded] in someEnded.open() } }
    }

    /// Connects the first, then the others. A server that has no room for all of them is used by those that it takes.
    static func connect(
        to endpoint: RedisEndpoint, _ settings: RedisSettings, tls: NIOSSLContext?,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(RedisError) -> RedisConnectionGroup {
        var loops = Array(group.makeIterator()).prefix(maximumConnections)
        let first = try await RedisConnection.connect(to: endpoint, settings, tls: tls, on: loops.popFirst() ?? group.next())
        let others = await withTaskGroup(of: RedisConnection?.self) { tasks in
            for loop in loops {
                tasks.addTask { try? await RedisConnection.connect(to: endpoint, settings, tls: tls, on: loop) }
            }
            return await tasks.reduce(into: [RedisConnection]()) { if let connection = $1 { $0.append(connection) } }
        }
        return RedisConnectionGroup(first, others)
    }

    var count: Int { all.count }

    /// What the server said of itself.
    var greeting: RedisGreeting { first.greeting }

    /// That of the event loop this runs on; elsewhere always the same, so that what many tasks send goes out together.
    private var nearest: RedisConnection {
        guard all.count > 1, let loop = MultiThreadedEventLoopGroup.currentEventLoop else { return first }
        if let own = all.first(where: { $0.eventLoop === loop }) { return own }
        return all[Int(ObjectIdentifier(loop).hashValue.magnitude % UInt(all.count))]
    }

    /// Sends a command and waits for its answer, at most the command's time.
    func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue { try await nearest.send(command) }

    /// Sends commands one behind another, with nothing of others in between, and tells how each ended.
    func post(_ commands: [(RedisCommand, RedisReplyWaiter)]) { nearest.post(commands) }

    /// Asks on each but the nearest whether the server is still there: one that nobody uses is closed by servers, and forgotten on the way to them.
    func keepAlive() async {
        let nearest = nearest
        await withTaskGroup(of: Void.self) { tasks in
            for connection in all where connection !== nearest {
                tasks.addTask { _ = try? await connection.send(RedisCommand(["PING"])) }
            }
        }
    }

    /// How many commands have no answer yet.
    var pending: Int { all.reduce(0) { $0 + $1.pending } }

    /// Whether all of them take commands.
    var isOpen: Bool { all.allSatisfy(\.isOpen) }

    /// Returns when the first of them has ended, with why.
    func closed() async -> RedisError {
        await someEnded.opened()
        return end
    }

    /// Why they ended.
    var end: RedisError { (all.first { !$0.isOpen } ?? first).end }

    /// Ends them. What is under way fails with the reason.
    func close(_ error: RedisError = RedisError(.closed, "the client was shut down")) {
        for connection in all { connection.close(error) }
    }
}
