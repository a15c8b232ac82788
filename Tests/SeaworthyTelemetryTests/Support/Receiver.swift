import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server on a free port of 127.0.0.1 that answers with what a closure says.
final class Receiver: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        var uri: String
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    struct Answer: Sendable {
        var status: HTTPResponseStatus = .ok
        var headers: [(String, String)] = []
        var body = ""
        /// Whether the body is sent a byte at a time, and never ends.
        var trickles = false
        /// Whether nothing is answered.
        var hangs = false
    }

    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let port: Int
    private let serving: Task<Void, any Error>

    private init(port: Int, serving: Task<Void, any Error>) {
        self.port = port
        self.serving = serving
    }

    static func start(_ answer: @escaping @Sendable (Request) async -> Answer) async throws -> Receiver {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Channel(wrappingChannelSynchronously: channel)
                }
            }
        let serving = Task {
            try await withThrowingDiscardingTaskGroup { group in
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        group.addTask { try? await serve(connection, answer) }
                    }
                }
            }
        }
        return Receiver(port: server.channel.localAddress?.port ?? 0, serving: serving)
    }

    var url: String { "http://127.0.0.1:\(port)/v1/traces" }

    func stop() async {
        serving.cancel()
        _ = await serving.result
    }

    private static func serve(_ connection: Channel, _ answer: @Sendable (Request) async -> Answer) async throws {
        try await connection.executeThenClose { input, output in
            var request: Request?
            for try await part in input {
                switch part {
                case .head(let head): request = Request(method: head.method, uri: head.uri, headers: head.headers, body: [])
                case .body(let bytes): request?.body += bytes.readableBytesView
                case .end:
                    guard let complete = request else { return }
                    try await send(await answer(complete), output)
                }
            }
        }
    }

    private static func send(_ answer: Answer, _ output: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>) async throws {
        if answer.hangs { try await Task.sleep(for: .seconds(3600)) }
        var headers = HTTPHeaders(answer.headers)
        if !answer.trickles { headers.add(name: "content-length", value: "\(answer.body.utf8.count)") }
        try await output.write(.head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)))
        while answer.trickles {
            try await output.write(.body(.byteBuffer(ByteBuffer(string: " "))))
            try await Task.sleep(for: .milliseconds(10))
        }
        try await output.write(.body(.byteBuffer(ByteBuffer(string: answer.body))))
        try await output.write(.end(nil))
    }
}
