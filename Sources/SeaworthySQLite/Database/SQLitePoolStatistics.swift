/// What the connections do and did, at one moment.
package struct SQLitePoolStatistics: Sendable, Equatable {
    package struct Side: Sendable, Equatable {
        /// Statements or transactions that wait for a connection.
        package var waiting: Int
        /// Connections at work or on loan to a transaction.
        package var running: Int
        /// Statements and transactions done since the start, whatever came of them.
        package var served: UInt64
        /// How many were refused because too many waited.
        package var refused: UInt64
        /// How many waited too long.
        package var timedOut: UInt64

        init(_ queue: WorkQueue.Statistics) {
            waiting = queue.waiting
            running = queue.running
            served = queue.served
            refused = queue.refused
            timedOut = queue.timedOut
        }
    }

    package var readers: Side
    package var writer: Side
    /// Commits of write transactions since the start: fewer than transactions when some shared one.
    package var commits: UInt64
}
