import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyData
@testable import SeaworthyMaintenance

@Suite(.timeLimit(.minutes(3))) struct LeaderElectionTests {
    enum Engine: String, CaseIterable { case sqlite, postgres }

    /// Two servers' connections to one database, with the server's own tables.
    private static func with(
        _ engine: Engine, _ body: @Sendable (_ one: any Database, _ other: any Database, any Dialect) async throws -> Void
    ) async throws {
        let (one, other): (any Database, any Database)
        let dialect: any Dialect
        switch engine {
        case .sqlite:
            one = try await SQLiteDatabase.open(SQLiteSettings(.memory))
            (other, dialect) = (one, SQLiteDialect())
        case .postgres:
            let settings = PostgresSettings(try await PostgresServer.running().makeSchema())
            one = try await PostgresDatabase.open(settings)
            (other, dialect) = (try await PostgresDatabase.open(settings), PostgresDialect())
        }
        let schema = SystemSchema.extending(Schema(name: "test", entities: []))
        _ = try await SchemaStore(one, dialect: dialect).apply(schema, now: TestStore.now)
        try await one.closing { try await other.closing { try await body(one, other, dialect) } }
    }

    private static func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// What an election told.
    private final class Events: Sendable {
        private let state = Mutex<[String]>([])

        var all: [String] { state.withLock(\.self) }
        func add(_ event: LeaderElection.Event) {
            let text =
                switch event {
                case .changed(let change): "\(change)"
                case .failed: "failed"
                }
            state.withLock { $0.append(text) }
        }
    }

    // MARK: The table

    @Test(arguments: Engine.allCases)
    func `a lease is had by one, renewed by it, and free when it has ended or is released`(engine: Engine) async throws {
        try await Self.with(engine) { one, other, dialect in
            let (here, there) = (LeaseTable(one, dialect: dialect), LeaseTable(other, dialect: dialect))
            #expect(try await here.take("jobs", for: "a", lease: .seconds(60)) == 1)
            #expect(try await there.take("jobs", for: "b", lease: .seconds(60)) == nil)
            #expect(try await here.take("jobs", for: "a", lease: .seconds(60)) == 1)
            #expect(try await there.take("other", for: "b", lease: .seconds(60)) == 1)
            // Nobody ends another's.
            try await there.release("jobs", of: "b")
            #expect(try await there.take("jobs", for: "b", lease: .seconds(60)) == nil)
            try await here.release("jobs", of: "a")
            #expect(try await there.take("jobs", for: "b", lease: .milliseconds(1)) == 2)
            try await Self.until { try await here.take("jobs", for: "a", lease: .milliseconds(1)) != nil }
            try await Task.sleep(for: .milliseconds(20))
            // Who let it end has it anew: another might have had it in between.
            let anew = try await here.take("jobs", for: "a", lease: .seconds(60))
            #expect(anew ?? 0 >= 4)
            #expect(try await here.take("jobs", for: "a", lease: .seconds(60)) == anew)
            let rows = try await one.query(Statement("SELECT holder FROM seaworthy_leases WHERE name = 'jobs'"), into: ValueRows())
            #expect(rows == [[.text("a")]])
        }
    }

    @Test(arguments: Engine.allCases)
    func `a lease ends by the clock of the database`(engine: Engine) async throws {
        try await Self.with(engine) { one, _, dialect in
            let table = LeaseTable(one, dialect: dialect)
            _ = try await table.take("jobs", for: "a", lease: .seconds(3600))
            let sql =
                engine == .sqlite
                ? "SELECT expires_at - CAST(strftime('%s', 'now') AS INTEGER) * 1000000 FROM seaworthy_leases"
                : "SELECT (extract(epoch FROM expires_at - clock_timestamp()) * 1000000)::bigint FROM seaworthy_leases"
            let left = try #require(try await one.query(Statement(sql), into: FirstRow())?.first?.integer)
            #expect((3_500_000_000...3_601_000_000).contains(left), "\(left)")
        }
    }

    @Test(arguments: Engine.allCases)
    func `of many who ask at once one gets it`(engine: Engine) async throws {
        try await Self.with(engine) { one, other, dialect in
            let winners = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await LeaseTable(number % 2 == 0 ? one : other, dialect: dialect)
                            .take("jobs", for: "\(number)", lease: .seconds(60))
                    }
                }
                return try await group.reduce(into: [Int64]()) { if let fence = $1 { $0.append(fence) } }
            }
            #expect(winners == [1])
        }
    }

    // MARK: The election

    private static let quick = LeaseTiming(lease: .seconds(2), interval: .milliseconds(100), margin: .milliseconds(200))

    @Test(arguments: Engine.allCases)
    func `one leads, and hands over at once when it stops`(engine: Engine) async throws {
        try await Self.with(engine) { one, other, dialect in
            let timing = LeaseTiming(lease: .seconds(3600), interval: .milliseconds(50), margin: .seconds(2))
            let (told, heard) = (Events(), Events())
            let first = LeaderElection("jobs", database: one, dialect: dialect, timing: timing, observe: told.add)
            let second = LeaderElection("jobs", database: other, dialect: dialect, timing: timing, observe: heard.add)
            #expect(!first.isLeader)
            let running = Task { await first.run() }
            try await Self.until { first.isLeader }
            let following = Task { await second.run() }
            // It has asked, and more than once.
            try await Task.sleep(for: .milliseconds(200))
            #expect(first.isLeader && !second.isLeader)
            #expect(second.fence == nil)
            #expect(try await second.whileLeading { 1 } == nil)
            #expect(try await first.whileLeading { 1 } == 1)
            running.cancel()
            await running.value
            #expect(!first.isLeader)
            // Long before the lease has ended.
            try await Self.until { second.isLeader }
            #expect(second.fence == 2)
            #expect(told.all == ["began(fence: 1)", "ended(SeaworthyData.LeadershipStateMachine.Reason.released)"])
            #expect(heard.all == ["began(fence: 2)"])
            following.cancel()
            await following.value
        }
    }

    @Test func `who has gone without a word is followed when the lease has ended`() async throws {
        try await Self.with(.postgres) { one, other, dialect in
            let gone = try await LeaseTable(one, dialect: dialect).take("jobs", for: "gone", lease: .seconds(1))
            #expect(gone == 1)
            let election = LeaderElection("jobs", database: other, dialect: dialect, timing: Self.quick)
            let running = Task { await election.run() }
            try await Self.until { election.isLeader }
            let row = try await one.query(Statement("SELECT fence FROM seaworthy_leases"), into: FirstRow())
            #expect(row == [.integer(2)])
            running.cancel()
            await running.value
        }
    }

    @Test func `without the database nobody believes to lead beyond the lease, and a job is stopped`() async throws {
        let server = try await PostgresServer.start()
        var settings = PostgresSettings(server.address("postgres"))
        (settings.retryTime, settings.pool.waitTimeout) = (.milliseconds(100), .milliseconds(100))
        let database = try await PostgresDatabase.open(settings)
        let dialect = PostgresDialect()
        let schema = SystemSchema.extending(Schema(name: "test", entities: []))
        _ = try await SchemaStore(database, dialect: dialect).apply(schema, now: TestStore.now)
        let events = Events()
        let election = LeaderElection("jobs", database: database, dialect: dialect, timing: Self.quick, observe: events.add)
        let running = Task { await election.run() }
        try await Self.until { election.isLeader }
        let isStopped = Mutex(false)
        let job = Task {
            try await election.whileLeading {
                do {
                    while true {
                        try Task.checkCancellation()
                        try await Task.sleep(for: .milliseconds(10))
                    }
                } catch {
                    isStopped.withLock { $0 = true }
                    throw error
                }
            } as Void?
        }
        // A busy machine may have been too slow for the short times of this test already.
        let before = events.all.count { $0 == "failed" }
        server.stop()
        let away = ContinuousClock.now
        #expect(try await job.value == nil)
        // Two seconds later, on any machine: nothing but the clock is waited for.
        #expect(ContinuousClock.now < away + .seconds(25))
        #expect(isStopped.withLock { $0 })
        try await Task.sleep(until: away + Self.quick.lease, clock: .continuous)
        #expect(!election.isLeader)
        try await Self.until { events.all.contains { $0.contains("expired") } }
        // Told once, however often it is tried.
        let failures = events.all.count { $0 == "failed" }
        #expect(failures >= 1 && failures - before <= 1)
        running.cancel()
        await running.value
        await database.close()
    }

    @Test func `a job whose server no longer leads is cancelled, and waited for`() async throws {
        try await Self.with(.sqlite) { one, _, dialect in
            let election = LeaderElection("jobs", database: one, dialect: dialect, timing: Self.quick)
            let running = Task { await election.run() }
            try await Self.until { election.isLeader }
            let began = Mutex(false)
            let ended = Mutex(false)
            let job = Task {
                try await election.whileLeading {
                    began.withLock { $0 = true }
                    while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
                    // What it does last.
                    try? await Task { try await Task.sleep(for: .milliseconds(50)) }.value
                    ended.withLock { $0 = true }
                    return 1
                }
            }
            try await Self.until { began.withLock { $0 } }
            // Another has it, as where the clock of the database was set.
            _ = try await one.transaction(.write) {
                try await $0.execute(
                    Statement("UPDATE seaworthy_leases SET holder = 'another', fence = 9, expires_at = expires_at + 3600000000"))
            }
            #expect(try await job.value == nil)
            #expect(ended.withLock { $0 })
            #expect(!election.isLeader)
            running.cancel()
            await running.value
            // What is another's stays.
            let row = try await one.query(Statement("SELECT holder, fence FROM seaworthy_leases"), into: FirstRow())
            #expect(row == [.text("another"), .integer(9)])
        }
    }

    @Test func `what a job throws is thrown, and who is cancelled ends`() async throws {
        struct Failure: Error {}
        try await Self.with(.sqlite) { one, _, dialect in
            let election = LeaderElection("jobs", database: one, dialect: dialect, timing: Self.quick)
            let running = Task { await election.run() }
            try await Self.until { election.isLeader }
            await #expect(throws: Failure.self) { try await election.whileLeading { throw Failure() } as Void? }
            let job = Task { try await election.whileLeading { try await Task.sleep(for: .seconds(600)) } as Void? }
            job.cancel()
            await #expect(throws: CancellationError.self) { try await job.value }
            #expect(election.isLeader)
            running.cancel()
            await running.value
        }
    }
}
