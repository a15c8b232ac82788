import SeaworthyStorage
import Testing

@Suite struct ConnectionPoolStateMachineTests {
    private var pool: ConnectionPoolStateMachine

    init() {
        var settings = ConnectionPoolStateMachine.Settings()
        settings.size = 2
        settings.queueLimit = 3
        settings.waitTimeout = .nanoseconds(100)
        settings.pipelineDepth = 2
        settings.idleTimeout = .nanoseconds(1_000)
        settings.lifetime = .nanoseconds(10_000)
        settings.backoff = .nanoseconds(50)
        settings.maximumBackoff = .nanoseconds(100)
        pool = ConnectionPoolStateMachine(settings)
    }

    @Test mutating func `opens a connection for the first use and lends it`() {
        #expect(pool.request(1, .shared, at: 0) == [.open(connection: 0)])
        #expect(pool.opened(0, at: 1) == [.lend(connection: 0, to: 1)])
        #expect(pool.finished(on: 0, at: 2) == [])
        #expect(pool.request(2, .exclusive, at: 3) == [.lend(connection: 0, to: 2)])
    }

    @Test mutating func `puts shared uses behind one another, and opens another connection meanwhile`() {
        _ = pool.request(1, .shared, at: 0)
        _ = pool.opened(0, at: 0)
        #expect(pool.request(2, .shared, at: 1) == [.lend(connection: 0, to: 2), .open(connection: 1)])
        // No deeper than two, and no more connections than two.
        #expect(pool.request(3, .shared, at: 1) == [])
        #expect(pool.opened(1, at: 2) == [.lend(connection: 1, to: 3)])
        #expect(pool.request(4, .shared, at: 2) == [.lend(connection: 1, to: 4)])
        #expect(pool.request(5, .shared, at: 2) == [])
        #expect(pool.finished(on: 0, at: 3) == [.lend(connection: 0, to: 5)])
    }

    @Test mutating func `lets nobody past one that waits`() {
        _ = pool.request(1, .shared, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.request(2, .shared, at: 0)
        _ = pool.opened(1, at: 0)
        _ = pool.request(3, .shared, at: 0)
        #expect(pool.request(4, .exclusive, at: 1) == [])
        #expect(pool.request(5, .shared, at: 1) == [])
        // Two statements on the first connection, one on the second: that one comes free first.
        #expect(pool.finished(on: 1, at: 2) == [.lend(connection: 1, to: 4)])
        #expect(pool.finished(on: 0, at: 3) == [.lend(connection: 0, to: 5)])
        #expect(pool.request(6, .shared, at: 3) == [])
        #expect(pool.finished(on: 1, at: 4) == [.lend(connection: 1, to: 6)])
    }

    @Test mutating func `puts nothing behind a slow statement`() {
        _ = pool.request(1, .shared, at: 0)
        _ = pool.opened(0, at: 0)
        pool.isSlow(0)
        #expect(pool.request(2, .shared, at: 1) == [.open(connection: 1)])
        #expect(pool.finished(on: 0, at: 2) == [.lend(connection: 0, to: 2)])
        #expect(pool.request(3, .shared, at: 3) == [.lend(connection: 0, to: 3)])
    }

    @Test mutating func `refuses what waits too long, and more than the queue holds`() {
        _ = pool.request(1, .exclusive, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.request(2, .exclusive, at: 0)
        _ = pool.opened(1, at: 0)
        #expect(pool.request(3, .shared, at: 10) == [])
        #expect(pool.request(4, .shared, at: 20) == [])
        #expect(pool.request(5, .shared, at: 30) == [])
        #expect(pool.request(6, .shared, at: 30) == [.refuse(6, .queueFull)])
        #expect(pool.nextDeadline == 110)
        #expect(pool.tick(at: 109) == [])
        #expect(pool.tick(at: 120) == [.refuse(3, .timedOut), .refuse(4, .timedOut)])
        #expect(pool.waitingCount == 1)
        #expect(pool.cancel(5, at: 121).wasWaiting)
        #expect(!pool.cancel(1, at: 121).wasWaiting)
    }

    @Test mutating func `tries again behind a failure, later each time`() {
        #expect(pool.request(1, .shared, at: 0) == [.open(connection: 0)])
        #expect(pool.openFailed(0, at: 10, jitter: 1) == [])
        #expect(pool.nextDeadline == 60)
        #expect(pool.tick(at: 59) == [])
        #expect(pool.tick(at: 60) == [.open(connection: 1)])
        #expect(pool.openFailed(1, at: 70, jitter: 0) == [])
        // Twice as long, of which the jitter takes up to a half away.
        #expect(pool.tick(at: 119) == [.refuse(1, .timedOut)])
        #expect(pool.request(2, .shared, at: 119) == [])
        #expect(pool.tick(at: 120) == [.open(connection: 2)])
        #expect(pool.opened(2, at: 130) == [.lend(connection: 2, to: 2)])
    }

    @Test mutating func `replaces what is lost for those who wait`() {
        _ = pool.request(1, .exclusive, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.request(2, .exclusive, at: 0)
        _ = pool.opened(1, at: 0)
        _ = pool.request(3, .shared, at: 0)
        #expect(pool.lost(1, at: 5) == [.open(connection: 2)])
        #expect(pool.opened(2, at: 6) == [.lend(connection: 2, to: 3)])
        #expect(pool.lost(1, at: 7) == [])
    }

    @Test mutating func `closes what is idle for long but one, and what is old`() {
        _ = pool.request(1, .exclusive, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.request(2, .exclusive, at: 0)
        _ = pool.opened(1, at: 0)
        _ = pool.finished(on: 0, at: 10)
        _ = pool.finished(on: 1, at: 20)
        #expect(pool.nextDeadline == 1_010)
        #expect(pool.tick(at: 1_010) == [.close(connection: 0)])
        #expect(pool.nextDeadline == nil)
        #expect(pool.request(3, .shared, at: 9_999) == [.lend(connection: 1, to: 3)])
        #expect(pool.finished(on: 1, at: 10_000) == [.close(connection: 1)])
        #expect(pool.isEmpty)
    }

    @Test mutating func `closes connections as they come free, and then stops`() {
        _ = pool.request(1, .exclusive, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.request(2, .exclusive, at: 0)
        _ = pool.request(3, .shared, at: 0)
        #expect(pool.close(at: 5) == [.refuse(3, .closed), .refuse(2, .closed)].reversed())
        #expect(pool.request(4, .shared, at: 6) == [.refuse(4, .closed)])
        #expect(pool.opened(1, at: 7) == [.close(connection: 1)])
        #expect(pool.finished(on: 0, at: 8) == [.close(connection: 0), .stopped])
        #expect(pool.close(at: 9) == [])
    }

    @Test mutating func `stops at once when nothing is there`() {
        #expect(pool.close(at: 0) == [.stopped])
    }
}
