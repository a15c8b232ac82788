import SeaworthyTelemetry
import Synchronization

/// How much of the machine's processors this process had since it was last asked, or since it was made.
final class ProcessorShare: Sendable {
    private let last: Mutex<(processorSeconds: Double, at: ContinuousClock.Instant)>

    /// - Parameter processorSeconds: what the process has had so far.
    init(_ processorSeconds: Double, at now: ContinuousClock.Instant = .now) {
        last = Mutex((processorSeconds, now))
    }

    /// From 0 to 100, of all processors together.
    func percent(
        _ processorSeconds: Double, processors: Int = ProcessReading.processorCount, at now: ContinuousClock.Instant = .now
    ) -> Double {
        last.withLock { last in
            let elapsed = (now - last.at) / .seconds(1)
            let used = processorSeconds - last.processorSeconds
            last = (processorSeconds, now)
            guard elapsed > 0 else { return 0 }
            return min(100, max(0, used / elapsed / Double(processors) * 100))
        }
    }
}
