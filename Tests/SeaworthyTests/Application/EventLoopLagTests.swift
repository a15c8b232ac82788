import Foundation
import MetricsTestKit
import NIOCore
import NIOPosix
import Testing

@testable import Seaworthy
@testable import SeaworthyHTTP

@Suite struct `How long event loops keep tasks waiting` {
    @Test func `the longest of the last five to ten seconds is told`() {
        let second: UInt64 = 1_000_000_000
        var lag = EventLoopLag()
        func begin(_ now: UInt64) -> Bool { lag.begin(at: now) }
        func longest(_ now: UInt64) -> UInt64 { lag.longest(at: now) }
        #expect(longest(100 * second) == 0)
        #expect(begin(100 * second))
        // One that still waits is told, and nothing is piled up behind it.
        #expect(longest(103 * second) == 3 * second)
        #expect(!begin(103 * second))
        lag.ran(at: 104 * second)
        #expect(longest(104 * second) == 4 * second)
        #expect(begin(105 * second))
        lag.ran(at: 105 * second + 7)
        #expect(longest(108 * second) == 4 * second)
        // Its window has ended, and is the last but one for as long again.
        #expect(longest(109 * second) == 4 * second)
        #expect(begin(110 * second))
        lag.ran(at: 110 * second + 9)
        #expect(longest(113 * second) == 9)
        #expect(longest(130 * second) == 0)
        // What nobody handed in tells nothing.
        lag.ran(at: 140 * second)
        #expect(longest(140 * second) == 0)
    }

    @Test func `a loop that is held up is told of, and by itself is well again`() async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let metrics = TestMetrics()
        let watch = EventLoopWatch(loops: loops, metrics: metrics)
        func status() async throws -> (HealthStatus?, String?, String?) {
            let found = try await watch.probe.observe().first
            return (found?.status, found?.unit, found?.output)
        }
        #expect(try await status() == (.pass, "ms", nil))
        let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        loops.next().execute {
            held.signal()
            release.wait()
        }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                held.wait()
                continuation.resume()
            }
        }
        watch.look()
        while watch.longest <= EventLoopWatch.bound { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await status() == (.warn, "ms", "requests wait for a processor"))
        release.signal()
        let running = Task { try await watch.run() }
        while try metrics.expectGauge("event_loop_lag_seconds").lastValue ?? 0 < 0.5 { try await Task.sleep(for: .milliseconds(5)) }
        running.cancel()
        try await running.value
        try await loops.shutdownGracefully()
    }
}
