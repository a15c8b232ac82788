import CoreMetrics
import HTTPTypes
import HummingbirdCore
import MetricsTestKit
import NIOCore
import NIOHTTP1
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyData
@testable import SeaworthyHTTP

@Suite struct `Requests that are counted` {
    private let pipeline: RequestPipeline
    private let metrics = TestMetrics()

    init() throws { pipeline = try Self.pipeline(metrics: metrics) }

    private static func pipeline(exempt: String = "", metrics: any MetricsFactory = NOOPMetricsHandler.instance) throws -> RequestPipeline {
        let schema = try SchemaParser.parse(
            yaml: """
                name: shop
                limits: { default: 4/m, auth: 2/m, import: 1/m, export: 3/m\(exempt) }
                entities: { Order: { fields: { F: { type: integer } } }, Item: { fields: { F: { type: integer } }, limits: 2/h } }
                """, file: "seaworthy.yaml"
        ).schema
        func text(_ method: HTTPRequest.Method, _ path: String, _ counting: Route.Counting) -> Route {
            Route(method, path, operation: "\(method) \(path)", counting: counting) { _ in TestRoutes.text("fine") }
        }
        let routes = [
            text(.get, "/v1/orders", .list(entity: "Order")), text(.get, "/v1/orders/{key}", .standard(entity: "Order")),
            text(.post, "/v1/orders/import", .importing(entity: "Order")), text(.get, "/v1/items", .list(entity: "Item")),
            text(.post, "/v1/auth/login", .signIn), text(.get, "/plain", .standard(entity: nil)),
            Route(.get, "/fail", operation: "fail") { _ in throw Problem.notFound() },
            Route(.get, "/probe", operation: "probe", isProbe: true) { _ in TestRoutes.text("fine") },
        ]
        return RequestPipeline(
            routes: try RouteTable(routes),
            identify: { exchange in
                guard let token = exchange.header("authorization") else { return }
                guard token != "bad" else { throw Problem.unauthenticated("no") }
                exchange.apiKey = KeyAuthentication(
                    caller: Caller(user: .init(id: "1")), user: User(id: "1", email: "a@example.com", now: 0), key: token)
            },
            limiter: RequestLimiter(RateLimits(schema, store: MemoryRateLimits { 0 }), metrics: metrics), logger: TestServer.quietLogger)
    }

    private func ask(
        _ method: HTTPRequest.Method, _ path: String, from address: String = "192.0.2.1", headers: HTTPHeaders = [:],
        pipeline: RequestPipeline? = nil
    ) async -> Response {
        await (pipeline ?? self.pipeline).answer(HTTPExchange(method, path, headers: headers, remoteAddress: address)).response
    }

    @Test func `are told what is left, and refused when nothing is`() async throws {
        for left in [3, 2, 1, 0] {
            let response = await ask(.get, "/plain")
            #expect(response.status == .ok)
            #expect(response.headers[.rateLimitPolicy] == "\"default\";q=4;w=60")
            #expect(response.headers[.rateLimit] == "\"default\";r=\(left);t=\((4 - left) * 15)")
            #expect(response.headers[.xRateLimitLimit] == "4" && response.headers[.xRateLimitRemaining] == "\(left)")
            #expect(response.headers[.xRateLimitReset] == "\((4 - left) * 15)")
        }
        let refused = await ask(.get, "/plain")
        #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] == "15")
        #expect(refused.headers[.rateLimit] == "\"default\";r=0;t=60" && refused.headers[.rateLimitPolicy] == "\"default\";q=4;w=60")
        let writer = CollectingWriter()
        try await refused.body.write(writer)
        #expect(String(buffer: writer.buffer).contains("\"rate_limited\""))
        #expect(try metrics.expectCounter("ratelimit_rejected_total", [("policy", "default")]).totalValue == 1)
        // Others go on, and so do those who look after the server.
        #expect(await ask(.get, "/plain", from: "192.0.2.2").status == .ok)
        let probe = await ask(.get, "/probe")
        #expect(probe.status == .ok && probe.headers[.rateLimit] == nil)
    }

    @Test func `are counted also when they fail, and not where there is no route`() async {
        let failed = await ask(.get, "/fail")
        #expect(failed.status == .notFound && failed.headers[.rateLimit] == "\"default\";r=3;t=15")
        let nothing = await ask(.get, "/nothing")
        #expect(nothing.status == .notFound && nothing.headers[.rateLimit] == nil)
        #expect(await ask(.head, "/plain").headers[.xRateLimitRemaining] == "2")
    }

    @Test func `are counted by what they do`() async {
        #expect(await ask(.get, "/v1/orders").headers[.rateLimitPolicy] == "\"default\";q=4;w=60")
        for type in ["text/csv", "application/json;q=0.1, TEXT/CSV", "application/x-ndjson, text/html"] {
            #expect(await ask(.get, "/v1/orders", headers: ["Accept": type]).headers[.rateLimitPolicy] == "\"export\";q=3;w=60")
        }
        #expect(await ask(.get, "/v1/orders", headers: ["Accept": "text/*"]).status == .tooManyRequests)
        // Nobody gets a whole list in these, whatever stands in them.
        for type in ["application/json, text/csv;q=0.5", "*/*", "application/json;note=text/csv", "text/html"] {
            let counted = await ask(.get, "/v1/orders", from: "192.0.2.8", headers: ["Accept": type])
            #expect(counted.headers[.rateLimitPolicy] == "\"default\";q=4;w=60", "\(type)")
        }
        #expect(await ask(.get, "/v1/orders/1", headers: ["Accept": "text/csv"]).headers[.xRateLimitRemaining] == "2")
        #expect(await ask(.post, "/v1/orders/import").headers[.rateLimitPolicy] == "\"import\";q=1;w=60")
        #expect(await ask(.post, "/v1/orders/import").status == .tooManyRequests)
        #expect(await ask(.get, "/v1/items").headers[.rateLimitPolicy] == "\"Item\";q=2;w=3600")
        #expect(await ask(.post, "/v1/auth/login").headers[.rateLimitPolicy] == "\"auth\";q=2;w=60")
        #expect(await ask(.post, "/v1/auth/login").status == .ok)
        #expect(await ask(.post, "/v1/auth/login").status == .tooManyRequests)
        #expect(await ask(.get, "/plain").headers[.xRateLimitRemaining] == "1")
    }

    @Test func `of a batch are as many as it has on entities with limits of their own`() async throws {
        let schema = try SchemaParser.parse(
            yaml: """
                name: shop
                limits: { default: 4/m, exempt: [10.0.0.0/8] }
                entities: { Order: { fields: { F: { type: integer } } }, Item: { fields: { F: { type: integer } }, limits: 3/m } }
                """, file: "seaworthy.yaml"
        ).schema
        let limiter = RequestLimiter(RateLimits(schema, store: MemoryRateLimits { 0 }))
        func outcome(_ entities: [String], from address: String = "192.0.2.1") async -> String {
            do {
                try await limiter.count(batch: entities, HTTPExchange(.post, "/v1/batch", remoteAddress: address))
                return "done"
            } catch {
                let problem = error as? Problem
                return "\(problem?.status.code ?? 0) \(problem?.headers[.retryAfter] ?? "-") \(problem?.errors.first?.detail ?? "")"
            }
        }
        #expect(await outcome(Array(repeating: "Order", count: 100)) == "done")
        #expect(await outcome(["Item", "Order", "Item"]) == "done")
        #expect(await outcome(["Item", "Item"]) == "429 20 ")
        #expect(await outcome(["Item"]) == "done")
        #expect(await outcome(["Item"]) == "429 20 ")
        #expect(
            await outcome(["Item", "Item", "Item", "Item"], from: "192.0.2.2").hasPrefix(
                "422 - has 4 operations on Item, whose limit is 3/m"))
        for _ in 0..<3 { #expect(await outcome(Array(repeating: "Item", count: 3), from: "10.0.0.1") == "done") }
    }

    @Test func `are counted by who makes them, wherever they are`() async {
        for number in 0..<4 {
            #expect(await ask(.get, "/plain", from: "192.0.2.\(number)", headers: ["Authorization": "key-1"]).status == .ok)
        }
        #expect(await ask(.get, "/plain", from: "192.0.2.9", headers: ["Authorization": "key-1"]).status == .tooManyRequests)
        #expect(await ask(.get, "/plain", from: "192.0.2.9", headers: ["Authorization": "key-2"]).status == .ok)
        // Of an IPv6 address one client has a /64.
        for number in 0..<4 { #expect(await ask(.get, "/plain", from: "2001:db8:0:1::\(number)").status == .ok) }
        #expect(await ask(.get, "/plain", from: "2001:db8:0:1:ffff::1").status == .tooManyRequests)
        #expect(await ask(.get, "/plain", from: "2001:db8:0:2::1").status == .ok)
    }

    @Test func `are counted for their address when they show what is not good`() async {
        for left in [3, 2, 1, 0] {
            let response = await ask(.get, "/plain", headers: ["Authorization": "bad"])
            #expect(response.status == .unauthorized && response.headers[.xRateLimitRemaining] == "\(left)")
        }
        #expect(await ask(.get, "/plain", headers: ["Authorization": "bad"]).status == .tooManyRequests)
        #expect(await ask(.get, "/plain").status == .tooManyRequests)
        #expect(await ask(.get, "/plain", headers: ["Authorization": "key-1"]).status == .ok)
    }

    @Test func `are not counted from addresses that are exempt`() async throws {
        let pipeline = try Self.pipeline(exempt: ", exempt: [192.0.2.0/24]")
        for _ in 0..<10 {
            let response = await ask(.get, "/plain", pipeline: pipeline)
            #expect(response.status == .ok && response.headers[.rateLimit] == nil)
        }
        #expect(await ask(.get, "/plain", from: "198.51.100.1", pipeline: pipeline).headers[.xRateLimitRemaining] == "3")
        for _ in 0..<10 { #expect(await ask(.post, "/v1/auth/login", pipeline: pipeline).status == .ok) }
    }
}
