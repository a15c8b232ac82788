import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization
import Testing

@testable import SeaworthyHTTP

@Suite struct `Time limits` {
    @Test func `answers a head that does not end with 408`() async throws {
        try await TestServer.run(settings: .test { $0.headerTimeout = .milliseconds(100) }) { server in
            let client = try server.connect()
            let answer = try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\nX-")
            #expect(answer.status == 408)
            #expect(answer["connection"] == "close")
            #expect(answer.body.contains(#""code":"request_timeout""#))
            #expect(try await client.isAtEnd())
            #expect(try await server.log.wait(for: 1).map(\.status) == [408])
        }
    }

    @Test func `does not let a slow head buy time byte by byte`() async throws {
        try await TestServer.run(settings: .test { $0.headerTimeout = .milliseconds(300) }) { server in
            let client = try server.connect()
            let drip = Task {
                try await client.send("GET /hello HTTP/1.1\r\nHost: h\r\nX: ")
                for _ in 0..<40 {
                    try await client.send("y")
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(try await server.log.wait(for: 1).map(\.status) == [408])
            try await drip.value
            #expect(try await client.answer().status == 408)
        }
    }

    @Test func `limits the second head on a connection too`() async throws {
        try await TestServer.run(settings: .test { $0.headerTimeout = .milliseconds(100) }) { server in
            let client = try server.connect()
            #expect(try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").status == 200)
            #expect(try await client.ask("GET /hello HT").status == 408)
        }
    }

    @Test func `answers a body that does not arrive with 408`() async throws {
        try await TestServer.run(settings: .test { $0.bodyTimeout = .milliseconds(100) }) { server in
            for start in ["", "ab"] {
                let client = try server.connect()
                let answer = try await client.ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n\(start)")
                #expect(answer.status == 408)
                #expect(answer["connection"] == "close")
                #expect(try await client.isAtEnd())
            }
            #expect(try await server.log.wait(for: 2).map(\.routeTemplate) == ["/echo", "/echo"])
        }
    }

    @Test func `closes when the rest of an unwanted body does not arrive`() async throws {
        try await TestServer.run(settings: .test { $0.bodyTimeout = .milliseconds(100) }) { server in
            let client = try server.connect()
            #expect(try await client.ask("POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n").status == 200)
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `closes an idle connection silently`() async throws {
        try await TestServer.run(settings: .test { $0.idleTimeout = .milliseconds(100) }) { server in
            #expect(try await server.connect().isAtEnd())
            let client = try server.connect()
            #expect(try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").status == 200)
            #expect(try await client.isAtEnd())
            #expect(server.log.all.map(\.status) == [200])
        }
    }

    @Test func `gives a handler longer than any limit of the client`() async throws {
        let slow = Route(.get, "/slow", operation: "slow") { _ in
            try await Task.sleep(for: .milliseconds(400))
            return TestRoutes.text("slow")
        }
        let settings = HTTPSettings.test {
            $0.idleTimeout = .milliseconds(100)
            $0.headerTimeout = .milliseconds(100)
            $0.bodyTimeout = .milliseconds(100)
        }
        try await TestServer.run([slow], settings: settings) { server in
            let client = try server.connect()
            #expect(try await client.ask("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n").body == "slow")
        }
    }

    @Test func `closes a connection whose client does not read`() async throws {
        let endless = Route(.get, "/endless", operation: "endless") { _ in
            .init(
                status: .ok,
                body: .init { writer in
                    while true {
                        try await writer.write(ByteBuffer(repeating: 120, count: 1_000_000))
                    }
                })
        }
        let settings = HTTPSettings.test {
            $0.writeTimeout = .milliseconds(200)
            $0.minimumTransferRate = 1_000_000
        }
        try await TestServer.run([endless], settings: settings) { server in
            let client = try server.connect()
            try await client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await server.log.wait(for: 1).map(\.status) == [200])
        }
    }

    @Test func `does not let a client ask on without reading`() async throws {
        let large = Route(.get, "/large", operation: "large") { _ in
            .init(status: .ok, body: .init(byteBuffer: ByteBuffer(repeating: 120, count: 2_000_000)))
        }
        try await TestServer.run([large]) { server in
            let client = try server.connect()
            try await client.send(String(repeating: "GET /large HTTP/1.1\r\nHost: h\r\n\r\n", count: 12))
            _ = try await server.log.wait(for: 1)
            // Time for a server that does not wait to go wrong; what the system's own buffers hold may be answered.
            try await Task.sleep(for: .milliseconds(300))
            #expect(server.log.all.count < 10)
            for _ in 0..<12 {
                #expect(try await client.answer().body.utf8.count == 2_000_000)
            }
        }
    }
}

// A request that is not cancelled would wait for ever; the limit turns that into a failure.
@Suite(.timeLimit(.minutes(2))) struct `Client that goes` {
    /// Waits until its task is cancelled, and says so.
    private static func waiting(_ events: AsyncStream<String>.Continuation) -> Route {
        Route(.get, "/wait", operation: "wait") { _ in
            events.yield("began")
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                events.yield("cancelled")
                throw error
            }
            return TestRoutes.text("")
        }
    }

    @Test(arguments: [false, true]) func `cancels the request it was waiting for`(halfClosed: Bool) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run([Self.waiting(continuation)]) { server in
            let client = try server.connect()
            try await client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "began")
            if halfClosed {
                try await client.closeWriting()
            } else {
                try await client.close()
            }
            #expect(await iterator.next() == "cancelled")
            let record = try #require(try await server.log.wait(for: 1).first)
            #expect(record.status == 499)
            #expect(record.path == "/wait")
        }
    }

    @Test func `still answers a client that has closed only its side`() async throws {
        try await TestServer.run(settings: .test { $0.disconnectGrace = .seconds(20) }) { server in
            let client = try server.connect()
            try await client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            try await client.closeWriting()
            #expect(try await client.answer().body == "hello")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `gives up on a body that is cut off`() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: String.self)
        let route = Route(.post, "/cut", operation: "cut") { exchange in
            continuation.yield("began")
            do {
                _ = try await exchange.collectBody()
            } catch {
                continuation.yield("\(type(of: error))")
                throw error
            }
            return TestRoutes.text("")
        }
        try await TestServer.run([route]) { server in
            let client = try server.connect()
            try await client.send("POST /cut HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "began")
            try await client.close()
            #expect(await iterator.next() == "CancellationError")
            #expect(try await server.log.wait(for: 1).map(\.status) == [499])
        }
    }
}
