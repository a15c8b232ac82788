import Synchronization

/// Tells an observer of statements that take long, with the plan where it may be asked for.
package final class SlowStatementWatch: Sendable {
    package typealias Observer = @Sendable (SlowStatement) -> Void

    /// From how many nanoseconds on a statement is slow.
    private let threshold: UInt64
    private let observer: Observer
    private let explain: @Sendable (String) async -> String?
    private let limit = Mutex(PlanLimit())

    /// - Parameters:
    ///   - explain: gives the plan of a statement without running it; its own time is bounded.
    package init(threshold: Duration, observer: @escaping Observer, explain: @escaping @Sendable (String) async -> String?) {
        self.threshold = threshold.nanoseconds
        self.observer = observer
        self.explain = explain
    }

    /// Never waits: whoever runs statements has others to run.
    package func ran(_ sql: String, nanoseconds: UInt64, rows: Int, error: (any Error)?) {
        guard nanoseconds >= threshold else { return }
        let statement = SlowStatement(
            sql: sql, duration: .nanoseconds(Int64(clamping: nanoseconds)), rows: error == nil ? rows : 0,
            error: (error as? StorageError)?.code)
        let isExplained = limit.withLock { $0.begins(sql, at: Deadline.now.nanoseconds) }
        Task { [observer, explain, statement] in
            var statement = statement
            if isExplained {
                statement.plan = await explain(sql)
                self.limit.withLock { $0.ended() }
            }
            observer(statement)
        }
    }
}
