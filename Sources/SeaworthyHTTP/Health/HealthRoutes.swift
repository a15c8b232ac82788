import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthySchema

/// The routes by which orchestrators learn how the server is: `application/health+json` (draft-inadarei-api-health-check).
///
/// Liveness asks nothing but whether requests are answered: a server must not be restarted because its database is away. Readiness
/// asks every probe.
package struct HealthRoutes: Sendable {
    private let state: HealthState
    private let checks: [HealthCheck]
    private let resources: [HealthCheck]
    private let version: String?

    /// - Parameters:
    ///   - probes: what readiness depends on.
    ///   - resources: what the server lives from, such as the disk: told of with the others, and nothing that readiness asks.
    ///   - version: of the server, for operators.
    package init(state: HealthState, probes: [HealthProbe], resources: [HealthProbe] = [], version: String? = nil) {
        self.state = state
        self.checks = probes.map(HealthCheck.init)
        self.resources = resources.map(HealthCheck.init)
        self.version = version
    }

    package var routes: [Route] {
        [
            Route(.get, "/health", operation: "getHealth", identification: .none, isProbe: true, handler: live),
            Route(.get, "/livez", operation: "getLiveness", identification: .none, isProbe: true, handler: live),
            Route(.get, "/health/ready", operation: "getHealthReady", identification: .none, isProbe: true, handler: ready),
            Route(.get, "/readyz", operation: "getReadiness", identification: .none, isProbe: true, handler: ready),
        ]
    }

    /// `/health/deps`, for operators alone: every check, with what it found.
    var dependencies: Route {
        Route(.get, "/health/deps", operation: "getHealthDependencies", identification: .none, isProbe: true, handler: dependencies)
    }

    @Sendable private func live(_ exchange: HTTPExchange) async throws -> Response {
        if let item = try exchange.queryItems().first {
            throw Problem.unknownParameter(item.name)
        }
        return Self.response(.ok, try exchange.negotiated(Self.types), ByteBuffer(string: "{\"status\":\"pass\"}"))
    }

    @Sendable private func ready(_ exchange: HTTPExchange) async throws -> Response {
        let isVerbose = try Self.isVerbose(exchange)
        let type = try exchange.negotiated(Self.types)
        let phase = state.phase
        guard phase == .ready else {
            return Self.response(.serviceUnavailable, type, ByteBuffer(string: "{\"status\":\"fail\",\"output\":\"\(phase.rawValue)\"}"))
        }
        let report = await HealthReport(of: checks)
        var body = Array("{\"status\":\"\(report.status)\"".utf8)
        if isVerbose {
            body.write(",")
            report.write(into: &body)
        }
        body.write("}")
        return Self.response(report.status, type, body)
    }

    /// Also while the server starts or drains: what it depends on is as it is.
    @Sendable private func dependencies(_ exchange: HTTPExchange) async throws -> Response {
        if let item = try exchange.queryItems().first {
            throw Problem.unknownParameter(item.name)
        }
        let type = try exchange.negotiated(Self.types)
        let report = await HealthReport(of: checks + resources)
        var body = Array("{\"status\":\"\(report.status)\",".utf8)
        if let version {
            body.write("\"version\":")
            body.writeQuoted(version)
            body.write(",")
        }
        report.write(into: &body)
        body.write("}")
        return Self.response(report.status, type, body)
    }

    private static func isVerbose(_ exchange: HTTPExchange) throws(Problem) -> Bool {
        var isVerbose = false
        for item in try exchange.queryItems() {
            guard item.name == "verbose" else { throw .unknownParameter(item.name) }
            switch item.value {
            case "", "true", "1": isVerbose = true
            case "false", "0": isVerbose = false
            default:
                throw .badParameter("verbose", code: .badRequest, detail: "The parameter \"verbose\" is true or false.")
            }
        }
        return isVerbose
    }

    /// A client that asks for JSON gets the same under JSON's own name.
    private static let types: [MediaType] = [.health, .json]

    private static func response(_ status: HealthStatus, _ type: MediaType, _ body: [UInt8]) -> Response {
        response(status == .fail ? .serviceUnavailable : .ok, type, ByteBuffer(bytes: body))
    }

    private static func response(_ status: HTTPResponse.Status, _ type: MediaType, _ body: ByteBuffer) -> Response {
        var fields: HTTPFields = [.contentType: type.fieldValue, .cacheControl: "no-store", .vary: "Accept"]
        if status == .serviceUnavailable {
            fields[.retryAfter] = "1"
        }
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }
}
