import Foundation
import NIOHTTP1
import PostgresServing
import SeaworthySchema
import Testing

@testable import Seaworthy

@Suite struct `Operators' pages over HTTP` {
    private static let token = "4be1907c3fd8a6428e5b0c97f3146da29f2c7a41d08be653"  // not-a-secret
    private static let schema =
        "name: shop\nentities:\n  Shelf: { fields: { Width: { type: integer } }, access: { anyone: { read: true, create: true } } }\n"

    private struct Served {
        var process: SeaworthyProcess
        var api: APIClient
        /// Nil without a port for operators.
        var admin: APIClient?
    }

    /// - Parameter limits: of requests, as the schema has them.
    private static func with(
        _ environment: [String: String] = [:], limits: String = "limits: { exempt: [127.0.0.0/8] }\n", in given: TemporaryFolder? = nil,
        _ body: (Served) async throws -> Void
    ) async throws -> SeaworthyProcess.Outcome {
        let folder = try given ?? TemporaryFolder()
        try folder.write(schema + limits, to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        do {
            var served = Served(process: process, api: APIClient(address: address))
            // It listens by itself, earlier or later than the server.
            while environment["ADMIN_PORT"] != nil, served.admin == nil, process.isRunning {
                served.admin = admin(process.log).map { APIClient(address: $0) }
                try await Task.sleep(for: .milliseconds(10))
            }
            try await body(served)
        } catch {
            await process.stop()
            throw error
        }
        return await process.stop()
    }

    private static func admin(_ log: String) -> String? {
        guard let line = log.split(separator: "\n").first(where: { $0.contains("listening for operators") && $0.hasSuffix("}") }),
            let start = line.firstRange(of: "http://")
        else { return nil }
        return String(line[start.lowerBound...].prefix { $0 != "\"" })
    }

    private static func bearer(_ token: String) -> HTTPHeaders { ["Authorization": "Bearer \(token)"] }

    private func value(_ sample: String, _ text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(sample + " ") }.flatMap { Double($0.dropFirst(sample.count + 1)) }
    }

    @Test func `are open in development, and tell what happens`() async throws {
        let outcome = try await Self.with { served in
            for width in 1...3 {
                #expect(try await served.api.post("/v1/shelfs", #"{"Width":\#(width)}"#).status == 201)
                #expect(try await served.api.get("/v1/shelfs").status == 200)
            }
            let answer = try await served.api.get("/metrics", headers: ["Accept": "text/plain, */*;q=0.1"])
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            #expect(answer.headers["Cache-Control"] == ["no-store"] && answer.headers["RateLimit"].isEmpty)
            #expect(try await Promtool.complaints(of: answer.body) == "")
            let labels = #"{db_operation_name="query",db_system_name="sqlite",pool="primary"}"#
            let count = try #require(value("db_client_operation_duration_seconds_count\(labels)", answer.body))
            #expect(count >= 3)
            _ = try await served.api.get("/v1/shelfs")
            let later = try await served.api.get("/metrics").body
            #expect(try #require(value("db_client_operation_duration_seconds_count\(labels)", later)) > count)
            #expect(value("mail_queue_length", later) == 0)
            func requests(_ method: String, _ status: Int, _ route: String) -> Double? {
                let labels = #"{http_request_method="\#(method)",http_response_status_code="\#(status)",http_route="\#(route)"}"#
                return value("http_server_request_duration_seconds_count" + labels, later)
            }
            #expect(requests("POST", 201, "/v1/shelfs") == 3)
            #expect(requests("GET", 200, "/v1/shelfs") == 4)
            #expect(requests("GET", 200, "/metrics") == 1)
            // This one.
            #expect(value("http_server_active_requests", later) == 1)
            #expect(try #require(value("http_server_open_connections", later)) >= 1)
            #expect(value(#"jobs_runs_total{job="identities",outcome="failed"}"#, later) == 0)
            #expect(value("jobs_leading", later) != nil)
            #expect(value("tls_certificate_not_after_timestamp_seconds", later) == nil)
            #expect(value("metrics_dropped_series_total", later) == 0)
            for reason in ["name", "kind", "labels"] {
                #expect(value("metrics_rejected_handles_total{reason=\"\(reason)\"}", later) == 0)
            }
            #if os(Linux)
            #expect(try #require(value("process_resident_memory_bytes", later)) > 1_000_000)
            #endif

            let checks = try await served.api.get("/health/deps", headers: ["Accept": "application/json"])
            #expect(checks.status == 200 && checks.headers["Content-Type"] == ["application/json"])
            #expect(try checks.text("version") == ApplicationVersion.text)
            #expect(try checks.text("checks.sqlite:responseTime.0.observedUnit") == "ms")
            #expect(try checks.text("checks.disk:available.0.observedUnit") == "bytes")
            #expect(try checks.text("checks.memory:rss.0.observedUnit") == "bytes")
            #expect(try checks.text("checks.cpu:utilization.0.observedUnit") == "percent")
            #expect(try checks.text("checks.eventLoop:lag.0.observedUnit") == "ms")
            #expect(value("event_loop_lag_seconds", later) != nil)
            // Nothing that is not there is told of.
            for name in ["smtp", "oidc", "s3", "redis", "migrations", "replicationLag"] { #expect(!checks.body.contains(name)) }
            #expect(try await served.api.get("/openapi.json").body.contains("/health/deps") == false)
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `a real Prometheus scrapes them`() async throws {
        let outcome = try await Self.with { served in
            let prometheus = try await PrometheusServer.start(scraping: served.api.address)
            defer { prometheus.stop() }
            let route = #"http_route="/v1/shelfs",http_request_method="GET",http_response_status_code="200""#
            try await prometheus.wait(for: "up == 1")
            for _ in 0..<5 { _ = try await served.api.get("/v1/shelfs") }
            try await prometheus.wait(for: "http_server_request_duration_seconds_count{\(route)} == 5")
            try await prometheus.wait(for: "histogram_quantile(0.5, http_server_request_duration_seconds_bucket{\(route)}) > 0")
            try await prometheus.wait(for: "rate(process_cpu_seconds_total[10s]) > 0")
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `with traces a slow bucket leads to one of its requests, in a real Prometheus too`() async throws {
        let receiver = try OTLPReceiver()
        defer { receiver.stop() }
        let outcome = try await Self.with(["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint("taking")]) { served in
            let prometheus = try await PrometheusServer.start(scraping: served.api.address)
            defer { prometheus.stop() }
            let headers: HTTPHeaders = ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
            #expect(try await served.api.get("/v1/shelfs", headers: headers).status == 200)
            let text = try await served.api.get("/metrics", headers: ["Accept": "application/openmetrics-text;version=1.0.0"])
            #expect(text.headers["Content-Type"] == ["application/openmetrics-text; version=1.0.0; charset=utf-8"])
            let found = text.body.split(separator: "\n").filter { $0.contains("4bf92f3577b34da6a3ce929d0e0e4736") }
            #expect(
                found.contains { $0.hasPrefix("http_server_request_duration_seconds_bucket{") && $0.contains(#"http_route="/v1/shelfs""#) })
            #expect(text.body.hasSuffix("# EOF\n"))
            #expect(try await served.api.get("/metrics").body.contains("trace_id") == false)
            try await prometheus.wait(for: "up == 1")
            while try await !prometheus.exemplars(of: "http_server_request_duration_seconds_bucket").contains(
                "4bf92f3577b34da6a3ce929d0e0e4736")
            {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `are for the token alone, and uncounted`() async throws {
        let outcome = try await Self.with(["OPERATOR_TOKEN": Self.token], limits: "limits: { default: 5/m }\n") { served in
            let absent = try await served.api.get("/nothing")
            for path in ["/metrics", "/health/deps"] {
                for headers in [[:], Self.bearer(Self.token + "x"), Self.bearer("x")] as [HTTPHeaders] {
                    let refused = try await served.api.get(path, headers: headers)
                    #expect(refused.status == 404 && Self.shape(refused) == Self.shape(absent))
                }
                for _ in 0..<10 { #expect(try await served.api.get(path, headers: Self.bearer(Self.token)).status == 200) }
            }
            // Elsewhere it is a token that nobody has.
            #expect(try await served.api.get("/v1/shelfs", headers: Self.bearer(Self.token)).status == 401)
        }
        #expect(outcome.status == 0 && !outcome.output.contains(Self.token))
    }

    /// An answer but for its request's id and time.
    private static func shape(_ answer: APIClient.Answer) -> String {
        let fields = answer.headers.filter { !["x-request-id", "date"].contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }
        return fields.joined(separator: "\n") + answer.body.replacing(/"requestId":"[^"]*"/, with: "")
    }

    @Test func `have a port of their own`() async throws {
        let outcome = try await Self.with(["ADMIN_PORT": "0", "OPERATOR_TOKEN": Self.token, "APP_ENV": "test"]) { served in
            let admin = try #require(served.admin)
            for path in ["/metrics", "/health/deps", "/health", "/livez", "/readyz", "/health/ready"] {
                #expect(try await admin.get(path).status == 200, "\(path)")
                // A token of whatever kind is passed over.
                #expect(try await admin.get(path, headers: Self.bearer("x")).status == 200)
            }
            for path in ["/", "/v1/shelfs", "/openapi.json", "/docs"] { #expect(try await admin.get(path).status == 404) }
            for path in ["/metrics", "/health/deps"] {
                #expect(try await served.api.get(path).status == 404)
                #expect(try await served.api.get(path, headers: Self.bearer(Self.token)).status == 200)
            }
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        let alone = try await Self.with(["ADMIN_PORT": "0"]) { (served) async throws in
            #expect(try await served.admin?.get("/metrics").status == 200)
            #expect(try await served.api.get("/metrics").status == 404)
        }
        #expect(alone.status == 0)
    }

    @Test func `come in clear on their own port, whatever the server speaks`() async throws {
        let folder = try TemporaryFolder()
        _ = try await PostgresServer.onThread { [path = folder.path] in try TestCertificate(in: path) }
        let environment = ["ADMIN_PORT": "0", "TLS_CERT_FILE": "server.crt", "TLS_KEY_FILE": "server.key"]
        let outcome = try await Self.with(environment, in: folder) { (served) async throws in
            #expect(served.api.address.hasPrefix("https://"))
            #expect(try await served.admin?.get("/metrics").status == 200)
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `are nowhere where nobody said so`() async throws {
        _ = try await Self.with(["APP_ENV": "test"]) { (served) async throws in
            for path in ["/metrics", "/health/deps"] { #expect(try await served.api.get(path).status == 404) }
            #expect(try await served.api.get("/readyz?verbose").status == 200)
        }
    }

    @Test func `do not start on a port that is taken, and say which setting it is`() async throws {
        _ = try await Self.with { served in
            let port = try #require(served.api.address.split(separator: ":").last.map(String.init))
            let folder = try TemporaryFolder()
            try folder.write(Self.schema, to: "seaworthy.yaml")
            let taken = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: ["PORT": "0", "ADMIN_PORT": port])
            #expect(taken.status == 1)
            #expect(
                taken.errors.contains(
                    "Something else is listening on 127.0.0.1:\(port) already. Stop it, or choose another port with ADMIN_PORT."))
        }
    }

    @Test func `show the server draining`() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await Self.with(["ADMIN_PORT": "0", "SHUTDOWN_GRACE_PERIOD": "30s"], in: folder) { served in
            let admin = try #require(served.admin)
            let address = try #require(URLComponents(string: served.api.address)?.port)
            // A request that does not end keeps the server from ending.
            let client = try SlowClient(port: address)
            try client.send("POST /v1/shelfs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{")
            try await Task.sleep(for: .milliseconds(300))
            served.process.send(SIGTERM)
            var answer = try await admin.get("/readyz")
            for _ in 0..<500 where answer.status == 200 {
                try await Task.sleep(for: .milliseconds(10))
                answer = try await admin.get("/readyz")
            }
            #expect(answer.status == 503 && answer.body.contains("draining"))
            #expect(try await admin.get("/metrics").status == 200)
            try client.send(#""Width":1}"#)
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(arguments: IdentityServer.Engine.allCases) func `tell of either database`(_ engine: IdentityServer.Engine) async throws {
        try await IdentityServer.with(Self.schema, on: engine) { server in
            let system = engine == .sqlite ? "sqlite" : "postgresql"
            // The pool is told of once a second or so.
            var text = try await server.api.get("/metrics").body
            for _ in 0..<1000 where engine == .postgres && !text.contains("db_client_connections_max{") {
                try await Task.sleep(for: .milliseconds(20))
                text = try await server.api.get("/metrics").body
            }
            #expect(text.contains("db_system_name=\"\(system)\"") && !text.contains("Not described."))
            // SQLite's threads are no pool.
            #expect(text.contains("db_client_connections_max{") == (engine == .postgres))
            #expect(try await Promtool.complaints(of: text) == "")
            let name = engine == .sqlite ? "sqlite:responseTime" : "postgres:responseTime"
            let checks = try await server.api.get("/health/deps")
            #expect(try checks.text("checks.\(name).0.status") == "pass")
            #expect(checks.body.contains("disk:available") == (engine == .sqlite))
        }
    }
}

/// Says nothing more than it is told to.
private final class SlowClient {
    private let descriptor: Int32

    struct Failure: Error {}

    init(port: Int) throws {
        #if canImport(Darwin)
        let kind = SOCK_STREAM
        #else
        let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        descriptor = socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Failure() }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure() }
    }
}
