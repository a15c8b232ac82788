import NIOCore
import NIOPosix
import NIOSSL
import SeaworthyStorage

/// One connection to one server, shared by any number of tasks.
final class RedisConnection: Sendable {
    /// How long after a command's time its answer is still waited for, until the connection is given up.
    static let stallTime: Duration = .seconds(2)

    let greeting: RedisGreeting
    private let channel: any Channel
    private let outbox: RedisOutbox
    private let handler: NIOLoopBound<RedisConnectionHandler>

    private init(_ channel: any Channel, _ outbox: RedisOutbox, _ handler: NIOLoopBound<RedisConnectionHandler>, _ greeting: RedisGreeting)
    {
        self.channel = channel
        self.outbox = outbox
        self.handler = handler
        self.greeting = greeting
    }

    /// Connects and introduces us.
    ///
    /// - Parameters:
    ///   - commandTimeout: how long each command may take.
    ///   - tls: nil for a connection in clear.
    static func connect(
        to endpoint: RedisEndpoint, _ settings: RedisSettings, tls: NIOSSLContext?, purpose: RedisConnectionHandler.Purpose = .commands,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(RedisError) -> RedisConnection {
        let greeting = RedisGreetingStateMachine(
            user: settings.user, password: settings.password, database: settings.database, clientName: settings.clientName)
        let outbox = RedisOutbox(maximumPending: settings.maximumPending, timeout: settings.commandTimeout)
        let loop = group.next()
        let greeted = loop.makePromise(of: RedisGreeting.self)
        do {
            let (channel, handler) = try await ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(settings.connectTimeout))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let tls else { return }
                        try channel.pipeline.syncOperations.addHandler(try sslHandler(tls, endpoint.host))
                    }
                }
                .connect(host: endpoint.host, port: endpoint.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = RedisConnectionHandler(
                            greeting, outbox: outbox, purpose: purpose, stallTime: stallTime, greeted: greeted)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    }
                }
            // The TCP handshake is not the end of it: a server that is paused takes connections and says nothing.
            let timeout = loop.scheduleTask(in: TimeAmount(settings.connectTimeout)) {
                handler.value.close(RedisError(.timeout, "\(endpoint) did not greet in time"))
            }
            defer { timeout.cancel() }
            return RedisConnection(channel, outbox, handler, try await greeted.futureResult.get())
        } catch let error as RedisError {
            greeted.fail(error)
            throw error
        } catch {
            greeted.fail(error)
            throw RedisError(.disconnected, "\(endpoint) cannot be reached: \(reason(error))")
        }
    }

    private static func sslHandler(_ context: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        // An address is no name to ask for; it is looked for in the certificate all the same.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }

    /// What is wrong, without an address or a name of ours.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.first.map { reason($0.error) } ?? "its name is not known"
        case let error as IOError: error.description
        case let error as NIOSSLError: "TLS: \(error)"
        case let error as NIOSSLExtraError: "TLS: \(error)"
        case is ChannelError: "it took too long, or was closed"
        default: "\(error)"
        }
    }

    /// Sends a command and waits for its answer, at most the command's time.
    func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try await withCheckedContinuation { continuation in
            post([(command, .task(continuation))])
        }.get()
    }

    /// Sends commands one behind another, with nothing of others in between, and tells how each ended.
    func post(_ commands: [(RedisCommand, RedisReplyWaiter)]) {
        switch outbox.add(commands) {
        case .queued: break
        case .needsFlush: channel.eventLoop.execute { [handler] in handler.value.flush() }
        case .refused(let error): for (_, waiter) in commands { waiter.end(.failure(error)) }
        }
    }

    /// How many commands have no answer yet.
    var pending: Int { outbox.pending }

    /// Whether it takes commands.
    var isOpen: Bool { outbox.end == nil }

    /// What it is read and written on.
    var eventLoop: any EventLoop { channel.eventLoop }

    /// Tells when the connection has ended.
    func whenClosed(_ tell: @escaping @Sendable () -> Void) {
        channel.closeFuture.whenComplete { _ in tell() }
    }

    /// Returns when the connection has ended, with why.
    func closed() async -> RedisError {
        try? await channel.closeFuture.get()
        return end
    }

    /// Why it ended.
    var end: RedisError { outbox.end ?? RedisError(.disconnected, "the connection was closed") }

    /// Ends it. What is under way fails with the reason.
    func close(_ error: RedisError = RedisError(.closed, "the client was shut down")) {
        channel.eventLoop.execute { [handler] in handler.value.close(error) }
    }
}
