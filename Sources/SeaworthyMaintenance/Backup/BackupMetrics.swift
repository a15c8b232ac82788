import Metrics

/// What is measured of backups, through swift-metrics. Times are seconds since the epoch, so that an alert is on their age.
struct BackupMetrics: Sendable {
    private let lastSuccess: Gauge
    private let lastVerified: Gauge
    private let size: Gauge
    private let duration: Gauge
    private let age: Gauge
    private let failures: [String: Counter]
    private let logLastSuccess: Gauge
    private let logBytes: Counter
    private let logFailures: Counter

    init(_ factory: any MetricsFactory) {
        lastSuccess = Gauge(label: "backup_last_success_timestamp_seconds", factory: factory)
        lastVerified = Gauge(label: "backup_last_verified_timestamp_seconds", factory: factory)
        size = Gauge(label: "backup_last_size_bytes", factory: factory)
        duration = Gauge(label: "backup_last_duration_seconds", factory: factory)
        age = Gauge(label: "backup_age_seconds", factory: factory)
        logLastSuccess = Gauge(label: "backup_log_last_success_timestamp_seconds", factory: factory)
        logBytes = Counter(label: "backup_log_bytes_total", factory: factory)
        logFailures = Counter(label: "backup_log_failures_total", factory: factory)
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

    /// A piece of the log that was read at this time is stored.
    func logStored(bytes: Int, at time: Int64) {
        logLastSuccess.record(Double(time) / 1_000_000)
        logBytes.increment(by: bytes)
    }

    /// A piece could not be stored, or the chain of pieces was broken.
    func logFailed() {
        logFailures.increment()
    }

    func failed(_ operation: String) {
        failures[operation]?.increment()
    }
}
