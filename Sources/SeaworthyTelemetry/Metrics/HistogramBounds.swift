/// The buckets of histograms, by what they measure, which a metric's name ends in.
enum HistogramBounds {
    /// Seconds: the advice of OpenTelemetry for requests, from 5 ms to 10 s, and below it 50 µs to 2.5 ms, where most statements of SQLite are.
    /// <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>
    static let seconds = [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]
    /// Seconds of requests: the same with fewer, since there is a histogram for each route and status.
    static let requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Bytes: from 256 to 1 GiB, four times as much each.
    static let bytes: [Double] = (4...15).map { Double(UInt64(1) << (2 * UInt64($0))) }
    /// Anything else: OpenTelemetry's own.
    static let others: [Double] = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000]

    static func of(_ name: String) -> [Double] {
        if name == "http_server_request_duration_seconds" { return requestSeconds }
        if name.hasSuffix("_seconds") { return seconds }
        return name.hasSuffix("_bytes") ? bytes : others
    }
}
