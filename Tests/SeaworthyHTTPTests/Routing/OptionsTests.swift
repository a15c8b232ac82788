import HTTPTypes
import Testing

@testable import SeaworthyHTTP

@Suite struct `OPTIONS` {
    @Test(arguments: [
        ("/hello", "GET, HEAD, OPTIONS"), ("/echo", "POST, OPTIONS"), ("/things/a%2Fb", "GET, HEAD, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
        ("*", "GET, HEAD, POST, OPTIONS"),
    ]) func `tells what a path takes`(target: String, allow: String) async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let preflight = "Origin: https://example.org\r\nAccess-Control-Request-Method: PUT\r\n"
            for fields in ["", preflight] {
                let answer = try await client.ask("OPTIONS \(target) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n")
                #expect(answer.status == 204)
                #expect(answer["allow"] == allow)
                #expect(answer["content-length"] == nil)
                #expect(!answer.fields.contains { $0.name.lowercased().hasPrefix("access-control") })
            }
        }
    }

    @Test func `knows no path that is not there`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            for path in ["/missing", "/things", "/*"] {
                #expect(try await client.ask("OPTIONS \(path) HTTP/1.1\r\nHost: h\r\n\r\n").status == 404)
            }
            #expect(try await server.connect().ask("GET * HTTP/1.1\r\nHost: h\r\n\r\n").status == 400)
        }
    }

    @Test func `reads past its body`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            try await client.send("OPTIONS /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabGET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.answer().status == 204)
            #expect(try await client.answer().body == "hello")
        }
    }

    @Test func `may be a route's own`() async throws {
        let own = Route(.options, "/hello", operation: "own") { _ in TestRoutes.text("own") }
        try await TestServer.run([own] + TestRoutes.all) { server in
            let client = try server.connect()
            #expect(try await client.ask("OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n").body == "own")
            let refused = try await client.ask("PUT /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(refused.status == 405)
            #expect(refused["allow"] == "OPTIONS, GET, HEAD")
        }
    }
}
