/// Why something was not exported: the label `reason` of `telemetry_dropped_total`.
package enum ExportLoss: String, Sendable, CaseIterable {
    /// As much waits as there may, because the receiver is slow or away.
    case queueFull = "queue_full"
    /// The receiver does not want it.
    case refused
    /// The receiver did not answer, or had a fault, as often as it was tried.
    case unreachable
    /// The receiver asked for less.
    case rateLimited = "rate_limited"
    /// The server ended before it could be sent.
    case shutdown
}
