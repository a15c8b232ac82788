import NIOCore

/// How long a connection may still wait for bytes to move at its client's pace.
///
/// A bucket of time: waiting empties it, bytes that move fill it again at the least rate, and it never holds more than the stall time.
/// So nobody may stand still for longer than that, and nobody may be slower than the rate for long, however evenly he drips.
struct TransferAllowance {
    private let full: Int64
    private let nanosecondsPerByte: Int64
    private var left: Int64
    private var wait: (start: NIODeadline, credit: Int64)?

    /// - Parameters:
    ///   - stall: What the bucket holds.
    ///   - bytesPerSecond: The least rate.
    init(stall: TimeAmount, bytesPerSecond: Int) {
        full = stall.nanoseconds
        nanosecondsPerByte = 1_000_000_000 / Int64(max(1, bytesPerSecond))
        left = full
    }

    /// Full again: another request begins.
    mutating func refill() {
        left = full
        wait = nil
    }

    /// A wait begins, at whose end `bytes` will have moved.
    ///
    /// - Returns: When it has lasted too long.
    mutating func begin(at start: NIODeadline, for bytes: Int) -> NIODeadline {
        let credit = Int64(bytes) * nanosecondsPerByte
        wait = (start, credit)
        return start + .nanoseconds(left + credit)
    }

    /// The wait is over.
    mutating func end(at now: NIODeadline) {
        guard let wait else { return }
        self.wait = nil
        left = min(full, max(0, left + wait.credit - max(0, (now - wait.start).nanoseconds)))
    }

    /// So many bytes have come.
    mutating func credit(bytes: Int) {
        left = min(full, left + Int64(bytes) * nanosecondsPerByte)
    }
}
