/// How what is measured is written for who scrapes it.
package enum MetricsFormat: Sendable {
    /// Prometheus' text. <https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md>
    case prometheus
    /// With the trace of one of the values in each bucket. <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    case openMetrics

    /// The value of `Content-Type`.
    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }
}
