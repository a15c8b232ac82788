import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData

/// The pages of those who run the server: `/metrics` and `/health/deps`. Neither is in `/openapi.json`, which everybody reads.
package struct OperatorPages: Sendable {
    private let health: HealthRoutes
    /// What is measured, as text.
    package struct Metrics: Sendable {
        let contentType: String
        let text: [UInt8]

        package init(contentType: String, text: [UInt8]) {
            self.contentType = contentType
            self.text = text
        }
    }

    /// The type that a client has to ask for by its name.
    private static let openMetrics = "application/openmetrics-text"

    private let render: @Sendable (_ asOpenMetrics: Bool) async throws -> Metrics

    /// - Parameters:
    ///   - health: whose probes `/health/deps` tells of.
    ///   - render: the text of `/metrics`, in OpenMetrics where that is asked for.
    package init(health: HealthRoutes, render: @escaping @Sendable (_ asOpenMetrics: Bool) async throws -> Metrics) {
        self.health = health
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

    /// Prometheus' text, unless OpenMetrics is asked for: who scrapes takes what it gets, and reads the type.
    @Sendable private func metrics(_ exchange: HTTPExchange) async throws -> Response {
        if let item = try exchange.queryItems().first { throw Problem.unknownParameter(item.name) }
        let metrics = try await render(Self.prefersOpenMetrics(exchange))
        return Response(
            status: .ok, headers: [.contentType: metrics.contentType, .cacheControl: "no-store", .vary: "Accept"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: metrics.text)))
    }

    private static func prefersOpenMetrics(_ exchange: HTTPExchange) -> Bool {
        let accepted = QualityList(exchange.header("accept") ?? "").elements
        /// Nil where it is not named.
        func weight(_ name: String, _ version: String) -> Int? {
            accepted.filter { element in
                element.name == name && element.parameters.allSatisfy { $0.name != "version" || $0.value == version }
            }.map(\.weight).max()
        }
        guard let wanted = weight(openMetrics, "1.0.0"), wanted > 0 else { return false }
        return wanted >= weight("text/plain", "0.0.4") ?? 0
    }
}
