import HummingbirdCore
import NIOCore

/// Tells a client that speaks in clear, where TLS is spoken, what is wrong, and closes. Goes away at the first byte of a handshake.
final class ClearTextRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a handshake begins with (RFC 8446, 5.1).
    private static let handshake: UInt8 = 22

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard !isRefused, let first = bytes.readableBytesView.first else { return }
        guard first != Self.handshake else {
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            return
        }
        isRefused = true
        var generator = RequestID.Generator()
        let requestID = generator.next()
        let problem = Problem.badRequest("This port speaks HTTPS: write https:// in place of http://.")
        let body = problem.rendered(requestID: requestID)
        var answer = context.channel.allocator.buffer(capacity: 1024)
        ResponseHeadEncoder.write(
            status: problem.status, fields: problem.response(requestID: requestID).headers, framing: .length(body.readableBytes),
            connection: "close", requestID: requestID, date: HTTPDate.text(seconds: HTTPDate.now()), isStrict: false, into: &answer)
        answer.writeImmutableBuffer(body)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(answer)).whenComplete { _ in context.value.close(promise: nil) }
    }
}
