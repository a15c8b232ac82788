import CSQLite
import SeaworthyStorage

/// Fails jobs that wait too long while every connection's thread is at work. Sleeps without a timer while nothing waits.
// @unchecked Sendable: every `var` below is guarded by `monitor`.
final class PoolWatchdog: @unchecked Sendable {
    private let monitor = Monitor()
    private let tick: Duration
    private var queues: [WorkQueue] = []
    private var isAwake = false
    private var hasEnded = false

    /// - Parameter timeout: what the queues allow. A job is failed at most a twentieth of it too late (at least 1 ms, at most 250 ms).
    init(timeout: Duration) {
        tick = min(max(timeout / 20, .milliseconds(1)), .milliseconds(250))
    }

    func start(watching queues: [WorkQueue]) throws(StorageError) {
        monitor.withLock { self.queues = queues }
        try startThread {
            _ = seaworthy_sqlite_name_thread("sqlite-watchdog")
            self.watch()
        }
    }

    func wake() {
        monitor.withLock { isAwake = true }
        monitor.signal()
    }

    func end() {
        monitor.withLock {
            hasEnded = true
            queues = []
        }
        monitor.signal()
    }

    private func watch() {
        monitor.lock()
        while !hasEnded {
            guard isAwake else {
                monitor.wait()
                continue
            }
            // First the wait: a queue that is empty at every look would otherwise wake this thread for every job.
            monitor.wait(until: Deadline(after: tick))
            // Cleared before the queues are asked: a queue that wakes the watchdog afterwards is not forgotten.
            isAwake = false
            let queues = queues
            monitor.unlock()
            let goesOn = queues.map { $0.expire() }.contains(true)
            monitor.lock()
            if goesOn { isAwake = true }
        }
        monitor.unlock()
    }
}
