import SeaworthyData
import Testing

@Suite struct LeadershipStateMachineTests {
    private let start = ContinuousClock.now
    private let timing = LeaseTiming(lease: .seconds(30), interval: .seconds(10), margin: .seconds(2))

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `whoever has the lease leads until shortly before it ends, counted from when it was asked for`() {
        var leadership = LeadershipStateMachine(timing)
        #expect(leadership.fence(at: at(0)) == nil)
        #expect(leadership.deadline(at: at(0)) == nil)
        #expect(leadership.answered(7, askedAt: at(1), now: at(5)) == [.began(fence: 7)])
        #expect(leadership.fence(at: at(5)) == 7)
        #expect(leadership.deadline(at: at(5)) == at(29))
        #expect(leadership.fence(at: at(28.999)) == 7)
        #expect(leadership.fence(at: at(29)) == nil)
        #expect(leadership.deadline(at: at(29)) == nil)
        #expect(leadership.passed(at(28)) == [])
        #expect(leadership.passed(at(29)) == [.ended(.expired)])
        #expect(leadership.passed(at(30)) == [])
    }

    @Test func `a renewed lease goes on with its number`() {
        var leadership = LeadershipStateMachine(timing)
        _ = leadership.answered(7, askedAt: at(0), now: at(0))
        #expect(leadership.answered(7, askedAt: at(10), now: at(11)) == [])
        #expect(leadership.fence(at: at(37)) == 7)
        #expect(leadership.fence(at: at(38)) == nil)
        // An answer that comes behind a later one takes nothing back.
        #expect(leadership.answered(7, askedAt: at(5), now: at(12)) == [])
        #expect(leadership.deadline(at: at(12)) == at(38))
    }

    @Test func `who is told that another leads does not lead`() {
        var leadership = LeadershipStateMachine(timing)
        #expect(leadership.answered(nil, askedAt: at(0), now: at(0)) == [])
        _ = leadership.answered(7, askedAt: at(0), now: at(0))
        #expect(leadership.answered(nil, askedAt: at(10), now: at(10)) == [.ended(.lost)])
        #expect(leadership.fence(at: at(10)) == nil)
        #expect(leadership.answered(nil, askedAt: at(20), now: at(20)) == [])
    }

    @Test func `another number is another term`() {
        var leadership = LeadershipStateMachine(timing)
        _ = leadership.answered(7, askedAt: at(0), now: at(0))
        #expect(leadership.answered(9, askedAt: at(10), now: at(10)) == [.ended(.lost), .began(fence: 9)])
        #expect(leadership.answered(10, askedAt: at(50), now: at(50)) == [.ended(.expired), .began(fence: 10)])
    }

    @Test func `an answer that took as long as the lease begins nothing`() {
        var leadership = LeadershipStateMachine(timing)
        #expect(leadership.answered(7, askedAt: at(0), now: at(28)) == [])
        #expect(leadership.fence(at: at(28)) == nil)
        #expect(leadership.answered(7, askedAt: at(1), now: at(28)) == [.began(fence: 7)])
        #expect(leadership.answered(7, askedAt: at(2), now: at(40)) == [.ended(.expired)])
        #expect(leadership.answered(nil, askedAt: at(2), now: at(41)) == [])
    }

    @Test func `who stops gives up what there is`() {
        var leadership = LeadershipStateMachine(timing)
        #expect(leadership.stopped() == [])
        _ = leadership.answered(7, askedAt: at(0), now: at(0))
        #expect(leadership.stopped() == [.ended(.released)])
        #expect(leadership.fence(at: at(1)) == nil)
    }

    @Test func `the documented times`() {
        let (shared, alone) = (LeaseTiming.standard, LeaseTiming.sparing)
        #expect([shared.lease, shared.interval, shared.margin] == [.seconds(30), .seconds(10), .seconds(2)])
        #expect([alone.lease, alone.interval, alone.margin] == [.seconds(900), .seconds(300), .seconds(2)])
    }
}
