import Foundation
import SeaworthyOpenID
import Synchronization

/// The machine's time and an uptime that stands still, both moved by the test.
final class TestClock: Sendable {
    private let shift = Mutex<(now: Int64, uptime: Duration)>((0, .seconds(1_000)))
    private let frozen = Mutex<Int64?>(nil)

    func advance(_ seconds: Int64) {
        shift.withLock { $0 = ($0.now + seconds, $0.uptime + .seconds(seconds)) }
    }

    /// Moves the time of tokens alone.
    func shiftNow(_ seconds: Int64) {
        shift.withLock { $0.now += seconds }
    }

    /// From now on the time of tokens goes only where the test moves it.
    func freeze() {
        frozen.withLock { $0 = Int64(Date().timeIntervalSince1970) }
    }

    var clock: OpenIDClock {
        OpenIDClock(
            now: { (self.frozen.withLock { $0 } ?? Int64(Date().timeIntervalSince1970)) + self.shift.withLock { $0.now } },
            uptime: { self.shift.withLock { $0.uptime } })
    }
}
