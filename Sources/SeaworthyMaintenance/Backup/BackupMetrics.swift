import Metrics

/// What is measured of backups, through swift-metrics. Times are seconds since the epoch, so that an alert is on their age.
struct BackupMetrics: Sendable {
    private let lastSuccess = Gauge(label: "backup_last_success_timestamp_seconds")
    private let lastVerified = Gauge(label: "backup_last_verified_timestamp_seconds")
    private let size = Gauge(label: "backup_last_size_bytes")
    private let duration = Gauge(label: "backup_last_duration_seconds")
    private let age = Gauge(label: "backup_age_seconds")
    private let failures: [String: Counter]

    init() {
        failures = Dictionary(
            uniqueKeysWithValues: ["create", "verify", "prune"].map {
                ($0, Counter(label: "backup_failures_total", dimensions: [("operation", $0)]))
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
