import NIOCore
package import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on a free port of 127.0.0.1 that answers with what a closure says.
package final class HTTPReceiver: Sendable {
    package struct Request: Sendable {
        package var method: HTTPMethod
        /// With the query.
        package var uri: String
        package var headers: HTTPHeaders
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
        package var path: String { String(uri.prefix { $0 != "?" }) }
        /// As it was sent; empty without.
        package var query: String { uri.contains("?") ? String(uri.drop { $0 != "?" }.dropFirst()) : "" }
    }

    package struct Answer: Sendable {
        package var status: HTTPResponseStatus
        package var headers: [(String, String)]
        package var body: String
        /// Whether the body is sent a byte at a time, and never ends.
        package var trickles: Bool
        /// Whether nothing is answered.
        package var hangs: Bool

        package init(
            status: HTTPResponseStatus = .ok, headers: [(String, String)] = [], body: String = "", trickles: Bool = false,
            hangs: Bool = false
        ) {
            self.status = status
            self.headers = headers
            self.body = body
            self.trickles = trickles
            self.hangs = hangs
        }
    }

    private let server: any Channel
    private let connections: Connections

    package let port: Int

    private init(_ server: any Channel, _ connections: Connections) {
        self.server = server
        self.connections = connections
        port = server.localAddress?.port ?? 0
    }

    package static func start(_ answer: @escaping @Sendable (Request) async -> Answer) async throws -> HTTPReceiver {
        let connections = Connections()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                connections.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return HTTPReceiver(server, connections)
    }

    package func stop() async {
        try? await server.close()
        connections.closeAll()
    }

    private final class Connections: Sendable {
        private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

        func add(_ channel: any Channel) {
            let id = ObjectIdentifier(channel)
            open.withLock { $0[id] = channel }
            channel.closeFuture.whenComplete { [self] _ in open.withLock { _ = $0.removeValue(forKey: id) } }
        }

        func closeAll() {
            for channel in open.withLock({ Array($0.values) }) { channel.close(promise: nil) }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        private let answer: @Sendable (Request) async -> Answer
        private var request: Request?

        init(_ answer: @escaping @Sendable (Request) async -> Answer) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(method: head.method, uri: head.uri, headers: head.headers, body: [])
            case .body(let bytes): request?.body += bytes.readableBytesView
            case .end:
                guard let request else { return }
                Task { [answer, channel = context.channel] in try? await HTTPReceiver.send(await answer(request), channel) }
            }
        }
    }

    private static func send(_ answer: Answer, _ channel: any Channel) async throws {
        if answer.hangs { return }
        var headers = HTTPHeaders(answer.headers)
        if !answer.trickles { headers.add(name: "content-length", value: "\(answer.body.utf8.count)") }
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
        while answer.trickles {
            // Throws once the connection is closed.
            try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: " "))))
            try await Task.sleep(for: .milliseconds(10))
        }
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: answer.body))))
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    }
}
