/// What a pool's connections do and did, at one moment.
package struct ConnectionPoolStatistics: Sendable, Equatable {
    /// Connections at most.
    package var size = 0
    /// Connections that have something to do.
    package var used = 0
    package var idle = 0
    /// Connections that are being made.
    package var opening = 0
    /// Statements and transactions that wait for a connection.
    package var waiting = 0

    // Since the start.

    package var created: UInt64 = 0
    /// Connections that the pool closed: idle for long, old, or at the end.
    package var closed: UInt64 = 0
    /// Connections that broke, or did not answer in time.
    package var lost: UInt64 = 0
    /// Attempts to connect that failed.
    package var failed: UInt64 = 0
    /// Uses that were refused because too many waited.
    package var refused: UInt64 = 0
    /// Uses that waited too long.
    package var timedOut: UInt64 = 0

    package init() {}
}
