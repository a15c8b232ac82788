import Testing

@testable import SeaworthyRedis

@Suite struct CircuitBreakerTests {
    private func fail(_ breaker: inout CircuitBreaker, opens: Bool, _ place: SourceLocation = #_sourceLocation) {
        let opened = breaker.record(failed: true)
        #expect(opened == opens, sourceLocation: place)
    }

    @Test func `opens at the fifth failure in a row, once`() {
        var breaker = CircuitBreaker()
        for _ in 0..<4 { fail(&breaker, opens: false) }
        #expect(!breaker.isOpen)
        fail(&breaker, opens: true)
        #expect(breaker.isOpen)
        fail(&breaker, opens: false)
    }

    @Test func `a success in between begins the count anew`() {
        var breaker = CircuitBreaker()
        for _ in 0..<5 {
            for _ in 0..<4 { _ = breaker.record(failed: true) }
            _ = breaker.record(failed: false)
            for _ in 0..<16 { _ = breaker.record(failed: false) }
        }
        #expect(!breaker.isOpen)
    }

    @Test func `opens when the half of the last 64 failed`() {
        var breaker = CircuitBreaker()
        var opened: Int?
        for index in 0..<64 where breaker.record(failed: index % 2 == 0) { opened = index }
        #expect(opened == 62)
        var healthy = CircuitBreaker()
        for index in 0..<1000 { if healthy.record(failed: index % 3 == 0) { Issue.record("opened at \(index)") } }
    }

    @Test func `closed by a probe it has forgotten everything`() {
        var breaker = CircuitBreaker()
        for _ in 0..<40 { _ = breaker.record(failed: true) }
        breaker.close()
        #expect(breaker == CircuitBreaker())
        for _ in 0..<4 { fail(&breaker, opens: false) }
    }

    @Test func `what ends late does not close an open one`() {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { _ = breaker.record(failed: true) }
        for _ in 0..<100 { _ = breaker.record(failed: false) }
        #expect(breaker.isOpen)
    }

    @Test func `waits twice as long each time, within bounds, from the half to the whole`() {
        var backoff = Backoff(.milliseconds(100) ... .seconds(1))
        let waits = (0..<6).map { _ in backoff.next(1) }
        #expect(waits == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        backoff.reset()
        let (first, second) = (backoff.next(0), backoff.next(0.5))
        #expect(first == .milliseconds(50))
        #expect(second == .milliseconds(150))
        for _ in 0..<100 {
            let wait = backoff.next()
            #expect((.milliseconds(100) ... .seconds(1)).contains(wait))
        }
    }
}
