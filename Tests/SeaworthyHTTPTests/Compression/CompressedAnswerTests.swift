import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite(.timeLimit(.minutes(2))) struct `Compressed answers` {
    private static func body(_ count: Int) -> String {
        String(String(repeating: #"{"OrderID":1,"ShipCountry":"France"},"#, count: count / 37 + 1).prefix(count))
    }

    private static func noise(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private static func whole(_ path: String, _ type: String, _ bytes: some Sequence<UInt8>) -> Route {
        let buffer = ByteBuffer(bytes: bytes)
        return Route(.get, path, operation: path) { _ in
            Response(status: .ok, headers: [.contentType: type, .eTag: "\"x\""], body: ResponseBody(byteBuffer: buffer))
        }
    }

    private static let routes = [
        whole("/json", "application/json", body(5000).utf8), whole("/under", "application/json", body(1399).utf8),
        whole("/over", "application/json", body(1400).utf8), whole("/noise", "text/plain", noise(5000)),
        whole("/picture", "image/png", body(5000).utf8), whole("/large", "application/json", body(1_000_000).utf8),
        Route(.get, "/pieces", operation: "pieces") { _ in
            Response(
                status: .ok, headers: [.contentType: "text/csv", .eTag: "\"x\""],
                body: ResponseBody(contentLength: 300_000) { writer in
                    for _ in 0..<3 {
                        try await writer.write(ByteBuffer(string: body(100_000)))
                    }
                    try await writer.finish(nil)
                })
        },
        Route(.get, "/unchanged", operation: "unchanged") { _ in Response(status: .notModified, headers: [.eTag: "\"x\""]) },
        Route(.get, "/empty", operation: "empty") { _ in Response(status: .ok, headers: [.contentType: "text/plain"]) },
        Route(.get, "/refused", operation: "refused") { _ in throw Problem.badRequest(body(3000)) },
    ]

    private static func request(_ path: String, _ encoding: String? = "gzip", method: String = "GET", version: String = "1.1") -> String {
        "\(method) \(path) HTTP/\(version)\r\nHost: h\r\n" + (encoding.map { "Accept-Encoding: \($0)\r\n" } ?? "") + "\r\n"
    }

    @Test func `shrink what the client takes compressed`() async throws {
        try await TestServer.run(Self.routes) { server in
            let client = try server.connect()
            let answer = try await client.ask(Self.request("/json"))
            #expect(answer["content-encoding"] == "gzip")
            #expect(answer["vary"] == "Accept-Encoding")
            #expect(answer["etag"] == "\"x-gzip\"")
            #expect(answer["content-length"] == "\(answer.content.count)")
            #expect(answer.content.count < 1000)
            #expect(Gunzip.all(answer.content) == Self.body(5000))
            for encoding in [nil, "br", "gzip;q=0"] {
                let plain = try await client.ask(Self.request("/json", encoding))
                #expect(plain["content-encoding"] == nil)
                #expect(plain["vary"] == "Accept-Encoding")
                #expect(plain["etag"] == "\"x\"")
                #expect(plain.body == Self.body(5000))
            }
        }
    }

    @Test func `leave alone what is short, does not shrink or is compressed already`() async throws {
        try await TestServer.run(Self.routes) { server in
            let client = try server.connect()
            for (path, varies) in [("/under", false), ("/noise", true), ("/picture", false), ("/empty", false)] {
                let answer = try await client.ask(Self.request(path))
                #expect(answer["content-encoding"] == nil, "\(path)")
                #expect(answer["etag"] != "\"x-gzip\"")
                #expect((answer["vary"] != nil) == varies, "\(path)")
                #expect(answer["content-length"] == "\(answer.content.count)")
            }
            #expect(Gunzip.all(try await client.ask(Self.request("/over")).content) == Self.body(1400))
        }
    }

    @Test func `shrink everything for a client that takes nothing else`() async throws {
        try await TestServer.run(Self.routes) { server in
            let client = try server.connect()
            for path in ["/under", "/noise", "/picture", "/missing"] {
                let answer = try await client.ask(Self.request(path, "gzip, identity;q=0"))
                #expect(answer["content-encoding"] == "gzip", "\(path)")
                #expect(answer["vary"] == "Accept-Encoding")
                #expect(Gunzip.all(answer.content) != nil, "\(path)")
            }
        }
    }

    @Test(arguments: ["/large", "/pieces"]) func `go out in pieces when they are long`(path: String) async throws {
        let expected = path == "/large" ? Self.body(1_000_000) : String(repeating: Self.body(100_000), count: 3)
        try await TestServer.run(Self.routes) { server in
            let client = try server.connect()
            let answer = try await client.ask(Self.request(path))
            #expect(answer["content-encoding"] == "gzip")
            #expect(answer["content-length"] == nil)
            #expect(answer["transfer-encoding"] == "chunked")
            #expect(answer["etag"] == "\"x-gzip\"")
            #expect(answer.content.count < 100_000)
            #expect(Gunzip.all(answer.content) == expected)
            let plain = try await client.ask(Self.request(path, nil))
            #expect(plain["content-length"] == "\(expected.utf8.count)")
            #expect(plain.body == expected)
            #expect(try await client.ask(Self.request("/under")).body == Self.body(1399))
            let old = try await server.connect().ask(Self.request(path, version: "1.0"))
            #expect(old["transfer-encoding"] == nil)
            #expect(Gunzip.all(old.content) == expected)
        }
    }

    @Test func `let a slow body go on arriving`() async throws {
        let (steps, step) = AsyncStream.makeStream(of: Void.self)
        let slow = Route(.get, "/slow", operation: "slow") { _ in
            Response(
                status: .ok, headers: [.contentType: "application/x-ndjson"],
                body: ResponseBody { writer in
                    var iterator = steps.makeAsyncIterator()
                    for number in 0..<3 {
                        try await writer.write(ByteBuffer(string: "\(number)a"))
                        // Longer than bytes are held back, so that the next ones take them along.
                        try await Task.sleep(for: .milliseconds(60))
                        try await writer.write(ByteBuffer(string: "\(number)b"))
                        await iterator.next()
                    }
                    try await writer.finish(nil)
                })
        }
        try await TestServer.run([slow]) { server in
            for encoding in ["gzip", nil] {
                let client = try server.connect()
                try await client.send(Self.request("/slow", encoding))
                #expect(try await client.head()["content-encoding"] == encoding)
                let gunzip = Gunzip()
                for number in 0..<3 {
                    var text = ""
                    while text.utf8.count < 4 {
                        let chunk = try await client.chunk()
                        text += String(decoding: encoding == nil ? chunk : try #require(gunzip.read(chunk)), as: UTF8.self)
                    }
                    #expect(text == "\(number)a\(number)b")
                    step.yield()
                }
            }
        }
    }

    @Test func `have the same fields for HEAD`() async throws {
        try await TestServer.run(Self.routes + TestRoutes.all) { server in
            let client = try server.connect()
            for path in ["/json", "/under", "/over", "/noise", "/picture", "/large", "/pieces", "/empty", "/refused", "/hello", "/stream"] {
                for encoding in ["gzip", nil, "gzip, identity;q=0"] {
                    let get = try await client.ask(Self.request(path, encoding))
                    let head = try await client.ask(Self.request(path, encoding, method: "HEAD"), isHead: true)
                    let changing: Set = ["date", "x-request-id"]
                    let fields = [get, head].map { answer in
                        answer.fields.filter { !changing.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }.sorted()
                    }
                    // The id stands in the body of a problem, so its compressed length is another.
                    if path == "/refused", encoding != nil {
                        #expect(fields[0].map { $0.prefix { $0 != ":" } } == fields[1].map { $0.prefix { $0 != ":" } })
                    } else {
                        #expect(fields[0] == fields[1], "\(path)")
                    }
                    #expect(get.status == head.status)
                }
            }
        }
    }

    @Test func `end a HEAD request without making the whole body`() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        let endless = Route(.get, "/endless", operation: "endless") { _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    do {
                        while true {
                            try await writer.write(ByteBuffer(repeating: 120, count: 100_000))
                        }
                    } catch {
                        event.yield("ended")
                        throw error
                    }
                })
        }
        try await TestServer.run([endless] + TestRoutes.all) { server in
            let client = try server.connect()
            #expect(try await client.ask("HEAD /endless HTTP/1.1\r\nHost: h\r\n\r\n", isHead: true)["transfer-encoding"] == "chunked")
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "ended")
            #expect(try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").body == "hello")
            #expect(try await server.log.wait(for: 2).map(\.responseBytes) == [0, 5])
        }
    }

    @Test func `leave a 304 as it is`() async throws {
        try await TestServer.run(Self.routes) { server in
            let client = try server.connect()
            for tag in ["\"x\"", "\"x-gzip\""] {
                let answer = try await client.ask(
                    "GET /unchanged HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nIf-None-Match: \(tag)\r\n\r\n")
                #expect(answer.status == 304)
                #expect(answer["etag"] == tag)
                #expect(answer["content-encoding"] == nil)
                #expect(answer["vary"] == "Accept-Encoding")
            }
        }
    }

    @Test func `shrink problems too, and count what was sent`() async throws {
        try await TestServer.run(Self.routes) { server in
            let client = try server.connect()
            let refused = try await client.ask(Self.request("/refused"))
            #expect(refused.status == 400)
            #expect(refused["content-encoding"] == "gzip")
            #expect(Gunzip.all(refused.content)?.contains(#""code":"bad_request""#) == true)
            #expect(try await server.log.wait(for: 1)[0].responseBytes == refused.content.count)
        }
    }
}
