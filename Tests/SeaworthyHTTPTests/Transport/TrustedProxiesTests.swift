import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthySchema
import Testing

@testable import SeaworthyHTTP

@Suite struct `Trusted proxies` {
    private static let proxies = TrustedProxies(["10.0.0.0/8", "2001:db8:1::/48", "127.0.0.1"].compactMap { AddressRange($0) })
    private static let proxy = RequestSource(address: "10.0.0.1")

    @Test(arguments: [
        // The client is who the nearest proxy saw, and whom it trusts was asked by the next.
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1, 10.0.0.9", "192.0.2.1"), ("192.0.2.1,10.0.0.9 , 10.9.9.9", "192.0.2.1"),
        // What stands before it was sent by the client.
        ("1.1.1.1, 192.0.2.1", "192.0.2.1"), ("10.0.0.7, 192.0.2.1, 10.0.0.9", "192.0.2.1"), ("<script>, 192.0.2.1", "192.0.2.1"),
        // Everybody is a proxy: the farthest.
        ("10.0.0.5, 10.0.0.6", "10.0.0.5"), ("2001:db8:1::5", "2001:db8:1::5"),
        // With a port, as some write it.
        ("192.0.2.1:4711", "192.0.2.1"), ("[2001:db8::1]:4711", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"), ("fe80::1%\"><script>", "10.0.0.1"),
        // The comma is the proxy's, whatever the client writes before it.
        ("6.6.6.6%\u{600}, 192.0.2.1", "192.0.2.1"), ("127.0.0.1\u{600}, 192.0.2.1", "192.0.2.1"),
        ("x\u{600},192.0.2.1 , 10.0.0.9", "192.0.2.1"),
        ("6.6.6.6\u{600}, 192.0.2.1\u{600}", "10.0.0.1"), ("[2001:db8::1\u{600}]", "10.0.0.1"),
        // Nothing that is no address becomes one.
        ("", "10.0.0.1"), ("unknown", "10.0.0.1"), ("192.0.2.1, unknown", "10.0.0.1"), ("192.0.2.1, unknown, 10.0.0.9", "10.0.0.9"),
        ("192.0.2.1,", "10.0.0.1"), ("192.0.2.1\", 10.0.0.9", "10.0.0.9"),
    ])
    func `say who the client is`(_ field: String, _ address: String) {
        #expect(Self.proxies.source(Self.proxy, forwardedFor: field, forwardedProto: nil) == RequestSource(address: address))
    }

    @Test(arguments: [
        ("https", true), ("HTTPS", true), ("https, https", true), ("http", false), ("http, https", false), ("https, http", false),
        ("", false),
        ("wss", false), ("https,", false), ("http\u{600}, https", false), ("http\u{600},https", false),
    ])
    func `say whether each of them was reached in secret`(_ field: String, _ isSecure: Bool) {
        #expect(Self.proxies.source(Self.proxy, forwardedFor: nil, forwardedProto: field).isSecure == isSecure)
        // Also where the last of the way is TLS.
        let encrypted = RequestSource(address: "10.0.0.1", isSecure: true)
        #expect(Self.proxies.source(encrypted, forwardedFor: nil, forwardedProto: field).isSecure == isSecure)
        #expect(Self.proxies.source(encrypted, forwardedFor: "192.0.2.1", forwardedProto: nil).isSecure)
    }

    @Test func `are known by their address alone`() {
        #expect(Self.proxies.contains("10.1.2.3") && Self.proxies.contains("::ffff:10.1.2.3") && Self.proxies.contains("2001:db8:1:9::1"))
        #expect(!Self.proxies.contains("192.0.2.1") && !Self.proxies.contains(nil) && !Self.proxies.contains("proxy"))
        #expect(!TrustedProxies().contains("10.1.2.3") && TrustedProxies().isEmpty && !Self.proxies.isEmpty)
    }

    private static let whoAmI = Route(.get, "/who", operation: "who") { TestRoutes.text("\($0.remoteAddress ?? "?") \($0.isSecure)") }
    private static let forwarded =
        "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nX-Forwarded-Proto: https\r\n\r\n"

    @Test(
        arguments: [("127.0.0.0/8", "192.0.2.2 true"), ("10.0.0.0/8", "127.0.0.1 false"), (nil, "127.0.0.1 false")] as [(String?, String)])
    func `are believed, and nobody else is, in answers and in the log`(_ range: String?, _ expected: String) async throws {
        let settings = HTTPSettings.test { $0.trustedProxies = TrustedProxies(range.flatMap { AddressRange($0) }.map { [$0] } ?? []) }
        try await TestServer.run([Self.whoAmI], settings: settings) { server in
            let client = try server.connect()
            let answer = try await client.ask(Self.forwarded)
            #expect(answer.body == expected)
            #expect((answer["strict-transport-security"] != nil) == expected.hasSuffix("true"))
            #expect(try await server.log.wait(for: 1).map(\.remoteAddress) == [String(expected.prefix { $0 != " " })])
        }
    }
}

@Suite struct `Where HTTPS is required` {
    private static let publicURL = "https://portal.example.com/app"

    private func ask(_ method: HTTPRequest.Method, _ target: String, isSecure: Bool = false) async throws -> Response {
        let routes = [
            Route(.get, "/a", operation: "a") { _ in TestRoutes.text("a") },
            Route(.post, "/a", operation: "b") { _ in TestRoutes.text("b") },
            Route(.get, "/probe", operation: "probe", isProbe: true) { _ in TestRoutes.text("probe") },
        ]
        let pipeline = RequestPipeline(
            routes: try RouteTable(routes), requirement: HTTPSRequirement(publicURL: Self.publicURL), logger: TestServer.quietLogger)
        return await pipeline.answer(HTTPExchange(method, target, isSecure: isSecure)).response
    }

    @Test(arguments: ["/a", "/a?x=1&y=%0d%0aSet-Cookie:x", "/nothing", "//evil.example/"])
    func `a read is sent there`(_ target: String) async throws {
        for method in [HTTPRequest.Method.get, .head] {
            let response = try await ask(method, target)
            #expect(response.status == .permanentRedirect)
            #expect(response.headers[.location] == Self.publicURL + target)
            #expect(response.headers[.cacheControl] == "no-store")
        }
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete, .options])
    func `a change is refused, since it was readable already`(_ method: HTTPRequest.Method) async throws {
        let response = try await ask(method, "/a")
        #expect(response.status == .forbidden && response.headers[.location] == nil)
        let writer = CollectingWriter()
        try await response.body.write(writer)
        let body = String(buffer: writer.buffer)
        #expect(body.contains("\"https_required\"") && body.contains(Self.publicURL))
    }

    @Test func `what came so is answered, and so are those who look after the server`() async throws {
        #expect(try await ask(.get, "/a", isSecure: true).status == .ok)
        #expect(try await ask(.post, "/a", isSecure: true).status == .ok)
        #expect(try await ask(.get, "/nothing", isSecure: true).status == .notFound)
        #expect(try await ask(.get, "/probe").status == .ok)
        #expect(try await ask(.head, "/probe").status == .ok)
        #expect(try await ask(.post, "/probe").status == .forbidden)
    }

    @Test func `the address is one of HTTPS`() {
        #expect(HTTPSRequirement(publicURL: "http://portal.example.com") == nil)
        #expect(HTTPSRequirement(publicURL: "https://portal.example.com")?.publicURL == "https://portal.example.com")
    }
}
