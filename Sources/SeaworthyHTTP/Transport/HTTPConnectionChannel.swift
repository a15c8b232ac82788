import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sets up each connection that Hummingbird's server accepts.
///
/// Hummingbird's own channel hands requests through asynchronous sequences, has no time limits for a request's parts, hangs after an
/// `Upgrade` it does not take and answers a broken request without a body. So the connection is ours from the parser on.
struct HTTPConnectionChannel: ServerChildChannel {
    struct Connection: ServerChildChannelValue {
        let channel: any Channel
    }

    /// There are ``HTTPSettings/maximumConnections`` already.
    struct TooManyConnections: Error {}

    let settings: HTTPSettings
    let pipeline: RequestPipeline
    let registry: ConnectionRegistry
    let clock: HTTPClock
    /// Nil speaks in clear.
    let certificates: TLSCertificates?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        guard registry.admit(channel) else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(TooManyConnections())
        }
        return channel.eventLoop.makeCompletedFuture {
            var limits = NIOHTTPDecoderLimitConfiguration()
            // The exact limits are checked when the head is complete; these only keep the parser from holding more than that.
            limits.maxHeaderFieldSize = max(settings.maximumHeaderBytes, settings.maximumURLBytes)
            limits.maxHeaderListSize = settings.maximumHeaderBytes + settings.maximumURLBytes
            limits.maxHeaderFieldCount = settings.maximumHeaderCount
            let handler = HTTPConnectionHandler(
                settings: settings, pipeline: pipeline, clock: clock, registry: registry,
                executor: EventLoopTaskExecutor(channel.eventLoop),
                peer: RequestSource(address: channel.remoteAddress?.ipAddress, isSecure: certificates != nil))
            let pipeline = channel.pipeline.syncOperations
            if let certificates {
                try pipeline.addHandler(ClearTextRefusal())
                try pipeline.addHandler(NIOSSLServerHandler(context: certificates.context))
                try pipeline.addHandler(HandshakeTimeout(settings.headerTimeout))
            }
            try pipeline.addHandler(RequestBytesHandler(connection: handler))
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)))
            try pipeline.addHandler(handler)
            return Connection(channel: channel)
        }
    }

    /// Lasts as long as the connection: the server has stopped when all have ended.
    func handle(value: Connection, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.channel.closeFuture.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}
