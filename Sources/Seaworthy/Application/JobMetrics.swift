import Metrics

/// What became of a job that is done over and over.
struct JobMetrics: Sendable {
    private let succeeded: Counter
    private let failed: Counter
    private let duration: Timer
    private let lastSuccess: Gauge

    /// - Parameter job: its name, one of few.
    init(_ job: String, factory: any MetricsFactory = MetricsSystem.factory) {
        func runs(_ outcome: String) -> Counter {
            Counter(label: "jobs_runs_total", dimensions: [("job", job), ("outcome", outcome)], factory: factory)
        }
        succeeded = runs("succeeded")
        failed = runs("failed")
        duration = Timer(label: "jobs_duration_seconds", dimensions: [("job", job)], factory: factory)
        lastSuccess = Gauge(label: "jobs_last_success_timestamp_seconds", dimensions: [("job", job)], factory: factory)
    }

    /// - Parameter run: one run; nil when it was not this server's to do, which is none.
    func measuring<Result>(_ run: () async throws -> Result?) async throws -> Result? {
        let start = ContinuousClock.now
        do {
            guard let result = try await run() else { return nil }
            succeeded.increment()
            duration.recordNanoseconds(Int64((ContinuousClock.now - start) / .nanoseconds(1)))
            lastSuccess.record(WallClock.microseconds() / 1_000_000)
            return result
        } catch {
            if !(error is CancellationError) { failed.increment() }
            throw error
        }
    }
}
