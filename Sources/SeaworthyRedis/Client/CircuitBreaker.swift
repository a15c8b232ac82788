/// Decides when a server that fails is no longer asked: a request must not wait for what is not going to answer, and a server in trouble must
/// not get more of it. It opens by what commands tell, and closes only when a probe says that all is well.
struct CircuitBreaker: Sendable, Equatable {
    /// So many failures one behind another open it.
    static let consecutiveFailures = 5
    /// So many among the last 64 open it.
    static let failures = 32

    private(set) var isOpen = false
    /// How the last 64 commands ended, the newest in the lowest bit; 1 is a failure.
    private var history: UInt64 = 0

    init() {}

    /// A command ended.
    ///
    /// - Returns: whether the breaker has opened by it.
    mutating func record(failed: Bool) -> Bool {
        history = history << 1 | (failed ? 1 : 0)
        guard failed, !isOpen else { return false }
        let recent: UInt64 = (1 << Self.consecutiveFailures) - 1
        guard history & recent == recent || history.nonzeroBitCount >= Self.failures else { return false }
        isOpen = true
        return true
    }

    /// A probe found that all is well.
    mutating func close() {
        self = CircuitBreaker()
    }
}
