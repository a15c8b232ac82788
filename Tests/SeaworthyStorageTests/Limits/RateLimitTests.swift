import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@Suite struct `The cell rate` {
    private static let second: Int64 = 1_000_000_000

    @Test func `gives all at once, and then one by one as they come back`() throws {
        let rate = try #require(RequestRate("6/m"))
        var full: Int64?
        func take(at seconds: Double) -> RateLimitOutcome {
            let (after, outcome) = CellRate.take(full, rate, now: Int64(seconds * 1e9))
            full = after
            return outcome
        }
        for left in [5, 4, 3, 2, 1, 0] {
            #expect(take(at: 100) == RateLimitOutcome(retryAfter: nil, remaining: left, resetAfter: .seconds((6 - left) * 10)))
        }
        #expect(take(at: 100) == RateLimitOutcome(retryAfter: .seconds(10), remaining: 0, resetAfter: .seconds(60)))
        // What is refused costs nothing.
        #expect(take(at: 109.5) == RateLimitOutcome(retryAfter: .milliseconds(500), remaining: 0, resetAfter: .milliseconds(50_500)))
        #expect(take(at: 110).isAllowed && !take(at: 110).isAllowed)
        #expect(take(at: 120) == RateLimitOutcome(retryAfter: nil, remaining: 0, resetAfter: .seconds(60)))
        #expect(take(at: 150).remaining == 2)
        // After a pause there are not more than all.
        #expect(take(at: 10_000) == RateLimitOutcome(retryAfter: nil, remaining: 5, resetAfter: .seconds(10)))
    }

    @Test func `gives several or none`() throws {
        let rate = try #require(RequestRate("6/m"))
        let (full, outcome) = CellRate.take(nil, rate, count: 4, now: 0)
        #expect(outcome == RateLimitOutcome(retryAfter: nil, remaining: 2, resetAfter: .seconds(40)))
        let more = CellRate.take(full, rate, count: 3, now: 0)
        #expect(more.full == full && more.outcome == RateLimitOutcome(retryAfter: .seconds(10), remaining: 2, resetAfter: .seconds(40)))
        #expect(CellRate.take(full, rate, count: 2, now: 0).outcome.remaining == 0)
        #expect(CellRate.take(full, rate, count: 6, now: 40 * Self.second).outcome.remaining == 0)
        #expect(!CellRate.take(nil, rate, count: 7, now: 0).outcome.isAllowed)
    }

    @Test(arguments: ["1/s", "7/90s", "300/m", "999/s", "1000000/d", "1/d", "3/10s"])
    func `keeps its rate, whatever it is`(_ text: String) throws {
        let rate = try #require(RequestRate(text))
        let window = Int64(rate.windowSeconds) * Self.second
        var full: Int64?
        var allowed = 0
        // Ten windows of requests that come ten times as often as they may, in steps that do not fit.
        let step = max(1, window / Int64(rate.count) / 10 + 1)
        let most = min(10 * window / step, 200_000)
        for number in 0..<most {
            let (after, outcome) = CellRate.take(full, rate, now: number * step)
            full = after
            if outcome.isAllowed { allowed += 1 }
            #expect((0..<rate.count).contains(outcome.remaining))
        }
        let expected = min(Double(most), Double(rate.count) + Double(rate.count) * Double(most * step) / Double(window))
        #expect(abs(Double(allowed) - expected) <= max(2, expected / 1000))
    }

    @Test func `does not mind a clock that stands still, or a subject from another time`() throws {
        let rate = try #require(RequestRate("2/s"))
        #expect(CellRate.take(-5 * Self.second, rate, now: 0).outcome.remaining == 1)
        let far = CellRate.take(100 * Self.second, rate, now: 0)
        #expect(far.outcome.retryAfter == .milliseconds(99_500) && far.full == 100 * Self.second)
    }
}

@Suite struct `Rates in memory` {
    private final class Time: Sendable {
        private let value = Mutex<Int64>(0)
        var now: Int64 { value.withLock { $0 } }
        func advance(seconds: Int64) { value.withLock { $0 += seconds * 1_000_000_000 } }
    }

    private let time = Time()

    private func limits(_ count: Int = MemoryRateLimits.maximumCount) -> MemoryRateLimits {
        MemoryRateLimits(maximumCount: count) { [time] in time.now }
    }

    @Test func `are counted for each subject and each policy`() throws {
        let (limits, rate) = (limits(), try #require(RequestRate("2/m")))
        func isAllowed(_ policy: String, _ subject: String) -> Bool {
            limits.take(RateLimitKey(policy: policy, subject: subject), rate).isAllowed
        }
        #expect(isAllowed("a", "1") && isAllowed("a", "1") && !isAllowed("a", "1"))
        #expect(isAllowed("a", "2") && isAllowed("b", "1"))
        time.advance(seconds: 30)
        #expect(isAllowed("a", "1") && !isAllowed("a", "1"))
    }

    @Test func `are never more than allowed, however many ask at once`() async throws {
        let (limits, rate) = (MemoryRateLimits(), try #require(RequestRate("500/d")))
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<1000).count { _ in limits.take(RateLimitKey(policy: "p", subject: "s"), rate).isAllowed }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 500)
    }

    @Test func `are kept for so many subjects, and forgotten first where most is left`() throws {
        let (limits, rate) = (limits(1600), try #require(RequestRate("10/m")))
        let heavy = RateLimitKey(policy: "p", subject: "heavy")
        for _ in 0..<10 { #expect(limits.take(heavy, rate).isAllowed) }
        for number in 0..<20_000 {
            _ = limits.take(RateLimitKey(policy: "p", subject: "\(number)"), rate)
            if number % 1000 == 0 { #expect(limits.count <= 1600) }
        }
        #expect(limits.count > 1000)
        // Who has used up everything is not free again because others came.
        #expect(!limits.take(heavy, rate).isAllowed)
        time.advance(seconds: 60)
        for number in 0..<3000 { _ = limits.take(RateLimitKey(policy: "q", subject: "\(number)"), rate) }
        #expect(limits.count <= 1600 && limits.take(heavy, rate).remaining == 9)
    }

    @Test func `have a clock that goes on`() async throws {
        let first = MemoryRateLimits.uptime()
        try await Task.sleep(for: .milliseconds(5))
        #expect(MemoryRateLimits.uptime() - first >= 5_000_000)
    }
}
