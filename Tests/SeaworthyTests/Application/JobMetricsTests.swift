import MetricsTestKit
import Testing

@testable import Seaworthy

@Suite struct `What is measured of jobs` {
    private struct Broken: Error {}

    private let metrics = TestMetrics()

    private func runs(_ outcome: String) throws -> Int64 {
        try metrics.expectCounter("jobs_runs_total", [("job", "history"), ("outcome", outcome)]).totalValue
    }

    @Test func `a run that ended well is counted, timed and dated; one that failed is counted`() async throws {
        let job = JobMetrics("history", factory: metrics)
        let before = WallClock.microseconds() / 1_000_000
        #expect(try await job.measuring { 7 } == 7)
        await #expect(throws: Broken.self) { try await job.measuring { () -> Int? in throw Broken() } }
        #expect(try runs("succeeded") == 1 && runs("failed") == 1)
        #expect(try metrics.expectTimer("jobs_duration_seconds", [("job", "history")]).values.count == 1)
        let last = try metrics.expectGauge("jobs_last_success_timestamp_seconds", [("job", "history")]).lastValue
        #expect(try #require(last) >= Double(before))
    }

    @Test func `one that is another server's is none, and one that is cancelled has not failed`() async throws {
        let job = JobMetrics("history", factory: metrics)
        #expect(try await job.measuring { () -> Int? in nil } == nil)
        await #expect(throws: CancellationError.self) { try await job.measuring { () -> Int? in throw CancellationError() } }
        #expect(try runs("succeeded") == 0 && runs("failed") == 0)
        #expect(try metrics.expectTimer("jobs_duration_seconds", [("job", "history")]).values.isEmpty)
    }
}
