import HTTPTypes
import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `Conversation with a client` {
    @Test func `answers requests on one connection with the fixed fields`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            for key in ["1", "a%2Fb,c"] {
                let answer = try await client.ask("GET /things/\(key)?x=%20 HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(answer.status == 200)
                #expect(answer.body == "key=\(key) query=x=%20")
                #expect(answer["x-content-type-options"] == "nosniff")
                #expect(answer["referrer-policy"] == "no-referrer")
                #expect(answer["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
                #expect(answer["x-request-id"]?.count == 32)
                #expect(answer["date"]?.hasSuffix("GMT") == true)
                #expect(answer["connection"] == nil)
            }
        }
    }

    @Test func `takes over a well-formed request id and replaces another`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let kept = try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\nX-Request-Id: my.id-1\r\n\r\n")
            #expect(kept["x-request-id"] == "my.id-1")
            let replaced = try await client.ask("GET /missing HTTP/1.1\r\nHost: h\r\nX-Request-Id: my id\r\n\r\n")
            let id = try #require(replaced["x-request-id"])
            #expect(id.count == 32)
            #expect(replaced.status == 404)
            #expect(replaced.body.contains(#""requestId":"\#(id)""#))
            #expect(replaced["content-type"] == "application/problem+json")
            #expect(replaced["cache-control"] == "no-store")
        }
    }

    @Test func `answers pipelined requests in order`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            var text = ""
            for number in 0..<50 {
                text += "GET /things/\(number) HTTP/1.1\r\nHost: h\r\n\r\n"
                text += "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n\(number + 10)"
            }
            try await client.send(text)
            for number in 0..<50 {
                #expect(try await client.answer().body == "key=\(number) query=-")
                #expect(try await client.answer().body == "\(number + 10)")
            }
            #expect(try await server.log.wait(for: 100).count == 100)
        }
    }

    @Test func `answers a pipelined broken request after the ones before it`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\nGET /hello HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.answer().status == 200)
            let refused = try await client.answer()
            #expect(refused.status == 400)
            #expect(refused["connection"] == "close")
            #expect(try await client.isAtEnd())
            let client2 = try server.connect()
            try await client2.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\nnonsense\r\n\r\n")
            #expect(try await client2.answer().status == 200)
            #expect(try await client2.answer().status == 400)
            #expect(try await client2.isAtEnd())
        }
    }

    @Test func `takes a request byte by byte`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            for byte in "\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".utf8 {
                try await client.send([byte])
            }
            #expect(try await client.answer().body == "abcde")
        }
    }

    @Test func `answers HEAD without a body`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let head = try await client.ask("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n", isHead: true)
            #expect(head.status == 200)
            #expect(head["content-length"] == "5")
            let streamed = try await client.ask("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n", isHead: true)
            #expect(streamed["transfer-encoding"] == "chunked")
            #expect(try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").body == "hello")
            #expect(try await server.log.wait(for: 3).map(\.responseBytes) == [0, 0, 5])
        }
    }

    @Test func `answers without a body where the status has none`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let answer = try await client.ask("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(answer.status == 204)
            #expect(answer["content-length"] == nil)
            #expect(answer["transfer-encoding"] == nil)
            #expect(try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").status == 200)
        }
    }

    @Test func `sends a long body in chunks`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let answer = try await client.ask("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(answer["transfer-encoding"] == "chunked")
            #expect(answer.body == String(repeating: "x", count: 300_000))
            #expect(try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").body == "hello")
            #expect(try await server.log.wait(for: 2)[0].responseBytes == 300_000)
        }
    }

    @Test func `ends a long body to HTTP 1.0 by closing`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let answer = try await client.ask("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(answer["transfer-encoding"] == nil)
            #expect(answer["content-length"] == nil)
            #expect(answer["connection"] == "close")
            #expect(answer.body.count == 300_000)
        }
    }

    @Test func `keeps a connection with HTTP 1.0 only when asked`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let kept = try await client.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(kept["connection"] == "keep-alive")
            let last = try await client.ask("GET /hello HTTP/1.0\r\n\r\n")
            #expect(last["connection"] == "close")
            #expect(last.body == "hello")
            #expect(try await client.isAtEnd())
        }
    }

    @Test(arguments: ["Connection: close", "Connection: Upgrade\r\nUpgrade: websocket", "Upgrade: h2c"])
    func `answers and closes when the connection cannot go on`(field: String) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let answer = try await client.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\(field)\r\n\r\n")
            #expect(answer.status == 200)
            #expect(answer["connection"] == "close")
            #expect(answer.body == "hello")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `says Continue when the body is read`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.answer().status == 100)
            #expect(try await client.ask("abc").body == "abc")
        }
    }

    @Test func `gives the final answer at once when the body is not wanted`() async throws {
        try await TestServer.run { server in
            for (path, length, status) in [("/unread", 3, 200), ("/missing", 3, 404), ("/echo", 2_000_000, 413)] {
                let client = try server.connect()
                let answer = try await client.ask(
                    "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\nExpect: 100-continue\r\n\r\n")
                #expect(answer.status == status)
                #expect(answer["connection"] == "close")
                #expect(try await client.isAtEnd())
            }
        }
    }

    @Test func `reads past a short unwanted body to the next request`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let answer = try await client.ask("POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
            #expect(answer.body == "not read")
            #expect(answer["connection"] == nil)
            #expect(try await client.ask("abcGET /hello HTTP/1.1\r\nHost: h\r\n\r\n").body == "hello")
        }
    }

    @Test func `lets a client that sends too much see the 413`() async throws {
        try await TestServer.run(settings: .test { $0.maximumBodyBytes = 1000 }) { server in
            let head = "POST /echo HTTP/1.1\r\nHost: h\r\n"
            let exact = try await server.connect().ask(head + "Content-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000))
            #expect(exact.body.count == 1000)
            let long = try server.connect()
            try await long.send(head + "Content-Length: 3000000\r\n\r\n")
            try await long.send([UInt8](repeating: 120, count: 3_000_000))
            let refused = try await long.answer()
            #expect(refused.status == 413)
            #expect(refused["connection"] == "close")
            #expect(refused.body.contains(#""code":"content_too_large""#))
            let chunked = try server.connect()
            try await chunked.send(
                head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + String(repeating: "x", count: 1001) + "\r\n0\r\n\r\n")
            #expect(try await chunked.answer().status == 413)
        }
    }

    @Test func `turns a fault into a 500 that tells nothing`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            for path in ["/fail", "/unstarted-stream"] {
                let answer = try await client.ask("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(answer.status == 500)
                #expect(answer.body.contains(#""code":"internal_error""#))
                #expect(!answer.body.contains("secret"))
            }
            #expect(try await server.log.wait(for: 2).map(\.routeTemplate) == ["/fail", "/unstarted-stream"])
        }
    }

    @Test func `breaks the connection when a body fails midway`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("GET /broken-stream HTTP/1.1\r\nHost: h\r\n\r\n")
            let text = try await client.rest()
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(!text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `records each request once`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            _ = try await client.ask("GET /things/1?secret=x HTTP/1.1\r\nHost: h\r\nX-Request-Id: r1\r\nUser-Agent: test/1\r\n\r\n")
            _ = try await client.ask("DELETE /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            let records = try await server.log.wait(for: 2)
            #expect(records.count == 2)
            let first = records[0]
            #expect(first.requestID == "r1")
            #expect(first.method == "GET")
            #expect(first.routeTemplate == "/things/{key}")
            #expect(first.path == "/things/1")
            #expect(first.status == 200)
            #expect(first.responseBytes == "key=1 query=secret=x".utf8.count)
            #expect(first.remoteAddress == "127.0.0.1")
            #expect(first.userAgent == "test/1")
            #expect(first.duration > .zero)
            #expect(records[1].status == 405)
            #expect(records[1].routeTemplate == "/hello")
            #expect(records[1].path == "/hello")
        }
    }
}
