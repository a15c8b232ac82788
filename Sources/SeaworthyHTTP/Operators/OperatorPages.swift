import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData

/// The pages of those who run the server: `/metrics` and `/health/deps`. Neither is in `/openapi.json`, which everybody reads.
package struct OperatorPages: Sendable {
    private let health: HealthRoutes
    private let contentType: String
    private let render: @Sendable () async throws -> [UInt8]

    /// - Parameters:
    ///   - health: whose probes `/health/deps` tells of.
    ///   - contentType: of what is rendered.
    ///   - render: the text of `/metrics`.
    package init(health: HealthRoutes, contentType: String, render: @escaping @Sendable () async throws -> [UInt8]) {
        self.health = health
        self.contentType = contentType
        self.render = render
    }

    package var routes: [Route] {
        [
            Route(.get, "/metrics", operation: "getMetrics", identification: .none, isProbe: true, handler: metrics),
            health.dependencies,
        ]
    }

    /// What the port for operators answers: their pages and the probes, to everyone who reaches it.
    package func portTable() throws(RouteTable.Failure) -> RouteTable {
        try RouteTable(health.routes + routes)
    }

    /// Prometheus' text whatever is asked for: who scrapes takes what it gets, and reads the type.
    @Sendable private func metrics(_ exchange: HTTPExchange) async throws -> Response {
        if let item = try exchange.queryItems().first { throw Problem.unknownParameter(item.name) }
        return Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try await render())))
    }
}
