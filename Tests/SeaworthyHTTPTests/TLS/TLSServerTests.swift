import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOPosix
import NIOSSL
import NIOTLS
import Testing

@testable import SeaworthyHTTP

/// One connection over TLS, and what came over it.
private final class TLSClient: Sendable {
    struct Refused: Error {}

    /// Collects bytes until the end, and tells of the end of the handshake.
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let bytes: AsyncStream<ByteBuffer>
        private let source: AsyncStream<ByteBuffer>.Continuation
        let ready: EventLoopPromise<Void>

        init(_ ready: EventLoopPromise<Void>) {
            self.ready = ready
            (bytes, source) = AsyncStream.makeStream(of: ByteBuffer.self)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { source.yield(unwrapInboundIn(data)) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { ready.succeed() }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            ready.fail(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            ready.fail(Refused())
            source.finish()
        }
    }

    private let channel: any Channel
    private let collector: Collector

    init(port: Int, latest: TLSVersion? = nil, ciphers: [NIOTLSCipher] = []) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = latest
        if !ciphers.isEmpty { configuration.cipherSuiteValues = ciphers }
        configuration.applicationProtocols = ["h2", "http/1.1"]
        let context = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let collector = Collector(loop.makePromise())
        self.collector = collector
        channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    try channel.pipeline.syncOperations.addHandler(collector)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await collector.ready.futureResult.get()
    }

    /// The certificate that the server showed, in DER.
    func certificate() async throws -> [UInt8] {
        try await channel.pipeline.handler(type: NIOSSLClientHandler.self).flatMapThrowing { handler in
            try handler.peerCertificate?.toDERBytes() ?? []
        }.get()
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    /// Everything up to the first piece that ends in `end`, or the end of the connection.
    func read(until end: String) async -> String {
        var text = ""
        for await bytes in collector.bytes {
            text += String(buffer: bytes)
            if text.hasSuffix(end) { break }
        }
        return text
    }

    func close() async { try? await channel.close() }
}

@Suite(.timeLimit(.minutes(5))) struct `A server that speaks TLS` {
    private let folder: CertificateFolder
    private let files: TLSFiles

    init() async throws {
        folder = try CertificateFolder()
        files = try await folder.make()
    }

    private var settings: HTTPSettings {
        .test {
            $0.tls = files
            $0.certificateInterval = .milliseconds(20)
        }
    }

    private static let ask = "GET /who HTTP/1.1\r\nHost: portal.example.com\r\n\r\n"
    private static let who = Route(.get, "/who", operation: "who") { exchange in
        TestRoutes.text("\(exchange.remoteAddress ?? "?") \(exchange.isSecure)")
    }

    @Test func `answers over it, and is known to be safe there`() async throws {
        try await TestServer.run([Self.who] + TestRoutes.all, settings: settings) { server in
            let client = try await TLSClient(port: server.port)
            try await client.send(Self.ask)
            let answer = await client.read(until: "true")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n127.0.0.1 true"))
            #expect(answer.contains("\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains\r\n"))
            // The same connection again, on this machine's own name, and a long answer.
            try await client.send(Self.ask.replacing("portal.example.com", with: "localhost:8443"))
            #expect(await client.read(until: "true").contains("Strict-Transport-Security") == false)
            try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let long = await client.read(until: "never")
            #expect(long.hasSuffix("\r\n0\r\n\r\n") && long.count { $0 == "x" } > 290_000)
            await client.close()
        }
    }

    @Test func `speaks neither old versions nor weak ciphers`() async throws {
        try await TestServer.run([Self.who], settings: settings) { server in
            for version in [TLSVersion.tlsv1, .tlsv11] {
                await #expect(throws: (any Error).self) { try await TLSClient(port: server.port, latest: version) }
            }
            await #expect(throws: (any Error).self) {
                try await TLSClient(port: server.port, latest: .tlsv12, ciphers: [.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA])
            }
            for version in [TLSVersion.tlsv12, .tlsv13] {
                let client = try await TLSClient(port: server.port, latest: version)
                try await client.send(Self.ask)
                #expect(await client.read(until: "true").hasPrefix("HTTP/1.1 200"))
                await client.close()
            }
        }
    }

    @Test(arguments: [[], [22], [22, 3, 1, 0, 200, 1, 0]] as [[UInt8]])
    func `does not wait for who does not end a handshake`(bytes: [UInt8]) async throws {
        var settings = settings
        settings.headerTimeout = .milliseconds(200)
        settings.idleTimeout = .minutes(60)
        try await TestServer.run([Self.who], settings: settings) { server in
            let client = try server.connect()
            if !bytes.isEmpty { try await client.send(bytes) }
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `waits for who ended a handshake in time as for all others`() throws {
        for isCompleted in [true, false] {
            let channel = EmbeddedChannel(handler: HandshakeTimeout(.seconds(10)))
            try channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
            #expect(channel.isActive)
            if isCompleted { channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil)) }
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
            #expect(channel.isActive == isCompleted)
            _ = try? channel.finish()
        }
    }

    @Test func `tells who speaks in clear what is wrong`() async throws {
        try await TestServer.run([Self.who], settings: settings) { server in
            let client = try server.connect()
            let answer = try await client.ask("GET /who HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.status == 400 && answer.body.contains("This port speaks HTTPS"))
            #expect(answer["content-type"] == "application/problem+json" && answer["connection"] == "close")
            #expect(try await client.isAtEnd())
            // Others are served on.
            let other = try await TLSClient(port: server.port)
            try await other.send(Self.ask)
            #expect(await other.read(until: "true").hasPrefix("HTTP/1.1 200"))
            await other.close()
        }
    }

    @Test func `shows a new certificate to new connections, and keeps those that there are`() async throws {
        let folder = folder
        try await TestServer.run([Self.who], settings: settings) { server in
            let first = try await TLSClient(port: server.port)
            let shown = try await first.certificate()
            #expect(!shown.isEmpty)
            try await folder.make(isRSA: true)
            var later = shown
            for _ in 0..<2000 where later == shown {
                try await Task.sleep(for: .milliseconds(10))
                let client = try await TLSClient(port: server.port)
                later = try await client.certificate()
                await client.close()
            }
            #expect(later != shown)
            try await first.send(Self.ask)
            #expect(await first.read(until: "true").hasPrefix("HTTP/1.1 200"))
            await first.close()
        }
    }

    @Test func `does not begin with what no client would accept, and stops with connections that say nothing`() async throws {
        let broken = TLSFiles(certificate: files.certificate, key: files.certificate)
        let error = await #expect(throws: HTTPServerError.self) {
            try await TestServer.run([Self.who], settings: .test { $0.tls = broken }) { _ in }
        }
        #expect(error?.code == .certificateUnusable && error?.description.contains(broken.key) == true)
        try await TestServer.run([Self.who], settings: settings) { server in _ = try await TLSClient(port: server.port) }
    }
}
