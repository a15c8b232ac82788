import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

@testable import SeaworthyHTTP

// A reader that is not cut would hold its test for ever; the limit turns that into a failure.
@Suite(.timeLimit(.minutes(2))) struct `Slow readers of long answers` {
    /// Streams without end, and says when it was stopped.
    private static func endless(
        _ events: AsyncStream<String>.Continuation, written: Counter = Counter(), pause: Duration? = nil
    ) -> Route {
        Route(.get, "/endless", operation: "endless") { _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: ResponseBody { writer in
                    do {
                        while true {
                            try await writer.write(ByteBuffer(repeating: 120, count: 64 * 1024))
                            written.add(64 * 1024)
                            if let pause { try await Task.sleep(for: pause) }
                        }
                    } catch {
                        events.yield("stopped")
                        throw error
                    }
                })
        }
    }

    private static let get = "GET /endless HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func `are cut when they read nothing, and what wrote for them is stopped`() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        let settings = HTTPSettings.test {
            $0.writeTimeout = .milliseconds(200)
            $0.minimumTransferRate = 1_000_000
        }
        try await TestServer.run([Self.endless(event)], settings: settings) { server in
            let client = try server.connect()
            try await client.send(Self.get)
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "stopped")
            #expect(try await server.log.wait(for: 1).map(\.status) == [200])
        }
    }

    @Test func `are cut when they read byte by byte`() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        let settings = HTTPSettings.test {
            $0.writeTimeout = .milliseconds(500)
            $0.minimumTransferRate = 1_000_000
        }
        try await TestServer.run([Self.endless(event)], settings: settings) { server in
            let client = try server.connect()
            try await client.send(Self.get)
            let reading = Task {
                while !Task.isCancelled, try await client.skipByte() {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "stopped")
            reading.cancel()
            _ = await reading.result
        }
    }

    @Test func `are waited for while they keep the least rate`() async throws {
        let settings = HTTPSettings.test {
            $0.writeTimeout = .milliseconds(50)
            $0.minimumTransferRate = 1000
        }
        let large = Route(.get, "/large", operation: "large") { _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    for _ in 0..<300 {
                        try await writer.write(ByteBuffer(repeating: 120, count: 64 * 1024))
                    }
                    try await writer.finish(nil)
                })
        }
        try await TestServer.run([large], settings: settings) { server in
            let client = try server.connect()
            try await client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
            // Far longer than it may stand still, far shorter than a piece takes at the least rate.
            try await Task.sleep(for: .milliseconds(500))
            #expect(try await client.answer().content.count == 300 * 64 * 1024)
        }
    }

    @Test func `do not fill the memory`() async throws {
        let (_, event) = AsyncStream.makeStream(of: String.self)
        let written = Counter()
        try await TestServer.run([Self.endless(event, written: written)]) { server in
            let client = try server.connect()
            try await client.send(Self.get)
            // Some megabytes fit into the system's own buffers; a server that does not wait goes on for ever.
            var (before, now) = (-1, 0)
            while now == 0 || (before != now && now < 64_000_000) {
                try await Task.sleep(for: .milliseconds(300))
                (before, now) = (now, written.count)
            }
            #expect(now > 0)
            #expect(now < 64_000_000)
            try await client.close()
        }
    }

    @Test(arguments: ["gzip", "identity"]) func `stop the answer when they go away`(encoding: String) async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run([Self.endless(event, pause: .milliseconds(5))]) { server in
            let client = try server.connect()
            try await client.send("GET /endless HTTP/1.1\r\nHost: h\r\nAccept-Encoding: \(encoding)\r\n\r\n")
            #expect(try await client.head().status == 200)
            try await client.close()
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "stopped")
            #expect(try await server.log.wait(for: 1).map(\.status) == [200])
        }
    }

    @Test func `stop an answer that waits for something else when they go away`() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run([Self.endless(event, pause: .seconds(600))]) { server in
            let client = try server.connect()
            try await client.send(Self.get)
            #expect(try await client.head().status == 200)
            try await client.close()
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "stopped")
        }
    }

    @Test func `get long answers in order, and whole after a pipelined one`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let stream = "GET /stream HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"
            try await client.send(stream + "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n" + stream + "GET /hello HTTP/1.0\r\n\r\n")
            for expected in ["gzip", nil, "gzip", nil] {
                let answer = try await client.answer()
                #expect(answer["content-encoding"] == expected)
                if expected == nil {
                    #expect(answer.body == "hello")
                } else {
                    #expect(Gunzip.all(answer.content) == String(repeating: "x", count: 300_000))
                }
            }
            #expect(try await client.isAtEnd())
        }
    }
}
