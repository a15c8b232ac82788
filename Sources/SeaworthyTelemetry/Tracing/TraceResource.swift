/// Whose spans they are: sent along with every batch. <https://opentelemetry.io/docs/specs/semconv/resource/>
package struct TraceResource: Sendable, Equatable {
    /// By name, in order.
    let attributes: [(name: String, value: String)]
    /// The server's version, of what makes the spans.
    let version: String

    /// - Parameters:
    ///   - service: `service.name`.
    ///   - version: of the server.
    ///   - instance: tells this process from others of the service.
    ///   - further: from whoever runs it; these win, but for the name of the service.
    package init(service: String, version: String, instance: String, environment: String, further: [String: String] = [:]) {
        var all = [
            "service.version": version, "service.instance.id": instance, "deployment.environment.name": environment,
            "telemetry.sdk.name": "seaworthy", "telemetry.sdk.language": "swift", "telemetry.sdk.version": version,
        ]
        all.merge(further) { _, given in given }
        all["service.name"] = service
        attributes = all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        self.version = version
    }

    package static func == (left: TraceResource, right: TraceResource) -> Bool {
        left.version == right.version && left.attributes.elementsEqual(right.attributes) { $0 == $1 }
    }
}
