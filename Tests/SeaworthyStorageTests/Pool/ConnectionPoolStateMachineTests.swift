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

    @Test mutating func `a shared use may join those of a busy connection when no other can be opened and nobody waits`() {
        var joined: Bool
        _ = pool.request(1, .shared, at: 0)
        _ = pool.opened(0, at: 0)
        // Another may be opened.
        joined = pool.join(0)
        #expect(joined == false)
        _ = pool.request(2, .shared, at: 0)
        _ = pool.opened(1, at: 0)
        #expect(pool.finished(on: 0, at: 1) == [])
        // Two uses on the first by now, of which one has ended.
        joined = pool.join(0)
        #expect(joined)
        joined = pool.join(0)
        #expect(joined == false)
        // Nobody uses the second, and there is no eighth.
        joined = pool.join(1)
        #expect(joined == false)
        joined = pool.join(7)
        #expect(joined == false)
        #expect(pool.request(3, .exclusive, at: 1) == [.lend(connection: 1, to: 3)])
        joined = pool.join(1)
        #expect(joined == false)
        #expect(pool.finished(on: 0, at: 2) == [])
        pool.isSlow(0)
        joined = pool.join(0)
        #expect(joined == false)
        #expect(pool.finished(on: 0, at: 3) == [])
        #expect(pool.request(4, .shared, at: 3) == [.lend(connection: 0, to: 4)])
        #expect(pool.request(5, .exclusive, at: 3) == [])
        joined = pool.join(0)
        #expect(joined == false)
        #expect(pool.statistics.used == 2)
    }

    @Test mutating func `nobody joins a pool that closes`() {
        let joined: Bool
        _ = pool.request(1, .shared, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.request(2, .shared, at: 0)
        _ = pool.opened(1, at: 0)
        _ = pool.finished(on: 0, at: 1)
        _ = pool.close(at: 2)
        joined = pool.join(0)
        #expect(joined == false)
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

    @Test mutating func `asks a connection that was idle for long whether it is there, before it is lent`() {
        var settings = ConnectionPoolStateMachine.Settings()
        settings.size = 3
        settings.checkInterval = .nanoseconds(100)
        settings.waitTimeout = .nanoseconds(1_000)
        var pool = ConnectionPoolStateMachine(settings)
        _ = pool.request(1, .shared, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.finished(on: 0, at: 10)
        #expect(pool.request(2, .shared, at: 109) == [.lend(connection: 0, to: 2)])
        _ = pool.finished(on: 0, at: 110)
        // It is not lent meanwhile, and nothing is opened in its stead, unless more come.
        #expect(pool.request(3, .exclusive, at: 210) == [.check(connection: 0)])
        #expect(pool.statistics.idle == 1)
        #expect(pool.request(4, .exclusive, at: 211) == [.open(connection: 1)])
        #expect(pool.checked(0, at: 212) == [.lend(connection: 0, to: 3)])
        #expect(pool.opened(1, at: 213) == [.lend(connection: 1, to: 4)])
        _ = pool.finished(on: 0, at: 220)
        _ = pool.finished(on: 1, at: 220)
        // One that does not answer is replaced.
        #expect(pool.request(5, .shared, at: 330) == [.check(connection: 0), .check(connection: 1)])
        #expect(pool.lost(1, at: 340) == [])
        #expect(pool.lost(0, at: 340) == [.open(connection: 2)])
        #expect(pool.opened(2, at: 350) == [.lend(connection: 2, to: 5)])
        #expect(pool.statistics.lost == 2)
    }

    @Test mutating func `an answer that comes when the pool closes closes its connection`() {
        var settings = ConnectionPoolStateMachine.Settings()
        settings.checkInterval = .nanoseconds(100)
        var pool = ConnectionPoolStateMachine(settings)
        _ = pool.request(1, .shared, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.finished(on: 0, at: 0)
        #expect(pool.request(2, .shared, at: 100) == [.check(connection: 0)])
        #expect(pool.close(at: 101) == [.refuse(2, .closed)])
        #expect(pool.checked(0, at: 102) == [.close(connection: 0), .stopped])
        #expect(pool.checked(0, at: 103) == [])
    }

    @Test mutating func `connections go at different ages`() {
        // While it is not known whether the server takes any, one at a time.
        #expect(pool.request(1, .exclusive, at: 0) == [.open(connection: 0)])
        #expect(pool.request(2, .exclusive, at: 0) == [])
        #expect(pool.opened(0, at: 0, jitter: 0) == [.lend(connection: 0, to: 1), .open(connection: 1)])
        _ = pool.opened(1, at: 0, jitter: 1)
        // A fifth of the lifetime sooner; in use it stays.
        #expect(pool.tick(at: 9_999) == [])
        #expect(pool.finished(on: 1, at: 8_000) == [.close(connection: 1)])
        #expect(pool.finished(on: 0, at: 9_999) == [])
        _ = pool.request(3, .exclusive, at: 9_999)
        #expect(pool.finished(on: 0, at: 10_000) == [.close(connection: 0)])
    }

    @Test mutating func `an idle connection goes when it is old, unless it is the only one`() {
        var settings = ConnectionPoolStateMachine.Settings()
        settings.size = 2
        settings.idleTimeout = .nanoseconds(1_000)
        settings.lifetime = .nanoseconds(500)
        var pool = ConnectionPoolStateMachine(settings)
        _ = pool.request(1, .exclusive, at: 0)
        _ = pool.opened(0, at: 0)
        _ = pool.request(2, .exclusive, at: 0)
        _ = pool.opened(1, at: 100)
        _ = pool.finished(on: 0, at: 110)
        _ = pool.finished(on: 1, at: 120)
        #expect(pool.nextDeadline == 500)
        #expect(pool.tick(at: 500) == [.close(connection: 0)])
        #expect(pool.nextDeadline == nil)
    }

    @Test mutating func `tells what its connections do and did`() {
        var expected = ConnectionPoolStatistics()
        expected.size = 2
        #expect(pool.statistics == expected)
        _ = pool.request(1, .exclusive, at: 0)
        expected.opening = 1
        expected.waiting = 1
        #expect(pool.statistics == expected)
        _ = pool.openFailed(0, at: 0, jitter: 1)
        expected.opening = 0
        expected.failed = 1
        #expect(pool.statistics == expected)
        _ = pool.tick(at: 50)
        _ = pool.opened(1, at: 50)
        expected.waiting = 0
        expected.used = 1
        expected.created = 1
        #expect(pool.statistics == expected)
        _ = pool.request(2, .exclusive, at: 60)
        _ = pool.opened(2, at: 60)
        for id: UInt64 in 3...6 { _ = pool.request(id, .exclusive, at: 60) }
        _ = pool.tick(at: 160)
        expected.used = 2
        expected.created = 2
        expected.refused = 1
        expected.timedOut = 3
        #expect(pool.statistics == expected)
        _ = pool.finished(on: 1, at: 200)
        _ = pool.lost(2, at: 200)
        expected.used = 0
        expected.idle = 1
        expected.lost = 1
        #expect(pool.statistics == expected)
        _ = pool.close(at: 210)
        expected.idle = 0
        expected.closed = 1
        #expect(pool.statistics == expected)
    }
}
