/// A few threads of low priority that take work in the order in which it comes, and stay.
///
/// A thread for each piece of work would not do: the system gives a new one a whole slice of a processor before others go first, however low its
/// priority is (EEVDF, Linux 6.6), which others then wait for; one that has used up its share gives way at once.
package final class WorkThreads: Sendable {
    package typealias Work = @Sendable () -> Void

    // @unchecked Sendable: all of it is read and written under the monitor.
    private final class Shared: @unchecked Sendable {
        let monitor = Monitor()
        var waiting: [Work] = []
        var idle = 0
        var started = 0
        var isEnded = false

        func run() {
            lowerPriorityOfThread()
            while let work = next() { work() }
        }

        private func next() -> Work? {
            monitor.withLock {
                while waiting.isEmpty, !isEnded {
                    idle += 1
                    monitor.wait()
                    idle -= 1
                }
                return waiting.isEmpty ? nil : waiting.removeFirst()
            }
        }
    }

    private let count: Int
    private let shared = Shared()

    /// - Parameter count: the most threads; each is started when there is work for it.
    package init(count: Int) {
        self.count = max(1, count)
    }

    deinit {
        shared.monitor.withLock {
            shared.isEnded = true
            shared.monitor.broadcast()
        }
    }

    /// How many threads there are.
    package var started: Int { shared.monitor.withLock { shared.started } }

    /// Runs it on one of the threads. Who bounds how much comes also bounds how much waits.
    ///
    /// - Throws: ``StorageError`` `failed` when there is no thread and the system gives none.
    package func run(_ work: @escaping Work) throws {
        try shared.monitor.withLock {
            if shared.waiting.count >= shared.idle, shared.started < count {
                do {
                    // It waits for the monitor, so what it looks for is there.
                    try startThread { [shared] in shared.run() }
                    shared.started += 1
                } catch {
                    guard shared.started > 0 else { throw error }
                }
            }
            shared.waiting.append(work)
            shared.monitor.signal()
        }
    }
}
