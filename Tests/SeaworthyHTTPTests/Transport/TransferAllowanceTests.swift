import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `Transfer allowance` {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private var allowance = TransferAllowance(stall: .seconds(30), bytesPerSecond: 1000)

    @Test mutating func `gives the stall time, and the time that the bytes take at the least rate`() {
        #expect(allowance.begin(at: Self.start, for: 0) == Self.start + .seconds(30))
        allowance.end(at: Self.start)
        #expect(allowance.begin(at: Self.start, for: 5000) == Self.start + .seconds(35))
    }

    @Test mutating func `counts waits together`() {
        _ = allowance.begin(at: Self.start, for: 0)
        allowance.end(at: Self.start + .seconds(20))
        #expect(allowance.begin(at: Self.start + .seconds(90), for: 0) == Self.start + .seconds(100))
        allowance.end(at: Self.start + .seconds(500))
        #expect(allowance.begin(at: Self.start + .seconds(600), for: 2000) == Self.start + .seconds(602))
    }

    @Test mutating func `is filled again by bytes, never beyond the stall time`() {
        _ = allowance.begin(at: Self.start, for: 4000)
        allowance.end(at: Self.start + .seconds(10))
        #expect(allowance.begin(at: Self.start, for: 0) == Self.start + .seconds(24))
        allowance.end(at: Self.start)
        allowance.credit(bytes: 1000)
        #expect(allowance.begin(at: Self.start, for: 0) == Self.start + .seconds(25))
        allowance.end(at: Self.start)
        allowance.credit(bytes: 1_000_000)
        #expect(allowance.begin(at: Self.start, for: 0) == Self.start + .seconds(30))
    }

    @Test mutating func `saves nothing up for later`() {
        _ = allowance.begin(at: Self.start, for: 1_000_000)
        allowance.end(at: Self.start + .seconds(1))
        #expect(allowance.begin(at: Self.start, for: 0) == Self.start + .seconds(30))
    }

    @Test mutating func `does not let a drip go on for ever`() {
        var now = Self.start
        for _ in 0..<30 {
            #expect(allowance.begin(at: now, for: 0) > now + .seconds(0))
            now = now + .seconds(1)
            allowance.end(at: now)
            allowance.credit(bytes: 1)
        }
        #expect(allowance.begin(at: now, for: 0) < now + .milliseconds(100))
    }

    @Test mutating func `lets the least rate go on for ever`() {
        var now = Self.start
        for _ in 0..<1000 {
            #expect(allowance.begin(at: now, for: 1000) >= now + .seconds(30))
            now = now + .seconds(1)
            allowance.end(at: now)
        }
    }

    @Test mutating func `is full for another request`() {
        _ = allowance.begin(at: Self.start, for: 0)
        allowance.end(at: Self.start + .seconds(29))
        allowance.refill()
        #expect(allowance.begin(at: Self.start, for: 0) == Self.start + .seconds(30))
    }

    @Test mutating func `takes a clock that goes back for one that stands`() {
        _ = allowance.begin(at: Self.start, for: 0)
        allowance.end(at: Self.start - .seconds(5))
        #expect(allowance.begin(at: Self.start, for: 0) == Self.start + .seconds(30))
    }
}
