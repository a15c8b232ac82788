import HTTPTypes
import Testing

@testable import SeaworthyHTTP

@Suite struct `Route table` {
    private static func route(_ method: HTTPRequest.Method, _ path: String) -> Route {
        Route(method, path, operation: "\(method.rawValue) \(path)") { _ in TestRoutes.text("") }
    }

    private let table: RouteTable

    init() throws {
        table = try RouteTable([
            Self.route(.get, "/"), Self.route(.get, "/v1/orders"), Self.route(.post, "/v1/orders"),
            Self.route(.post, "/v1/orders/query"), Self.route(.get, "/v1/orders/{key}"), Self.route(.patch, "/v1/orders/{key}"),
            Self.route(.get, "/v1/orders/{key}/lines/{line}"),
        ])
    }

    private func outcome(_ method: HTTPRequest.Method, _ path: String) -> String {
        switch table.match(method, path[...]) {
        case .found(let route, let values): "\(route.operation) \(values.map(String.init))"
        case .methodNotAllowed(let methods, _): "405 \(methods.map(\.rawValue).joined(separator: ","))"
        case .options(let methods, _): "204 \(methods.map(\.rawValue).joined(separator: ","))"
        case .notFound: "404"
        }
    }

    @Test(arguments: [
        ("/", "GET / []"), ("/v1/orders", "GET /v1/orders []"), ("/v1/orders/10248", #"GET /v1/orders/{key} ["10248"]"#),
        ("/v1/orders/a%2Fb,c%2C", #"GET /v1/orders/{key} ["a%2Fb,c%2C"]"#),
        ("/v1/orders/7/lines/8", #"GET /v1/orders/{key}/lines/{line} ["7", "8"]"#),
        ("/v1/orders/query/lines/8", #"GET /v1/orders/{key}/lines/{line} ["query", "8"]"#),
    ]) func `finds the route of a raw path`(path: String, expected: String) {
        #expect(outcome(.get, path) == expected)
    }

    @Test(arguments: [
        "", "v1/orders", "//", "/v1", "/v1/", "/v1/orders/", "/v1//orders", "//v1/orders", "/v1/orders/1/", "/v1/orders//lines/1",
        "/v1/orders/1/lines", "/v1/orders/1/lines/2/3", "/V1/orders", "/v1/orders%2F1x/y",
    ]) func `has nothing at any other path`(path: String) {
        #expect(outcome(.get, path) == "404")
    }

    @Test func `names the methods of a path that has others`() {
        #expect(outcome(.delete, "/v1/orders") == "405 GET,HEAD,POST,OPTIONS")
        #expect(outcome(.post, "/v1/orders/5") == "405 GET,HEAD,PATCH,OPTIONS")
    }

    @Test func `tells the methods of a path, and of all`() {
        #expect(outcome(.options, "/v1/orders") == "204 GET,HEAD,POST,OPTIONS")
        #expect(outcome(.options, "*") == "204 GET,HEAD,POST,PATCH,OPTIONS")
        #expect(outcome(.options, "/v1") == "404")
        #expect(outcome(.get, "*") == "404")
    }

    @Test func `prefers a literal segment to a parameter`() {
        #expect(outcome(.post, "/v1/orders/query") == "POST /v1/orders/query []")
        #expect(outcome(.get, "/v1/orders/query") == "405 POST,OPTIONS")
    }

    @Test func `answers HEAD by the route of GET`() {
        #expect(outcome(.head, "/v1/orders") == "GET /v1/orders []")
        #expect(outcome(.head, "/v1/orders/query") == "405 POST,OPTIONS")
    }

    @Test func `refuses routes that collide`() {
        #expect(throws: RouteTable.Failure.ambiguous("GET /a/{y}")) {
            try RouteTable([Self.route(.get, "/a/{x}"), Self.route(.get, "/a/{y}")])
        }
        #expect(throws: RouteTable.Failure.repeatedOperation("one")) {
            let handler: Route.Handler = { _ in TestRoutes.text("") }
            return try RouteTable([
                Route(.get, "/a", operation: "one", handler: handler), Route(.get, "/b", operation: "one", handler: handler),
            ])
        }
    }

    @Test(arguments: ["a", "/a/", "//a", "/a//b", ""]) func `refuses a malformed path`(path: String) {
        #expect(throws: RouteTable.Failure.malformed(path)) { try RouteTable([Self.route(.get, path)]) }
    }

    @Test func `lists its routes as given`() {
        #expect(table.routes.count == 7)
        #expect(table.routes[6].parameterNames == ["key", "line"])
        #expect(table.routes[3].path == "/v1/orders/query")
    }
}
