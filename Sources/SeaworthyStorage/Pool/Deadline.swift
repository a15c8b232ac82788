#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A moment of the monotonic clock.
///
/// `ContinuousClock` would be a system call on kernels that do not serve its clock from user space; this is read for every statement.
package struct Deadline: Sendable {
    /// Nanoseconds since the clock's start.
    package let nanoseconds: UInt64

    package static var now: Deadline {
        #if canImport(Darwin)
        Deadline(nanoseconds: clock_gettime_nsec_np(CLOCK_UPTIME_RAW))
        #else
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
        #endif
    }

    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    package init(after duration: Duration) {
        self = Deadline.now.advanced(by: duration)
    }

    package var isPast: Bool { Deadline.now.nanoseconds >= nanoseconds }

    package var nanosecondsLeft: UInt64 {
        let now = Deadline.now.nanoseconds
        return now < nanoseconds ? nanoseconds - now : 0
    }

    package func advanced(by duration: Duration) -> Deadline {
        // A century is for ever, and keeps the sum within 64 bits.
        let seconds = min(max(duration.components.seconds, 0), 3_155_760_000)
        let fraction = seconds == 3_155_760_000 ? 0 : max(duration.components.attoseconds, 0) / 1_000_000_000
        return Deadline(nanoseconds: nanoseconds + UInt64(seconds) * 1_000_000_000 + UInt64(fraction))
    }
}

extension Duration {
    /// Nanoseconds, at most a century.
    package var nanoseconds: UInt64 {
        Deadline(nanoseconds: 0).advanced(by: self).nanoseconds
    }
}
