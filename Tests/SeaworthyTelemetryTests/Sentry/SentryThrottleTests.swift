import Testing

@testable import SeaworthyTelemetry

@Suite struct `Events of a kind` {
    @Test func `come at most once a minute, and the next says how many were held back`() {
        var throttle = SentryThrottle()
        #expect(throttle.admit(["a"], now: .seconds(0)) == 0)
        #expect(throttle.admit(["a"], now: .seconds(1)) == nil)
        #expect(throttle.admit(["b"], now: .seconds(1)) == 0)
        #expect(throttle.admit(["a"], now: .milliseconds(59_999)) == nil)
        #expect(throttle.admit(["a"], now: .seconds(60)) == 2)
        // A minute from the last event, not from the last fault.
        #expect(throttle.admit(["a"], now: .seconds(119)) == nil)
        #expect(throttle.admit(["a"], now: .seconds(120)) == 1)
        #expect(throttle.admit(["a"], now: .seconds(300)) == 0)
        #expect(throttle.admit(["a", "b"], now: .seconds(300)) == 0)
    }

    @Test func `are remembered within a bound, beyond which they are held back until old ones are forgotten`() {
        var throttle = SentryThrottle(maximum: 3)
        for number in 0..<3 { #expect(throttle.admit(["\(number)"], now: .seconds(number * 10)) == 0) }
        #expect(throttle.admit(["3"], now: .seconds(59)) == nil)
        #expect(throttle.count == 3)
        #expect(throttle.admit(["3"], now: .seconds(60)) == 0)
        #expect(throttle.count == 3)
        #expect(throttle.admit(["4"], now: .seconds(60)) == nil)
        #expect(SentryThrottle.maximumFingerprints == 1000)
    }
}

@Suite struct `Sentry's limits` {
    /// Until when they hold, in seconds from their answer.
    private func seconds(_ status: Int, _ values: [String] = [], _ retryAfter: String? = nil) -> Int {
        var limits = SentryRateLimits()
        limits.receive(status: status, limits: values, retryAfter: retryAfter, now: .seconds(1000), wallClock: 784_111_777)
        guard limits.isLimited(now: .seconds(1000)) else { return 0 }
        for seconds in [1, 5, 30, 60, 61, 3600, 86_400] where !limits.isLimited(now: .seconds(1000 + seconds)) {
            #expect(limits.isLimited(now: .seconds(1000 + seconds) - .milliseconds(1)))
            return seconds
        }
        return -1
    }

    @Test func `of 429 are those of Retry-After, and a minute without`() {
        #expect(seconds(200) == 0)
        #expect(seconds(503, [], "30") == 0)
        #expect(seconds(429) == 60)
        #expect(seconds(429, [], "30") == 30)
        #expect(seconds(429, [], "0") == 0)
        #expect(seconds(429, [], "soon") == 60)
        #expect(seconds(429, [], "Sun, 06 Nov 1994 08:50:37 GMT") == 60)
        #expect(seconds(429, [], "999999999") == 86_400)
    }

    @Test func `by categories hold for events where they name error, default or all, or nothing`() {
        for status in [200, 429] {
            #expect(seconds(status, ["30:error:organization"]) == 30)
            #expect(seconds(status, ["30:default;transaction:key:quota"]) == 30)
            #expect(seconds(status, ["30:all"]) == 30)
            #expect(seconds(status, ["30::organization"]) == 30)
            #expect(seconds(status, ["30:transaction;session:organization"]) == 0)
            #expect(seconds(status, ["5:transaction:key, 30:error:organization:quota_exceeded"]) == 30)
            #expect(seconds(status, ["5:transaction:key", "30:error:key"]) == 30)
            #expect(seconds(status, ["30:error:key", "5:error:key"]) == 30)
            #expect(seconds(status, ["4.2:error:key"]) == 5)
            #expect(seconds(status, ["x:error:key"]) == 60)
            #expect(seconds(status, ["nan:error:key"]) == 60)
            #expect(seconds(status, ["-5:error:key"]) == 0)
            #expect(seconds(status, ["1e300:error:key"]) == 86_400)
            #expect(seconds(status, ["30"]) == 0)
        }
        // It says more than the status does.
        #expect(seconds(429, ["30:transaction:key"], "3600") == 0)
    }

    @Test func `are never shortened by a later answer`() {
        var limits = SentryRateLimits()
        limits.receive(status: 429, limits: [], retryAfter: "60", now: .zero, wallClock: 0)
        limits.receive(status: 429, limits: [], retryAfter: "5", now: .zero, wallClock: 0)
        #expect(limits.isLimited(now: .seconds(59)) && !limits.isLimited(now: .seconds(60)))
    }
}
