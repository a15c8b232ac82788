import NIOCore

/// Sees the bytes before the parser does: when a request begins, how long its first line is, and what comes after the last answer.
final class RequestBytesHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: HTTPConnectionHandler

    init(connection: HTTPConnectionHandler) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.willParse(unwrapInboundIn(data)) else { return }
        context.fireChannelRead(data)
        connection.didParse()
    }
}
