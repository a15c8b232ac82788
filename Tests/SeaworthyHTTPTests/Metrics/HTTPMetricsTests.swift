import CoreMetrics
import HTTPTypes
import MetricsTestKit
import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `What is measured of requests` {
    private let metrics = TestMetrics()

    private var measured: HTTPMetrics { HTTPMetrics(TestRoutes.all, factory: metrics) }

    /// What was recorded, as `METHOD route status count`.
    private var requests: [String] {
        metrics.timers.compactMap { timer in
            guard timer.label == "http_server_request_duration_seconds" else { return nil }
            let labels = Dictionary(uniqueKeysWithValues: timer.dimensions)
            return
                "\(labels["http_request_method"] ?? "?") \(labels["http_route"] ?? "?") \(labels["http_response_status_code"] ?? "?") \(timer.values.count)"
        }.sorted()
    }

    private func gauge(_ name: String) throws -> Double? { try metrics.expectMeter(name).lastValue }

    @Test func `each is told by method, template and status, and by nothing that a client made up`() throws {
        let measured = HTTPMetrics(
            [Route(.get, "/v1/orders/{key}", operation: "a") { _ in throw Problem.notFound() }], factory: metrics)
        func end(_ method: HTTPRequest.Method?, _ route: String?, _ status: Int) {
            measured.requestBegan()
            measured.requestEnded(method, route, status: status, .milliseconds(3))
        }
        end(.get, "/v1/orders/{key}", 200)
        end(.get, "/v1/orders/{key}", 200)
        end(.get, "/v1/orders/{key}", 404)
        end(.head, "/v1/orders/{key}", 200)
        // What the route does not do.
        end(.delete, "/v1/orders/{key}", 405)
        end(HTTPRequest.Method("BREW"), "/v1/orders/{key}", 405)
        end(HTTPRequest.Method("BREW"), nil, 404)
        end(.get, nil, 404)
        end(.get, "/v1/orders/7", 404)
        end(nil, nil, 408)
        #expect(
            requests == [
                "DELETE  405 1", "GET  404 2", "GET /v1/orders/{key} 200 2", "GET /v1/orders/{key} 404 1", "HEAD /v1/orders/{key} 200 1",
                "_OTHER  404 1", "_OTHER  405 1", "_OTHER  408 1",
            ])
        let timer = try metrics.expectTimer(
            "http_server_request_duration_seconds",
            [("http_request_method", "GET"), ("http_response_status_code", "404"), ("http_route", "/v1/orders/{key}")])
        #expect(timer.values == [3_000_000])
    }

    @Test func `those under way and the connections are counted up and down`() throws {
        let measured = measured
        for _ in 0..<3 { measured.requestBegan() }
        #expect(try gauge("http_server_active_requests") == 3)
        for _ in 0..<3 { measured.requestEnded(.get, nil, status: 200, .zero) }
        #expect(try gauge("http_server_active_requests") == 0)
        measured.connectionOpened()
        measured.connectionOpened()
        measured.connectionClosed()
        #expect(try gauge("http_server_open_connections") == 1)
        #expect(metrics.recorders.isEmpty)
        measured.certificateShown(until: 7)
        #expect(try metrics.expectGauge("tls_certificate_not_after_timestamp_seconds").lastValue == 7)
    }

    @Test func `a server measures every answer, also of what no route has seen`() async throws {
        let measured = measured
        try await TestServer.run(metrics: measured) { server in
            let client = try server.connect()
            for (line, isHead) in [("GET /livez", false), ("HEAD /livez", true), ("GET /none", false)] {
                _ = try await client.ask("\(line) HTTP/1.1\r\nHost: a\r\n\r\n", isHead: isHead)
            }
            #expect(try self.gauge("http_server_open_connections") == 1)
            try await client.close()
            let wrong = try server.connect()
            _ = try await wrong.ask("nonsense\r\n\r\n")
            try await wrong.close()
            while try self.gauge("http_server_open_connections") != 0 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(try self.gauge("http_server_active_requests") == 0)
        }
        #expect(requests == ["GET  200 1", "GET  404 1", "HEAD  200 1", "_OTHER  400 1"])
    }
}
