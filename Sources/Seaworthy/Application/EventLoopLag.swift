/// How long tasks waited for their event loop, the longest of the last few seconds. Without a clock of its own.
struct EventLoopLag: Sendable {
    /// What is told is the longest of this time and of up to twice it, in nanoseconds.
    static let window: UInt64 = 5_000_000_000

    private var current: (start: UInt64, longest: UInt64) = (0, 0)
    private var previous: UInt64 = 0
    /// When the task was handed in that has not run yet.
    private var waitingSince: UInt64?

    /// Hands in a task, unless one still waits: a loop that is held up has nothing piled up behind it.
    ///
    /// - Returns: whether to.
    mutating func begin(at now: UInt64) -> Bool {
        guard waitingSince == nil else { return false }
        waitingSince = now
        return true
    }

    /// The task runs.
    mutating func ran(at now: UInt64) {
        guard let since = waitingSince else { return }
        waitingSince = nil
        turn(at: now)
        current.longest = max(current.longest, now &- since)
    }

    /// In nanoseconds, with what is still waited for.
    mutating func longest(at now: UInt64) -> UInt64 {
        turn(at: now)
        return max(previous, current.longest, waitingSince.map { now &- $0 } ?? 0)
    }

    private mutating func turn(at now: UInt64) {
        let age = now &- current.start
        guard age >= Self.window else { return }
        previous = age < 2 * Self.window ? current.longest : 0
        current = (now, 0)
    }
}
