import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `Request timing` {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func machine() -> RequestTimingStateMachine {
        RequestTimingStateMachine(settings: HTTPSettings())
    }

    @Test(arguments: [
        (RequestTimingStateMachine.Phase.idle, 60_000), (.head, 10_000), (.body, 30_000), (.writing, 30_000), (.lingering, 2000),
        (.halfClosed, 250), (.piece, 30_000),
    ]) func `gives each phase its own time`(phase: RequestTimingStateMachine.Phase, milliseconds: Int) {
        var timing = machine()
        let deadline = Self.start + .milliseconds(Int64(milliseconds))
        #expect(timing.enter(phase, at: Self.start) == .schedule(deadline))
        #expect(timing.fired(at: deadline) == .expire(phase))
    }

    @Test(arguments: [RequestTimingStateMachine.Phase.responding, .closed]) func `gives a handler all the time it takes`(
        phase: RequestTimingStateMachine.Phase
    ) {
        var timing = machine()
        #expect(timing.enter(phase, at: Self.start) == .none)
        #expect(timing.fired(at: Self.start + .hours(1)) == .none)
    }

    @Test func `adds up the time that a client takes over one body or answer`() {
        for phase in [RequestTimingStateMachine.Phase.piece, .writing] {
            var timing = machine()
            #expect(timing.enter(phase, at: Self.start) == .schedule(Self.start + .seconds(30)))
            #expect(timing.enter(.responding, at: Self.start + .seconds(20)) == .none)
            #expect(timing.enter(phase, at: Self.start + .seconds(20)) == .none)
            #expect(timing.fired(at: Self.start + .seconds(30)) == .expire(phase))
            // The next request has all of it again.
            _ = timing.enter(.idle, at: Self.start)
            #expect(timing.enter(phase, at: Self.start + .seconds(40)) == .none)
            #expect(timing.fired(at: Self.start + .seconds(60)) == .schedule(Self.start + .seconds(70)))
        }
    }

    @Test func `gives time for bytes`() {
        var timing = machine()
        #expect(timing.enter(.writing, at: Self.start, for: 40_960) == .schedule(Self.start + .seconds(30) + .nanoseconds(9_999_974_400)))
        timing = machine()
        _ = timing.enter(.piece, at: Self.start)
        _ = timing.enter(.responding, at: Self.start + .seconds(20))
        timing.receive(bytes: 40_960)
        _ = timing.enter(.piece, at: Self.start + .seconds(20))
        #expect(timing.fired(at: Self.start + .seconds(30)) == .schedule(Self.start + .seconds(30) + .nanoseconds(9_999_974_400)))
    }

    @Test func `leaves a timer running that ends earlier`() {
        var timing = machine()
        #expect(timing.enter(.idle, at: Self.start) == .schedule(Self.start + .seconds(60)))
        #expect(timing.enter(.responding, at: Self.start + .seconds(5)) == .none)
        #expect(timing.enter(.idle, at: Self.start + .seconds(20)) == .none)
        #expect(timing.fired(at: Self.start + .seconds(60)) == .schedule(Self.start + .seconds(80)))
        #expect(timing.fired(at: Self.start + .seconds(80)) == .expire(.idle))
    }

    @Test func `brings a timer forward that ends too late`() {
        var timing = machine()
        _ = timing.enter(.idle, at: Self.start)
        #expect(timing.enter(.head, at: Self.start) == .schedule(Self.start + .seconds(10)))
        #expect(timing.fired(at: Self.start + .seconds(10)) == .expire(.head))
    }

    @Test func `does not expire a nanosecond early`() {
        var timing = machine()
        _ = timing.enter(.head, at: Self.start)
        let deadline = Self.start + .seconds(10)
        #expect(timing.fired(at: deadline - .nanoseconds(1)) == .schedule(deadline))
        #expect(timing.fired(at: deadline) == .expire(.head))
    }

    @Test func `expires a phase once`() {
        var timing = machine()
        _ = timing.enter(.head, at: Self.start)
        #expect(timing.fired(at: Self.start + .seconds(10)) == .expire(.head))
        #expect(timing.fired(at: Self.start + .seconds(20)) == .none)
        #expect(timing.enter(.idle, at: Self.start + .seconds(20)) == .schedule(Self.start + .seconds(80)))
    }

    @Test func `does nothing when its phase has ended`() {
        var timing = machine()
        _ = timing.enter(.head, at: Self.start)
        _ = timing.enter(.responding, at: Self.start)
        #expect(timing.fired(at: Self.start + .seconds(10)) == .none)
        #expect(timing.phase == .responding)
    }
}
