import SeaworthyStorage
import Synchronization

/// The bounded queue between tasks that ask and the threads that answer: first come, first served.
// @unchecked Sendable: every `var` below is guarded by `monitor`.
final class WorkQueue: @unchecked Sendable {
    struct Statistics: Sendable, Equatable {
        var waiting = 0
        var running = 0
        var served: UInt64 = 0
        var refused: UInt64 = 0
        var timedOut: UInt64 = 0
    }

    private let monitor = Monitor()
    private let limit: Int
    /// How long a job may wait; nil is for ever.
    private let timeout: Duration?
    private let watchdog: PoolWatchdog?

    private var waiting = WaitingJobs()
    /// What new jobs are refused with, once they are.
    private var refusal: (any Error)?
    private var hasEnded = false
    private var sleepers = 0
    /// A sleeper was signalled and has not come yet. It signals the next one itself, so that a burst costs one system call at a time.
    private var isWaking = false
    /// The watchdog looks here until it finds nothing waiting.
    private var isWatched = false
    private var statisticsSoFar = Statistics()

    init(limit: Int, timeout: Duration? = nil, watchdog: PoolWatchdog? = nil) {
        self.limit = limit
        self.timeout = timeout
        self.watchdog = watchdog
    }

    var statistics: Statistics {
        monitor.withLock {
            var statistics = statisticsSoFar
            statistics.waiting = waiting.count
            return statistics
        }
    }

    // MARK: Tasks

    /// Queues a job, or fails it at once. A job `ahead` is the next to run and is never refused for the queue's length.
    func submit(_ job: Job, ahead: Bool = false) {
        monitor.lock()
        if let error = reasonToRefuse(job, ahead: ahead) {
            monitor.unlock()
            return job.fail(error)
        }
        if ahead { waiting.prepend(job) } else { waiting.append(job) }
        var needsWatching = false
        if timeout != nil {
            job.submittedAt = .now
            needsWatching = !isWatched
            isWatched = true
        }
        let wakes = sleepers > 0 && !isWaking
        if wakes { isWaking = true }
        monitor.unlock()
        if wakes { monitor.signal() }
        if needsWatching { watchdog?.wake() }
    }

    private func reasonToRefuse(_ job: Job, ahead: Bool) -> (any Error)? {
        if job.isCancelled.load(ordering: .relaxed) { return CancellationError() }
        if let refusal { return refusal }
        if !ahead, waiting.count >= limit {
            statisticsSoFar.refused += 1
            return StorageError(.queueFull, message: "\(limit) statements wait already")
        }
        return nil
    }

    /// Takes a waiting job out and fails it; a running one finds out by itself.
    func cancel(_ job: Job) {
        job.isCancelled.store(true, ordering: .relaxed)
        if monitor.withLock({ waiting.remove(job) }) {
            job.fail(CancellationError())
        }
    }

    // MARK: Threads

    enum Next {
        case job(Job)
        case timedOut
        case ended
    }

    /// Waits for the next job. After ``end()`` the jobs still waiting come first.
    ///
    /// - Parameters:
    ///   - finished: whether the thread has just run a job of this queue.
    ///   - deadline: how long to wait at most.
    func next(finished: Bool, until deadline: Deadline? = nil) -> Next {
        monitor.lock()
        defer { monitor.unlock() }
        if finished { countFinished() }
        while true {
            if let job = takeFirst() { return .job(job) }
            if hasEnded { return .ended }
            sleepers += 1
            if let deadline {
                if deadline.isPast {
                    sleepers -= 1
                    return .timedOut
                }
                monitor.wait(until: deadline)
            } else {
                monitor.wait()
            }
            sleepers -= 1
            isWaking = false
        }
    }

    /// The next job, when one waits already: for a thread that has just run one and otherwise has something else to do first.
    func nextWaiting() -> Job? {
        monitor.withLock {
            guard let job = takeFirst() else { return nil }
            countFinished()
            return job
        }
    }

    private func takeFirst() -> Job? {
        guard let job = waiting.popFirst() else { return nil }
        statisticsSoFar.running += 1
        if sleepers > 0, !isWaking, !waiting.isEmpty {
            isWaking = true
            monitor.signal()
        }
        return job
    }

    private func countFinished() {
        statisticsSoFar.running -= 1
        statisticsSoFar.served += 1
    }

    // MARK: Ending

    /// Refuses what comes from now on, and what waits, with an error. What runs goes on.
    func refuse(with error: any Error) {
        let jobs = monitor.withLock {
            refusal = refusal ?? error
            return waiting.removeAll()
        }
        for job in jobs { job.fail(error) }
    }

    /// Lets the threads go once nothing waits.
    func end() {
        monitor.withLock { hasEnded = true }
        monitor.broadcast()
    }

    /// Fails what has waited too long.
    ///
    /// - Returns: false when nothing waits and the queue need not be watched until the next job comes.
    func expire() -> Bool {
        guard let timeout else { return false }
        var expired: [Job] = []
        let goesOn = monitor.withLock {
            // A probe runs ahead, so a job behind it may be older; it is found as soon as the probe is gone.
            while let job = waiting.first, job.submittedAt.advanced(by: timeout).isPast, let job = waiting.popFirst() {
                expired.append(job)
            }
            statisticsSoFar.timedOut += UInt64(expired.count)
            isWatched = !waiting.isEmpty
            return isWatched
        }
        for job in expired {
            job.fail(StorageError(.poolTimeout, message: "no connection came free within \(timeout)"))
        }
        return goesOn
    }
}
