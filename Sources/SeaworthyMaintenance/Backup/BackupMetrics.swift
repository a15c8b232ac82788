import Metrics

/// What is measured of backups, through swift-metrics. Times are seconds since the epoch, so that an alert is on their age.
struct BackupMetrics: Sendable {
    private let lastSuccess: Gauge
    private let lastVerified: Gauge
    private let size: Gauge
    private let duration: Gauge
    private let age: Gauge
    private let failures: [String: Counter]

    init(_ factory: any MetricsFactory) {
        lastSuccess = Gauge(label: "backup_last_success_timestamp_seconds", factory: factory)
        lastVerified = Gauge(label: "backup_last_verified_timestamp_seconds", factory: factory)
        size = Gauge(label: "backup_last_size_bytes", factory: factory)
        duration = Gauge(label: "backup_last_duration_seconds", factory: factory)
        age = Gauge(label: "backup_age_seconds", factory: factory)
        failures = Dictionary(
            uniqueKeysWithValues: ["create", "verify", "prune"].map {
                ($0, Counter(label: "backup_failures_total", dimensions: [("operation", $0)], factory: factory))
            })
    }

    func succeeded(_ manifest: BackupManifest) {
        lastSuccess.record(Double(manifest.time) / 1_000_000)
        size.record(manifest.storedBytes)
        duration.record(Double(manifest.duration) / 1000)
    }

    func verified(at time: Int64) {
        lastVerified.record(Double(time) / 1_000_000)
    }

    func recordAge(_ microseconds: Int64) {
        age.record(Double(microseconds) / 1_000_000)
    }

    func failed(_ operation: String) {
        failures[operation]?.increment()
    }
}
