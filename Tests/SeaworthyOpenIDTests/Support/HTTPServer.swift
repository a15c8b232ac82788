import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server on a free port of 127.0.0.1 that answers with what a closure says.
final class HTTPServer: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        /// With the query.
        var uri: String
        var headers: HTTPHeaders
        var body: String

        var path: String { String(uri.prefix { $0 != "?" }) }
        var query: [(name: String, value: String)] {
            FormReader.parameters(uri.contains("?") ? String(uri.drop { $0 != "?" }.dropFirst()) : "")
        }
    }

    struct Answer: Sendable {
        var status: HTTPResponseStatus = .ok
        var headers: [(String, String)] = []
        var body = ""
        /// Whether the body is sent a byte at a time, and never ends.
        var trickles = false
    }

    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let port: Int
    private let serving: Task<Void, any Error>

    private init(port: Int, serving: Task<Void, any Error>) {
        self.port = port
        self.serving = serving
    }

    static func start(_ answer: @escaping @Sendable (Request) async -> Answer) async throws -> HTTPServer {
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
        return HTTPServer(port: server.channel.localAddress?.port ?? 0, serving: serving)
    }

    func stop() async {
        serving.cancel()
        _ = await serving.result
    }

    private static func serve(_ connection: Channel, _ answer: @Sendable (Request) async -> Answer) async throws {
        try await connection.executeThenClose { input, output in
            var request: Request?
            for try await part in input {
                switch part {
                case .head(let head): request = Request(method: head.method, uri: head.uri, headers: head.headers, body: "")
                case .body(let bytes): request?.body += String(buffer: bytes)
                case .end:
                    guard let complete = request else { return }
                    try await send(await answer(complete), output)
                }
            }
        }
    }

    private static func send(_ answer: Answer, _ output: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>) async throws {
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
