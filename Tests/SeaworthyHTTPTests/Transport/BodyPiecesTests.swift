import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

// A body that is never delivered would hold its test for ever; the limit turns that into a failure.
@Suite(.timeLimit(.minutes(2))) struct `Bodies in pieces` {
    /// Counts and sums a body, and says how it ended.
    private static func count(
        maximumBytes: Int64? = nil, _ events: AsyncStream<String>.Continuation? = nil
    ) -> Route {
        Route(.post, "/count", operation: "count") { exchange in
            var (count, sum) = (0, 0)
            do {
                for try await piece in exchange.bodyPieces(maximumBytes: maximumBytes) {
                    if count == 0 { events?.yield("began") }
                    #expect(piece.readableBytes > 0)
                    count += piece.readableBytes
                    sum = piece.readableBytesView.reduce(sum) { $0 &+ Int($1) }
                }
            } catch {
                events?.yield((error as? Problem).map { "\($0.status.code)" } ?? "\(type(of: error))")
                throw error
            }
            return TestRoutes.text("\(count) \(sum)")
        }
    }

    private static let head = "POST /count HTTP/1.1\r\nHost: h\r\n"

    @Test func `arrive whole beyond the cap of other bodies`() async throws {
        try await TestServer.run([Self.count()] + TestRoutes.all, settings: .test { $0.maximumBodyBytes = 1000 }) { server in
            let client = try server.connect()
            try await client.send(Self.head + "Content-Length: 5000000\r\n\r\n")
            try await client.send([UInt8](repeating: 3, count: 5_000_000))
            #expect(try await client.answer().body == "5000000 15000000")
            try await client.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<20 {
                try await client.send("186a0\r\n" + String(repeating: "\u{2}", count: 100_000) + "\r\n")
            }
            #expect(try await client.ask("0\r\n\r\n").body == "2000000 4000000")
            // A body that is there with its head, none, and another route's.
            #expect(try await client.ask(Self.head + "Content-Length: 3\r\n\r\n\u{1}\u{1}\u{1}").body == "3 3")
            #expect(try await client.ask(Self.head + "Content-Length: 0\r\n\r\n").body == "0 0")
            #expect(try await client.ask(Self.head + "\r\n").body == "0 0")
            let echo = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
            #expect(try await client.ask(echo).body == "ab")
            // More at once than other routes take.
            #expect(
                try await client.ask(Self.head + "Content-Length: 3000\r\n\r\n" + String(repeating: "\u{1}", count: 3000)).body
                    == "3000 3000")
        }
    }

    @Test func `arrive byte by byte, and pipelined`() async throws {
        try await TestServer.run([Self.count()] + TestRoutes.all) { server in
            let client = try server.connect()
            let text = Self.head + "Transfer-Encoding: chunked\r\n\r\n3\r\n\u{1}\u{1}\u{1}\r\n2\r\n\u{2}\u{2}\r\n0\r\n\r\n"
            for byte in text.utf8 {
                try await client.send([byte])
            }
            #expect(try await client.answer().body == "5 7")
            try await client.send(text + "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n" + text)
            #expect(try await client.answer().body == "5 7")
            #expect(try await client.answer().body == "hello")
            #expect(try await client.answer().body == "5 7")
        }
    }

    @Test func `are read only when they are asked for`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let received = Counter()
        let slow = Route(.post, "/slow", operation: "slow") { exchange in
            var gate = gates.makeAsyncIterator()
            for try await piece in exchange.bodyPieces(maximumBytes: nil) {
                if received.add(piece.readableBytes) == piece.readableBytes { await gate.next() }
            }
            return TestRoutes.text("\(received.count)")
        }
        try await TestServer.run([slow]) { server in
            let client = try server.connect()
            let sent = Counter()
            try await client.send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 64000000\r\n\r\n")
            let sending = Task {
                for _ in 0..<64 {
                    try await client.send([UInt8](repeating: 1, count: 1_000_000))
                    sent.add(1_000_000)
                }
            }
            // Time for a server that reads on to take all of it; some megabytes fit into the system's own buffers.
            try await Task.sleep(for: .milliseconds(500))
            #expect(sent.count < 32_000_000)
            gate.yield()
            try await sending.value
            #expect(try await client.answer().body == "64000000")
        }
    }

    @Test func `have the cap that they are given`() async throws {
        try await TestServer.run([Self.count(maximumBytes: 100)]) { server in
            let exact = try await server.connect().ask(Self.head + "Content-Length: 100\r\n\r\n" + String(repeating: "\u{1}", count: 100))
            #expect(exact.body == "100 100")
            let declared = try await server.connect().ask(Self.head + "Content-Length: 101\r\n\r\n")
            #expect(declared.status == 413)
            #expect(declared.body.contains("larger than 100 bytes"))
            let chunked = try server.connect()
            try await chunked.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n64\r\n" + String(repeating: "x", count: 100) + "\r\n")
            let refused = try await chunked.ask("1\r\nx\r\n")
            #expect(refused.status == 413)
            #expect(refused["connection"] == "close")
            #expect(try await chunked.isAtEnd())
        }
    }

    @Test func `say Continue when they are asked for`() async throws {
        try await TestServer.run([Self.count(maximumBytes: 10)] + TestRoutes.all) { server in
            let client = try server.connect()
            try await client.send(Self.head + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.answer().status == 100)
            #expect(try await client.ask("\u{1}\u{1}\u{1}").body == "3 3")
            let refused = try await client.ask(Self.head + "Content-Length: 11\r\nExpect: 100-continue\r\n\r\n")
            #expect(refused.status == 413)
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `end with 408 when nothing comes`() async throws {
        let settings = HTTPSettings.test {
            $0.bodyStallTimeout = .milliseconds(200)
            $0.bodyTimeout = .milliseconds(200)
        }
        try await TestServer.run([Self.count()], settings: settings) { server in
            for start in ["", "ab"] {
                let client = try server.connect()
                let answer = try await client.ask(Self.head + "Content-Length: 5\r\n\r\n\(start)")
                #expect(answer.status == 408)
                #expect(answer["connection"] == "close")
                #expect(try await client.isAtEnd())
            }
        }
    }

    @Test func `end with 408 when they only drip`() async throws {
        let settings = HTTPSettings.test {
            $0.bodyStallTimeout = .milliseconds(500)
            $0.minimumTransferRate = 1_000_000
        }
        try await TestServer.run([Self.count()], settings: settings) { server in
            let client = try server.connect()
            let drip = Task {
                try await client.send(Self.head + "Content-Length: 1000000\r\n\r\n")
                while !Task.isCancelled {
                    try await client.send("x")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(try await server.log.wait(for: 1).map(\.status) == [408])
            drip.cancel()
            _ = await drip.result
            #expect(try await client.answer().status == 408)
        }
    }

    @Test func `may take longer than a body that is read whole`() async throws {
        let settings = HTTPSettings.test {
            $0.bodyTimeout = .milliseconds(1000)
            $0.bodyStallTimeout = .seconds(20)
        }
        let slow = Route(.post, "/slow", operation: "slow") { exchange in
            var iterator = exchange.bodyPieces(maximumBytes: nil).makeAsyncIterator()
            let first = try await iterator.next()
            // Nor does the handler's own time count.
            try await Task.sleep(for: .milliseconds(1500))
            let second = try await iterator.next()
            return TestRoutes.text("\(first?.readableBytes ?? 0) \(second?.readableBytes ?? 0)")
        }
        try await TestServer.run([slow], settings: settings) { server in
            for start in ["ab", ""] {
                let client = try server.connect()
                try await client.send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n\(start)")
                if start.isEmpty { try await client.send("ab") }
                try await Task.sleep(for: .milliseconds(1500))
                #expect(try await client.ask("cd").body == "2 2")
            }
        }
    }

    @Test func `end with 400 when a chunk is broken`() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run([Self.count(event)]) { server in
            let client = try server.connect()
            try await client.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "began")
            let answer = try await client.ask("zz\r\n")
            #expect(answer.status == 400)
            #expect(answer["connection"] == "close")
            #expect(await iterator.next() == "400")
            #expect(try await client.isAtEnd())
        }
    }

    @Test(arguments: [
        "Content-Length: 5\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n5\r\nab", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    ])
    func `end with 400 when they are cut off`(rest: String) async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run([Self.count(event)], settings: .test { $0.disconnectGrace = .seconds(20) }) { server in
            let client = try server.connect()
            try await client.send(Self.head + rest)
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "began")
            try await client.closeWriting()
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer.body.contains("ended before its end"))
            #expect(await iterator.next() == "400")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `end when the client is gone`() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run([Self.count(event)]) { server in
            let client = try server.connect()
            try await client.send(Self.head + "Content-Length: 5\r\n\r\nab")
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "began")
            try await client.reset()
            #expect(await iterator.next() == "CancellationError")
            #expect(try await server.log.wait(for: 1).map(\.status) == [499])
        }
    }

    @Test func `are answered early, and the connection closed`() async throws {
        let early = Route(.post, "/early", operation: "early") { exchange in
            var iterator = exchange.bodyPieces(maximumBytes: nil).makeAsyncIterator()
            _ = try await iterator.next()
            throw Problem.badRequest("enough")
        }
        try await TestServer.run([early] + TestRoutes.all) { server in
            let client = try server.connect()
            try await client.send("POST /early HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer["connection"] == "close")
            try await client.send("1\r\nx\r\n")
            #expect(try await client.isAtEnd())
            let short = try server.connect()
            #expect(try await short.ask("POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nx").status == 400)
            #expect(try await short.ask("yzGET /hello HTTP/1.1\r\nHost: h\r\n\r\n").body == "hello")
        }
    }

    @Test func `may be answered while they arrive`() async throws {
        let echo = Route(.post, "/echo", operation: "echo") { exchange in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    for try await piece in exchange.bodyPieces(maximumBytes: nil) {
                        try await writer.write(piece)
                    }
                    try await writer.finish(nil)
                })
        }
        try await TestServer.run([echo]) { server in
            let client = try server.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n")
            try await client.send([UInt8](repeating: 1, count: 100_000))
            #expect(try await client.head()["transfer-encoding"] == "chunked")
            var count = try await client.chunk().count
            try await client.send([UInt8](repeating: 1, count: 100_000))
            while count < 200_000 {
                count += try await client.chunk().count
            }
            #expect(try await client.chunk().isEmpty)
        }
    }

    @Test func `end for a task that is cancelled`() async throws {
        let route = Route(.post, "/cancel", operation: "cancel") { exchange in
            let reading = Task {
                for try await _ in exchange.bodyPieces(maximumBytes: nil) {}
            }
            try await Task.sleep(for: .milliseconds(50))
            reading.cancel()
            let result = await reading.result
            return TestRoutes.text((try? result.get()) == nil ? "cancelled" : "read")
        }
        try await TestServer.run([route]) { server in
            let client = try server.connect()
            #expect(try await client.ask("POST /cancel HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n").body == "cancelled")
        }
    }

    @Test func `end for a task that is cancelled just when it begins to wait`() async throws {
        let route = Route(.post, "/cancel/{spins}", operation: "cancel") { exchange in
            // Away from the connection's loop, so that the wait and the word of its end cross on their way there.
            let reading = Task.detached {
                for try await _ in exchange.bodyPieces(maximumBytes: nil) {}
            }
            let spins = Int(exchange.parameters["spins"] ?? "") ?? 0
            await Task.detached {
                for _ in 0..<spins { await Task.yield() }
                reading.cancel()
            }.value
            return TestRoutes.text((try? await reading.value) == nil ? "cancelled" : "read")
        }
        try await TestServer.run([route]) { server in
            for spins in 0..<400 {
                let client = try server.connect()
                let answer = try await client.ask("POST /cancel/\(spins % 40) HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
                #expect(answer.body == "cancelled")
            }
        }
    }

    @Test func `come from a request without a connection too`() async throws {
        let exchange = HTTPExchange(.post, "/", body: ByteBuffer(string: "abc"))
        var pieces: [String] = []
        for try await piece in exchange.bodyPieces(maximumBytes: 3) {
            pieces.append(String(buffer: piece))
        }
        #expect(pieces == ["abc"])
        await #expect(throws: Problem.contentTooLarge(maximumBytes: 2)) {
            for try await _ in exchange.bodyPieces(maximumBytes: 2) {}
        }
    }
}
