import Synchronization

/// How long a statement waited for a connection, told by the driver to the span of the statement.
package final class PoolWait: Sendable {
    /// Bound where a statement is traced; a driver takes it along with the statement, whose thread is another.
    @TaskLocal package static var current: PoolWait?

    private let start = Deadline.now.nanoseconds
    private let nanoseconds = Atomic<UInt64>(.max)

    package init() {}

    /// The statement has its connection. The first call counts.
    package func end() {
        let waited = Deadline.now.nanoseconds &- start
        _ = nanoseconds.compareExchange(expected: .max, desired: waited, ordering: .relaxed)
    }

    /// Nil where it never had one.
    package var milliseconds: Double? {
        let waited = nanoseconds.load(ordering: .relaxed)
        return waited == .max ? nil : Double(waited) / 1_000_000
    }
}
