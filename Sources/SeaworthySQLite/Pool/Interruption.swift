import SeaworthyStorage
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Tells a running statement that it has to stop.
///
/// SQLite asks by its progress handler, on the connection's own thread, so an interruption can only ever meet the statement it is
/// meant for; `sqlite3_interrupt` from another thread could hit the next one. <https://sqlite.org/c3ref/progress_handler.html>
final class Interruption {
    enum Reason {
        case cancelled
        case timedOut
    }

    /// Virtual machine instructions between two looks: some microseconds.
    static let instructions: Int32 = 1_000

    private let statementTimeout: Duration
    private let busyTimeout: Duration
    private var job: Job?
    private var deadline: Deadline?
    private var busyDeadline: Deadline?
    private(set) var reason: Reason?
    /// The statement that runs is a write whose interruption would take complete transactions of others with it: SQLite rolls back the
    /// whole transaction, not the savepoint. Cancelled, it runs on to its end or its timeout, and only then is taken back.
    var sparesOthers = false

    init(statementTimeout: Duration, busyTimeout: Duration) {
        self.statementTimeout = statementTimeout
        self.busyTimeout = busyTimeout
    }

    /// - Parameter isUnlimited: whether the job may take as long as it needs.
    func begin(_ job: Job, isUnlimited: Bool = false) {
        self.job = job
        deadline = isUnlimited ? Deadline(nanoseconds: .max) : nil
        reason = nil
        sparesOthers = false
    }

    func end() {
        job = nil
    }

    /// For a statement that runs.
    func shouldStop() -> Bool {
        shouldStop(evenForOthers: !sparesOthers)
    }

    /// For the time between two statements, or two rows of a batch, when stopping takes nothing back.
    func shouldStopBetween() -> Bool {
        shouldStop(evenForOthers: true)
    }

    private func shouldStop(evenForOthers: Bool) -> Bool {
        // What runs without a job (opening, a rollback nobody waits for) is never stopped.
        guard let job else { return false }
        if evenForOthers, job.isCancelled.load(ordering: .relaxed) {
            reason = .cancelled
            return true
        }
        // Set at the first look instead of at the start: most statements end before it and need no clock.
        guard let deadline else {
            self.deadline = Deadline(after: statementTimeout)
            return false
        }
        if deadline.isPast {
            reason = .timedOut
            return true
        }
        return false
    }

    /// Waits a little for another process's lock; false when it has waited long enough.
    func waitsForLock(attempt: Int32) -> Bool {
        if attempt == 0 { busyDeadline = Deadline(after: busyTimeout) }
        if shouldStop() || busyDeadline?.isPast ?? true { return false }
        // 1, 2, 4 … 32 ms.
        usleep(1_000 << UInt32(min(max(attempt, 0), 5)))
        return true
    }
}
