import Testing

@testable import SeaworthyRedis

@Suite struct CacheTrustTests {
    private func repaired(_ recoveries: UInt64) -> CacheTrust {
        var trust = CacheTrust()
        let attempt = trust.begin(recoveries)
        let isRight = trust.end(attempt)
        #expect(isRight)
        return trust
    }

    @Test func `nothing is believed at first, then as long as the store has not been away`() {
        #expect(!CacheTrust().holds(0) && !CacheTrust().holds(1))
        let trust = repaired(1)
        #expect(trust.holds(1) && !trust.holds(2))
    }

    @Test func `a change that could not be told ends it, and is said once until all is right again`() {
        var trust = repaired(1)
        #expect(trust.doubt() == true)
        #expect(!trust.holds(1))
        #expect(trust.doubt() == false)
        let attempt = trust.begin(1)
        #expect(trust.end(attempt) == true)
        #expect(trust.holds(1))
        #expect(trust.doubt() == true)
        var fresh = CacheTrust()
        #expect(fresh.doubt() == true)
        #expect(fresh.doubt() == false)
    }

    @Test func `what was begun before a change failed says nothing of it`() {
        var trust = repaired(1)
        let attempt = trust.begin(1)
        _ = trust.doubt()
        #expect(trust.end(attempt) == false)
        #expect(!trust.holds(1))
    }

    @Test func `what was begun before the store went away does not hold after it`() {
        var trust = CacheTrust()
        let attempt = trust.begin(1)
        #expect(trust.end(attempt) == true)
        #expect(!trust.holds(2))
    }
}
