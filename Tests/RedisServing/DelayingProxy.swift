import NIOCore
import NIOPosix
import Synchronization

/// A way to a server that can be made slow, or lead nowhere.
package final class DelayingProxy: Sendable {
    private struct State {
        var delay: TimeAmount = .zero
        var isHanging = false
        var connections: [ObjectIdentifier: any Channel] = [:]
    }

    private let target: Int
    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    package var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }

    package static func start(before port: Int) async throws -> DelayingProxy {
        let proxy = DelayingProxy(port)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { proxy.accept($0) }
            .bind(host: "127.0.0.1", port: 0).get()
        proxy.channel.withLock { $0 = channel }
        return proxy
    }

    private init(_ target: Int) {
        self.target = target
    }

    /// How long every answer is held back from now on.
    package func delay(_ duration: Duration) {
        state.withLock { $0.delay = TimeAmount(duration) }
    }

    /// From now on connections are taken, and nothing comes back.
    package func hang(_ isHanging: Bool = true) {
        state.withLock { $0.isHanging = isHanging }
    }

    /// Ends the connections there are.
    package func cut() {
        for channel in state.withLock({ Array($0.connections.values) }) { channel.close(promise: nil) }
    }

    package func stop() {
        cut()
        channel.withLock(\.self)?.close(promise: nil)
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        state.withLock { $0.connections[ObjectIdentifier(client)] = client }
        client.closeFuture.whenComplete { [self] _ in state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(client)) } }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { [self] server in server.pipeline.addHandler(Relay(to: client) { [self] in wait() }) }
            .connect(host: "127.0.0.1", port: target)
            .flatMap { server in
                client.closeFuture.whenComplete { _ in server.close(promise: nil) }
                server.closeFuture.whenComplete { _ in client.close(promise: nil) }
                return client.pipeline.addHandler(Relay(to: server) { .zero })
            }
            .flatMapError { _ in client.close() }
    }

    /// Nil for what is swallowed.
    private func wait() -> TimeAmount? {
        state.withLock { $0.isHanging ? nil : $0.delay }
    }

    private final class Relay: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let target: any Channel
        private let last = Mutex(NIODeadline.now())
        private let wait: @Sendable () -> TimeAmount?

        init(to target: any Channel, wait: @escaping @Sendable () -> TimeAmount?) {
            self.target = target
            self.wait = wait
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            guard let wait = wait() else { return }
            // Nothing overtakes what was held back longer.
            let due = last.withLock { last in
                last = max(last, .now() + wait)
                return last
            }
            target.eventLoop.scheduleTask(deadline: due) { [target] in target.writeAndFlush(bytes, promise: nil) }
        }
    }
}
