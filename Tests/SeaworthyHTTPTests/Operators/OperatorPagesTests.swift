import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `Operators' pages` {
    private struct Away: Error {}

    private static let token = "Zr8q-0.1_2~3+4/5abcdefghijklmnopq=="  // not-a-secret
    private let health = HealthState()
    private let renders = Counter()

    private func pages(_ probes: [HealthProbe] = [], resources: [HealthProbe] = []) -> OperatorPages {
        OperatorPages(
            health: HealthRoutes(state: health, probes: probes, resources: resources, version: "1.2")
        ) { [renders] asOpenMetrics in
            renders.add(1)
            return OperatorPages.Metrics(
                contentType: asOpenMetrics ? "open" : "text/plain; version=0.0.4", text: Array("up 1\n".utf8))
        }
    }

    private func pipeline(_ access: HiddenRoutes.Access?, _ pages: OperatorPages? = nil) throws -> RequestPipeline {
        let routes = [Route(.get, "/else", operation: "else") { _ in TestRoutes.text("else") }]
        return RequestPipeline(
            routes: try RouteTable(routes), hidden: try access.map { try HiddenRoutes((pages ?? self.pages()).routes, for: $0) },
            identify: { exchange in
                if try exchange.bearerToken() != nil { throw Problem.unauthenticated("unknown", error: "invalid_token") }
            }, logger: TestServer.quietLogger)
    }

    private typealias Asked = (response: Response, body: String, template: String?)

    private func ask(_ pipeline: RequestPipeline, _ path: String, _ authorization: [String] = []) async throws -> Asked {
        try await ask(pipeline, .get, path, authorization)
    }

    private func ask(
        _ pipeline: RequestPipeline, _ method: HTTPRequest.Method, _ path: String, _ authorization: [String] = []
    ) async throws -> Asked {
        let headers = HTTPHeaders(authorization.map { ("Authorization", $0) })
        let answer = await pipeline.answer(HTTPExchange(method, path, headers: headers))
        let writer = CollectingWriter()
        try await answer.response.body.write(writer)
        return (answer.response, String(buffer: writer.buffer), answer.routeTemplate)
    }

    @Test(arguments: [
        ("", false), ("*/*", false), ("application/*", false), ("text/plain", false), ("application/openmetrics-text", true),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", true), ("application/openmetrics-text;version=0.0.1", false),
        ("application/openmetrics-text;q=0", false), ("application/openmetrics-text;q=0.4,text/plain;version=0.0.4;q=0.5", false),
        ("application/openmetrics-text;q=0.5,text/plain;q=0.5", true),
        // As Prometheus asks.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            true
        ),
    ])
    func `measure in the form that is asked for by its name`(accept: String, isOpen: Bool) async throws {
        let headers: HTTPHeaders = accept.isEmpty ? [:] : ["Accept": accept]
        let answer = await (try pipeline(.everyone)).answer(HTTPExchange(.get, "/metrics", headers: headers))
        #expect(answer.response.headers[.contentType] == (isOpen ? "open" : "text/plain; version=0.0.4"))
        #expect(answer.response.headers[.vary]?.contains("Accept") == true)
    }

    @Test func `are open to everybody where that is so`() async throws {
        let pipeline = try pipeline(.everyone)
        let (response, body, template) = try await ask(pipeline, "/metrics")
        #expect(response.status == .ok && body == "up 1\n" && template == "/metrics")
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4" && response.headers[.cacheControl] == "no-store")
        #expect(try await ask(pipeline, .post, "/metrics").response.status == .methodNotAllowed)
        #expect(try await ask(pipeline, .options, "/metrics").response.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(try await ask(pipeline, "/metrics?a=1").response.status == .badRequest)
        #expect(try await ask(pipeline, "/else").body == "else")
        // Tokens of people are passed over.
        #expect(try await ask(pipeline, "/metrics", ["Bearer of-somebody"]).response.status == .ok)
    }

    @Test(arguments: ["/metrics", "/health/deps"]) func `are there for whoever shows the token`(_ path: String) async throws {
        let pipeline = try pipeline(.bearer(try #require(OperatorToken(Self.token))))
        for authorization in ["Bearer \(Self.token)", "bearer  \(Self.token)"] {
            #expect(try await ask(pipeline, path, [authorization]).response.status == .ok)
            #expect(try await ask(pipeline, .head, path, [authorization]).response.status == .ok)
            #expect(try await ask(pipeline, .delete, path, [authorization]).response.status == .methodNotAllowed)
        }
        // The token opens nothing else.
        #expect(try await ask(pipeline, "/else", ["Bearer \(Self.token)"]).response.status == .unauthorized)
    }

    @Test(arguments: ["/metrics", "/health/deps"])
    func `are for all others as what is not there`(_ path: String) async throws {
        let hiding = try pipeline(.bearer(try #require(OperatorToken(Self.token))))
        let without = try pipeline(nil)
        let shown: [[String]] = [
            [], ["Bearer"], ["Bearer "], ["Bearer x"], ["Basic \(Self.token)"], ["Bearer \(Self.token)x"],
            ["Bearer \(Self.token.dropLast())"],
            ["Bearer \(Self.token.dropFirst())"], ["Bearer \(Self.token)\(Self.token)"], ["Bearer \(Self.token.uppercased())"],
            ["Bearer \(Self.token) x"], ["Bearer \(Self.token)", "Bearer \(Self.token)"], [Self.token],
        ]
        for authorization in shown {
            for method in [HTTPRequest.Method.get, .head, .post, .options, .delete] {
                let (hidden, body, template) = try await ask(hiding, method, path, authorization)
                let (absent, absentBody, _) = try await ask(without, method, path, authorization)
                #expect(hidden.status == .notFound && template == nil, "\(method) \(authorization)")
                #expect(hidden.status == absent.status && hidden.headers == absent.headers && body == absentBody)
                #expect(body.contains(#""detail":"There is nothing at this address.""#))
            }
        }
        #expect(renders.count == 0)
    }

    @Test func `tell of every check in one answer`() async throws {
        let redis = HealthProbe.observing("redis:responseTime", isTimed: true) {
            [
                HealthObservation("redis:circuitBreaker", .fail, value: .text("open"), output: "tried again in \(2 + 1) s"),
                HealthObservation("redis:circuitBreaker", value: .text("closed")),
            ]
        }
        let disk = HealthProbe.observing("disk:available") {
            [HealthObservation("disk:available", value: .integer(5), unit: "bytes"), HealthObservation("odd", value: .number(.nan))]
        }
        let pipeline = try pipeline(.everyone, pages([HealthProbe(name: "sqlite:responseTime") {}, redis], resources: [disk]))
        let (response, body, _) = try await ask(pipeline, "/health/deps")
        #expect(response.status == .ok && response.headers[.contentType] == "application/health+json")
        let time = /"time":"[-0-9T:.]+Z"/
        let text = body.replacing(time, with: "TIME").replacing(/"observedValue":[0-9.e-]+,"observedUnit":"ms"/, with: "MS")
        #expect(
            text == #"{"status":"warn","version":"1.2","checks":{"sqlite:responseTime":[{"status":"pass",MS,TIME}],"#
                + #""redis:responseTime":[{"status":"pass",MS,TIME}],"#
                + #""redis:circuitBreaker":[{"status":"warn","observedValue":"open",TIME,"output":"tried again in 3 s"},"#
                + #"{"status":"pass","observedValue":"closed",TIME}],"#
                + #""disk:available":[{"status":"pass","observedValue":5,"observedUnit":"bytes",TIME}],"odd":[{"status":"pass",TIME}]}}"#)
        #expect(try await ask(pipeline, "/health/deps?verbose").response.status == .badRequest)
    }

    @Test func `fail with what is required, and warn of the rest`() async throws {
        let failing = HealthProbe(name: "db:responseTime") { throw Away() }
        let optional = HealthProbe.observing("disk:available") { throw Away() }
        let failed = try await ask(try pipeline(.everyone, pages([failing])), "/health/deps")
        #expect(failed.response.status == .serviceUnavailable && failed.body.hasPrefix(#"{"status":"fail""#))
        #expect(failed.response.headers[.retryAfter] == "1" && !failed.body.contains("Away"))
        let warned = try await ask(try pipeline(.everyone, pages([], resources: [optional])), "/health/deps")
        #expect(warned.response.status == .ok && warned.body.hasPrefix(#"{"status":"warn""#))
        // What is not timed has no time.
        #expect(warned.body.contains(#""disk:available":[{"status":"warn","time":""#))
        let computed = HealthProbe(name: "db:responseTime") { throw HealthProbe.Degradation(output: "\(1 + 1) of 3 answer") }
        #expect(try await ask(try pipeline(.everyone, pages([computed])), "/health/deps").body.contains(#""output":"2 of 3 answer""#))
    }

    @Test func `take what a probe says under its name, and its time only where it says none`() async throws {
        let timed = HealthProbe.observing("a", isRequired: true, isTimed: true) {
            [HealthObservation("a", value: .integer(7), unit: "things"), HealthObservation("b", .fail, output: "gone")]
        }
        let own = try await ask(try pipeline(.everyone, pages([timed])), "/health/deps")
        #expect(own.response.status == .serviceUnavailable && own.body.hasPrefix(#"{"status":"fail""#))
        #expect(own.body.contains(#""a":[{"status":"pass","observedValue":7,"observedUnit":"things","time""#))
        #expect(own.body.contains(#""b":[{"status":"fail","time""#))
        let warned = HealthProbe.observing("a", isTimed: true) { [HealthObservation("a", .warn, output: "slow")] }
        let text = try await ask(try pipeline(.everyone, pages([warned])), "/health/deps").body
        #expect(text.contains(#""a":[{"status":"warn","observedValue":"#) && text.contains(#""observedUnit":"ms""#))
        #expect(text.contains(#""output":"slow""#))
        #expect(try await ask(try pipeline(.everyone, pages([])), "/health/deps").body == #"{"status":"pass","version":"1.2","checks":{}}"#)
    }

    @Test func `are answered in clear where HTTPS is required, to whoever sees them`() async throws {
        let requirement = try #require(HTTPSRequirement(publicURL: "https://portal.example.com"))
        let token = try #require(OperatorToken(Self.token))
        let pipeline = RequestPipeline(
            routes: try RouteTable([]), hidden: try HiddenRoutes(pages().routes, for: .bearer(token)), requirement: requirement,
            logger: TestServer.quietLogger)
        for path in ["/metrics", "/health/deps"] {
            #expect(try await ask(pipeline, path, ["Bearer \(Self.token)"]).response.status == .ok)
            #expect(try await ask(pipeline, path).response.status == ask(pipeline, "/nothing").response.status)
            #expect(try await ask(pipeline, path).response.status == .permanentRedirect)
        }
    }

    @Test func `leave readiness alone`() async throws {
        health.becomeReady()
        let routes = HealthRoutes(
            state: health, probes: [HealthProbe(name: "a") {}],
            resources: [HealthProbe.observing("disk:available", isRequired: true) { throw Away() }])
        let pipeline = RequestPipeline(routes: try RouteTable(routes.routes), logger: TestServer.quietLogger)
        let ready = try await ask(pipeline, "/readyz?verbose")
        #expect(ready.response.status == .ok && !ready.body.contains("disk") && ready.body.hasPrefix(#"{"status":"pass","checks":{"a":[{"#))
        health.beginDraining()
        let pages = try self.pipeline(.everyone, pages([HealthProbe(name: "a") {}]))
        #expect(try await ask(pages, "/health/deps").response.status == .ok)
    }

    @Test func `have a port of their own, with the probes and nothing else`() async throws {
        let pipeline = RequestPipeline(routes: try pages().portTable(), logger: TestServer.quietLogger)
        for path in ["/metrics", "/health/deps", "/health", "/livez"] {
            #expect(try await ask(pipeline, path).response.status == .ok)
        }
        #expect(try await ask(pipeline, "/readyz").response.status == .serviceUnavailable)
        for path in ["/", "/v1/orders", "/docs", "/openapi.json"] {
            #expect(try await ask(pipeline, path).response.status == .notFound)
        }
    }

    @Test func `are looked for where no other route is`() async throws {
        let own = Route(.get, "/metrics", operation: "own") { _ in TestRoutes.text("own") }
        let pipeline = RequestPipeline(
            routes: try RouteTable([own]), hidden: try HiddenRoutes(pages().routes, for: .everyone), logger: TestServer.quietLogger)
        #expect(try await ask(pipeline, "/metrics").body == "own")
    }
}

@Suite struct `A token for operators` {
    @Test func `is compared whole`() throws {
        let token = try #require(OperatorToken("abcabc"))
        #expect(token.matches("abcabc"))
        for other in ["", "abc", "abcab", "abcabcabc", "abcabcabcabc", "abcabd", "bbcabc", "ABCABC"] {
            #expect(!token.matches(other[...]), "\(other)")
        }
        #expect(OperatorToken("") == nil)
    }

    @Test func `is never shown`() throws {
        let token = try #require(OperatorToken("abcabc"))
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped] { #expect(text.contains("redacted") && !text.contains("abc")) }
    }
}
