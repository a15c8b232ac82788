import Metrics
import NIOCore
import NIOPosix
import SeaworthyHTTP
import SeaworthyStorage
import ServiceLifecycle
import Synchronization

/// Measures how long a task waits for each event loop, twice a second: on them requests are read, answered and written.
final class EventLoopWatch: Service {
    private static let interval: Duration = .milliseconds(500)
    /// A longer wait is a warning.
    static let bound: Duration = .milliseconds(500)

    private let loops: [any EventLoop]
    private let lags: Mutex<[EventLoopLag]>
    private let gauge: Gauge

    init(loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, metrics: any MetricsFactory = MetricsSystem.factory) {
        self.loops = Array(loops.makeIterator())
        lags = Mutex(Array(repeating: EventLoopLag(), count: self.loops.count))
        gauge = Gauge(label: "event_loop_lag_seconds", dimensions: [], factory: metrics)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                look()
                gauge.record(longest / .seconds(1))
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    func look() {
        for (index, loop) in loops.enumerated() {
            guard lags.withLock({ $0[index].begin(at: Deadline.now.nanoseconds) }) else { continue }
            loop.execute { [self] in lags.withLock { $0[index].ran(at: Deadline.now.nanoseconds) } }
        }
    }

    /// Of the loop that was held up longest, within the last seconds.
    var longest: Duration {
        let longest = lags.withLock { lags in
            // Within the lock: what was begun meanwhile would lie ahead of it.
            let now = Deadline.now.nanoseconds
            return lags.indices.reduce(into: UInt64(0)) { $0 = max($0, lags[$1].longest(at: now)) }
        }
        return .nanoseconds(Int64(clamping: longest))
    }

    var probe: HealthProbe {
        .observing("eventLoop:lag") { [self] in
            let lag = longest
            let isLong = lag > Self.bound
            return [
                HealthObservation(
                    "eventLoop:lag", isLong ? .warn : .pass, value: .number(lag / .milliseconds(1)), unit: "ms",
                    output: isLong ? "requests wait for a processor" : nil)
            ]
        }
    }
}
