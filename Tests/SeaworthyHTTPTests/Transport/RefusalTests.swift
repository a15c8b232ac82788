import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `Refusal of broken requests` {
    private func refusal(of text: String) async throws -> RawClient.Answer {
        let found = Found()
        try await TestServer.run { server in
            let client = try server.connect()
            let answer = try await client.ask(text)
            #expect(answer["connection"] == "close")
            #expect(answer["content-type"] == "application/problem+json")
            #expect(answer["x-content-type-options"] == "nosniff")
            #expect(answer["content-security-policy"] != nil)
            #expect(answer["cache-control"] == "no-store")
            let id = try #require(answer["x-request-id"])
            #expect(answer.body.contains(#""requestId":"\#(id)""#))
            #expect(try await client.isAtEnd())
            let records = try await server.log.wait(for: 1)
            #expect(records.map(\.status) == [answer.status])
            #expect(records.first?.requestID == id)
            found.answer = answer
        }
        return found.answer
    }

    private static let brokenChunks = [
        "3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\n", "0x3\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n", "3;a\nb\r\nabc\r\n0\r\n\r\n", "3;a\rb\r\nabc\r\n0\r\n\r\n", "2\r\nabc\r\n0\r\n\r\n",
        "fffffffffffffffff3\r\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n",
    ]

    /// Only ever used by one task at a time.
    private final class Found: @unchecked Sendable {
        // Protected by the order of the test: written before it is read.
        var answer = RawClient.Answer()
    }

    @Test(
        arguments: [
            "nonsense\r\n\r\n", "GET /hello HTTP/2.0\r\nHost: h\r\n\r\n", "GET /hello HTTP/1.9\r\nHost: h\r\n\r\n",
            "GET /hello HTTP/0.9\r\nHost: h\r\n\r\n", "GET /hello\r\n\r\n", "G@T /hello HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET hello HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n", "GET /hello HTTP/1.1\r\nHost : h\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: h\r\nX: a\r\n folded\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n", "GET /h\u{1}llo HTTP/1.1\r\nHost: h\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: abc\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            // Where others end a line, or do not: the ways in for request smuggling (RFC 9112, 2.2, 5.2, 6.3 and 7.1).
            "GET /hello HTTP/1.1\nHost: h\n\n", "GET /hello HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: h\r\n\n",
            "GET /hello HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: h\r\r\n\r\n",
            "GET /hello HTTP/1.1\r\n Host: h\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: h\r\nX\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3 3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        ] + brokenChunks.map { "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\($0)" })
    func `answers a broken request with 400 and closes`(text: String) async throws {
        let answer = try await refusal(of: text)
        #expect(answer.status == 400)
        #expect(answer.body.contains(#""code":"bad_request""#))
    }

    @Test(arguments: [16_385, 40_000, 200_000]) func `answers a long address with 414`(length: Int) async throws {
        let path = "/" + String(repeating: "a", count: length - 1)
        let answer = try await refusal(of: "GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(answer.status == 414)
        #expect(answer.body.contains(#""code":"uri_too_long""#))
    }

    @Test func `answers a long address with 414 before it ends`() async throws {
        #expect(try await refusal(of: "GET /" + String(repeating: "a", count: 20_000)).status == 414)
    }

    @Test(arguments: [32_768, 100_000]) func `answers large fields with 431`(length: Int) async throws {
        let value = String(repeating: "a", count: length)
        let answer = try await refusal(of: "GET /hello HTTP/1.1\r\nHost: h\r\nX: \(value)\r\n\r\n")
        #expect(answer.status == 431)
        #expect(answer.body.contains(#""code":"headers_too_large""#))
    }

    @Test func `answers too many fields with 431`() async throws {
        let fields = String(repeating: "X: y\r\n", count: 300)
        #expect(try await refusal(of: "GET /hello HTTP/1.1\r\nHost: h\r\n\(fields)\r\n").status == 431)
    }

    @Test func `takes a request just within the limits`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let key = String(repeating: "k", count: 16_384 - "/things/".utf8.count)
            let value = String(repeating: "v", count: 32_768 - 9 - 5)
            let answer = try await client.ask("GET /things/\(key) HTTP/1.1\r\nHost: h\r\nX: \(value)\r\n\r\n")
            #expect(answer.status == 200)
            #expect(answer.body.utf8.count == key.utf8.count + "key= query=-".utf8.count)
        }
    }

    @Test func `has its own answers to unmet expectations and codings`() async throws {
        #expect(try await refusal(of: "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\n").status == 417)
        #expect(try await refusal(of: "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n").status == 400)
    }
}
