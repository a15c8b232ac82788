import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `A web origin` {
    @Test(arguments: [
        ("https://app.example.com", "https", "app.example.com", 443), ("HTTPS://App.Example.COM:443", "https", "app.example.com", 443),
        ("http://localhost:5173", "http", "localhost", 5173), ("http://127.0.0.1", "http", "127.0.0.1", 80),
        ("https://[::1]:8443", "https", "[::1]", 8443), ("https://xn--bcher-kva.example", "https", "xn--bcher-kva.example", 443),
    ])
    func `is scheme, host and port`(_ text: String, _ scheme: String, _ host: String, _ port: Int) {
        let origin = WebOrigin(text)
        #expect(origin?.scheme == scheme && origin?.host == host && origin?.port == port)
        #expect(origin.flatMap { WebOrigin($0.description) } == origin)
    }

    @Test(arguments: [
        "", "null", "app.example.com", "https://", "https://a/", "https://a?b", "https://a:b", "https://a:0", "https://a:65536",
        "https://a:",
        "https://a:+1", "ftp://a", "file://", "https://a b", "https://a,https://b", "https://u@a", "https://a..b", "https://.a",
        "https://ä.example",
        "https://[::1", "https://[g::1]", "chrome-extension://abc", "https://*.example.com", "*",
    ])
    func `is nothing else`(_ text: String) {
        #expect(WebOrigin(text) == nil)
    }

    @Test func `is of this machine or not`() {
        let local = ["http://localhost", "http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]", "http://app.localhost"]
        #expect(local.allSatisfy { WebOrigin($0)?.isLoopback == true })
        #expect(
            [
                "http://example.com", "http://localhost.example.com", "http://1.127.0.0", "http://127.0.0.1.example.com",
                "http://127.example.com",
            ].allSatisfy { WebOrigin($0)?.isLoopback == false })
    }
}

@Suite struct `Allowed origins` {
    private static func allowed(_ entries: String...) throws -> AllowedOrigins { try AllowedOrigins(entries) }

    @Test(arguments: [
        ("https://app.example.com", true), ("https://app.example.com:443", true), ("HTTPS://APP.example.com", true),
        ("http://app.example.com", false), ("https://app.example.com:8443", false), ("https://app.example.com.evil.example", false),
        ("https://evil-app.example.com", false), ("https://example.com", false), ("null", false), ("", false), ("*", false),
        ("https://a.shop.example", true), ("https://a.b.shop.example", true), ("https://shop.example", false),
        ("https://evilshop.example", false),
        ("http://a.shop.example", false), ("https://a.shop.example:444", false), ("https://shop.example.evil.example", false),
        ("https://a.shop.example.", false), ("https://.shop.example", false),
    ])
    func `are these, or all below a domain`(_ origin: String, _ isAllowed: Bool) throws {
        let allowed = try Self.allowed("https://app.example.com", "https://*.shop.example")
        for group in RouteGroup.allCases { #expect(allowed.permission(origin, in: group) == (isAllowed ? .credentials : nil)) }
        #expect(AllowedOrigins().permission(origin, in: .data) == nil)
    }

    @Test func `are of a group of routes where one is named`() throws {
        let allowed = try Self.allowed("data=https://app.example.com", "docs=*", "auth=https://*.example.com:8443")
        #expect(allowed.permission("https://app.example.com", in: .data) == .credentials)
        #expect(allowed.permission("https://app.example.com", in: .auth) == nil)
        #expect(allowed.permission("https://app.example.com:8443", in: .auth) == .credentials)
        #expect(allowed.permission("https://app.example.com", in: .docs) == .anonymous)
        #expect(allowed.permission("null", in: .docs) == .anonymous)
        #expect(allowed.groupsOfAnyone == [.docs] && allowed.variesByOrigin(.data) && !allowed.variesByOrigin(.docs))
    }

    @Test func `beside everybody's have more than these`() throws {
        let allowed = try Self.allowed("*", "https://app.example.com")
        #expect(allowed.permission("https://app.example.com", in: .data) == .credentials)
        #expect(allowed.permission("https://other.example.com", in: .data) == .anonymous)
        #expect(allowed.groupsOfAnyone == RouteGroup.allCases && allowed.variesByOrigin(.data))
    }

    @Test(arguments: [
        "https://app.example.com/", "app.example.com", "https://*", "https://*.com", "https://*.", "https://a.*.example.com",
        "*.example.com",
        "http*://example.com", "null", "", "records=https://a.example.com", "data=", "https://*.[::1]", "**",
    ])
    func `are refused with what is wrong`(_ entry: String) {
        let refusal = #expect(throws: AllowedOrigins.Refusal.self) { try AllowedOrigins(["https://a.example.com", entry]) }
        #expect(refusal?.entry == entry)
    }

    @Test func `tell which of them can be changed on their way`() throws {
        let allowed = try Self.allowed(
            "http://localhost:5173", "http://b.example.com", "data=http://*.a.example.com", "https://c.example.com")
        #expect(allowed.open.map(\.description) == ["http://a.example.com", "http://b.example.com"])
    }

    @Test(
        arguments: [
            ("/v1/orders", RouteGroup.data), ("/v1/batch", .data), ("/v1", .data), ("/v1/authors", .data), ("/v1/users-of-mine", .data),
            ("/v1/auth/login", .auth), ("/v1/users", .auth), ("/v1/users/1", .auth), ("/v1/auth", .auth), ("/openapi.json", .docs),
            ("/.well-known/jwks.json", .docs), ("/docs", nil), ("/health", nil), ("/", nil), ("/index.html", nil), ("/v10/orders", nil),
        ] as [(String, RouteGroup?)])
    func `are asked by the group of a path`(_ path: String, _ group: RouteGroup?) {
        #expect(RouteGroup(path: path[...]) == group)
    }
}

@Suite struct `Pages of other origins` {
    private static let app = "https://app.example.com"

    private func ask(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPHeaders, allowed: [String] = [app, "docs=*"]
    ) async throws -> Response {
        let routes = [
            Route(.get, "/v1/orders", operation: "a") { _ in TestRoutes.text("a") },
            Route(.post, "/v1/orders", operation: "b") { _ in TestRoutes.text("b") },
            Route(.get, "/openapi.json", operation: "c") { _ in TestRoutes.text("c") },
            Route(.get, "/docs", operation: "d") { _ in TestRoutes.text("d") },
            Route(.get, "/v1/fail", operation: "e") { _ in throw Problem.badRequest("no") },
        ]
        let pipeline = RequestPipeline(
            routes: try RouteTable(routes), allowed: try AllowedOrigins(allowed), logger: TestServer.quietLogger)
        return await pipeline.answer(HTTPExchange(method, path, headers: headers)).response
    }

    private static func preflight(_ origin: String) -> HTTPHeaders {
        ["Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-csrf-token"]
    }

    @Test func `ask first, and are told what they may`() async throws {
        let response = try await ask(.options, "/v1/orders", Self.preflight(Self.app))
        #expect(response.status == .noContent)
        #expect(response.headers[.accessControlAllowOrigin] == Self.app && response.headers[.accessControlAllowCredentials] == "true")
        #expect(response.headers[.accessControlAllowMethods] == "GET, HEAD, POST, OPTIONS")
        let fields = try #require(response.headers[.accessControlAllowHeaders]).split(separator: ", ").map { $0.lowercased() }
        #expect(Set(["authorization", "content-type", "if-match", "x-csrf-token", "x-request-id"]).isSubset(of: fields))
        #expect(response.headers[.accessControlMaxAge] == "600" && response.headers[.vary] == "Origin")
    }

    @Test func `are refused where they may not`() async throws {
        for origin in ["https://evil.example", "null", "http://app.example.com"] {
            let response = try await ask(.options, "/v1/orders", Self.preflight(origin))
            #expect(response.status == .forbidden && response.headers[.accessControlAllowOrigin] == nil)
            // What needs no question is answered, and no page reads it.
            let read = try await ask(.get, "/v1/orders", ["Origin": origin])
            #expect(read.status == .ok && read.headers[.accessControlAllowOrigin] == nil && read.headers[.vary] == "Origin")
        }
        #expect(try await ask(.options, "/v1/nothing", Self.preflight(Self.app)).status == .notFound)
        // No question of a browser's.
        let plain = try await ask(.options, "/v1/orders", ["Origin": Self.app])
        #expect(plain.status == .noContent && plain.headers[.allow] != nil && plain.headers[.accessControlAllowMethods] == nil)
    }

    @Test(arguments: ["/v1/orders", "/v1/fail", "/v1/nothing"])
    func `read what they may, problems too`(_ path: String) async throws {
        let response = try await ask(.get, path, ["Origin": Self.app])
        #expect(response.headers[.accessControlAllowOrigin] == Self.app && response.headers[.accessControlAllowCredentials] == "true")
        #expect(response.headers[.accessControlExposeHeaders]?.contains("ETag") == true && response.headers[.vary] == "Origin")
    }

    @Test func `have no credentials where every page may ask`() async throws {
        let response = try await ask(.get, "/openapi.json", ["Origin": "https://any.example"])
        #expect(response.headers[.accessControlAllowOrigin] == "*" && response.headers[.accessControlAllowCredentials] == nil)
        let preflight = try await ask(.options, "/v1/orders", Self.preflight("https://any.example"), allowed: ["data=*"])
        #expect(preflight.headers[.accessControlAllowOrigin] == "*" && preflight.headers[.accessControlAllowCredentials] == nil)
        #expect(preflight.headers[.vary] == nil)
    }

    @Test func `are told nothing of pages, nor where none is allowed`() async throws {
        #expect(try await ask(.get, "/docs", ["Origin": Self.app]).headers[.accessControlAllowOrigin] == nil)
        let response = try await ask(.get, "/v1/orders", ["Origin": Self.app], allowed: [])
        #expect(response.status == .ok && response.headers[.accessControlAllowOrigin] == nil && response.headers[.vary] == nil)
        #expect(try await ask(.options, "/v1/orders", Self.preflight(Self.app), allowed: []).headers[.allow] != nil)
        // A page of the server's own asks nothing.
        #expect(try await ask(.get, "/v1/orders", [:]).headers[.accessControlAllowOrigin] == nil)
    }
}
