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

    package init(state: HealthState, probes: [HealthProbe]) {
        self.state = state
        self.checks = probes.map(HealthCheck.init)
    }

    package var routes: [Route] {
        [
            Route(.get, "/health", operation: "getHealth", identification: .none, isProbe: true, handler: live),
            Route(.get, "/livez", operation: "getLiveness", identification: .none, isProbe: true, handler: live),
            Route(.get, "/health/ready", operation: "getHealthReady", identification: .none, isProbe: true, handler: ready),
            Route(.get, "/readyz", operation: "getReadiness", identification: .none, isProbe: true, handler: ready),
        ]
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
        let findings = await findings()
        var status = HealthStatus.pass
        for (probe, finding) in findings {
            status = max(status, HealthStatus(probe, finding))
        }
        var body = Array("{\"status\":\"\(status)\"".utf8)
        if isVerbose {
            Self.write(findings, into: &body)
        }
        body.write("}")
        return Self.response(status == .fail ? .serviceUnavailable : .ok, type, ByteBuffer(bytes: body))
    }

    /// All probes at once: the slowest decides how long it takes.
    private func findings() async -> [(HealthProbe, HealthFinding)] {
        await withTaskGroup(of: (Int, HealthFinding).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await check.finding()) }
            }
            var found: [(Int, HealthFinding)] = []
            for await finding in group {
                found.append(finding)
            }
            return found.sorted { $0.0 < $1.0 }.map { (checks[$0.0].probe, $0.1) }
        }
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

    private static func write(_ findings: [(HealthProbe, HealthFinding)], into body: inout [UInt8]) {
        body.write(",\"checks\":{")
        for (index, (probe, finding)) in findings.enumerated() {
            if index > 0 {
                body.write(",")
            }
            body.writeQuoted(probe.name)
            let milliseconds = finding.duration / .milliseconds(1)
            body.writeVerbatim(":[{\"status\":\"\(HealthStatus(probe, finding))\",\"observedValue\":\(milliseconds)")
            body.writeVerbatim(",\"observedUnit\":\"ms\",\"time\":\"\(HTTPDate.rfc3339(milliseconds: finding.time))\"")
            switch finding.outcome {
            case .timedOut: body.write(",\"output\":\"no answer in time\"")
            case .degraded(let output):
                body.write(",\"output\":")
                body.writeQuoted(output)
            case .passed, .failed: break
            }
            body.write("}]")
        }
        body.write("}")
    }

    /// A client that asks for JSON gets the same under JSON's own name.
    private static let types: [MediaType] = [.health, .json]

    private static func response(_ status: HTTPResponse.Status, _ type: MediaType, _ body: ByteBuffer) -> Response {
        var fields: HTTPFields = [.contentType: type.fieldValue, .cacheControl: "no-store", .vary: "Accept"]
        if status == .serviceUnavailable {
            fields[.retryAfter] = "1"
        }
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }
}

/// How one check, or all of them, came out; the worse the larger.
enum HealthStatus: String, Comparable, CustomStringConvertible {
    case pass
    case warn
    case fail

    init(_ probe: HealthProbe, _ finding: HealthFinding) {
        self =
            switch finding.outcome {
            case .passed: .pass
            case .degraded: .warn
            case .failed, .timedOut: probe.isRequired ? .fail : .warn
            }
    }

    var description: String { rawValue }

    private var rank: Int {
        switch self {
        case .pass: 0
        case .warn: 1
        case .fail: 2
        }
    }

    static func < (left: HealthStatus, right: HealthStatus) -> Bool {
        left.rank < right.rank
    }
}
