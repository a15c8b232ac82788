import NIOCore
import NIOPosix

/// Answers whatever comes with the same text.
package struct AnsweringServer: Sendable {
    private let channel: any Channel

    package var port: Int { channel.localAddress?.port ?? 0 }

    package static func start(_ answer: String) async throws -> AnsweringServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in channel.pipeline.addHandler(Answer(answer)) }
            .bind(host: "127.0.0.1", port: 0).get()
        return AnsweringServer(channel: channel)
    }

    package func stop() { channel.close(promise: nil) }

    private final class Answer: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: String

        init(_ answer: String) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }
}
