import Foundation
import MetricsTestKit
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyMaintenance

@Suite struct `The log while its place takes nothing` {
    private func insert(_ shipped: ShippedFile, _ times: Int = 1) async throws {
        let database = try shipped.database
        for _ in 0..<times {
            try await database.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (randomblob(2000))")) }
        }
    }

    private func started(_ change: (inout LogShippingSettings) -> Void = { _ in }) async throws -> (ShippedFile, TroubledStore) {
        let shipped = try ShippedFile(checkpointFrames: 10, change)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        let store = TroubledStore(shipped.file.store)
        try await shipped.start(store: store)
        try await shipped.ship()
        return (shipped, store)
    }

    @Test func `stays, and is stored when it takes something again`() async throws {
        let (shipped, store) = try await started()
        store.set(.refuses)
        let salts = try #require(try LogFile(shipped.file.path + "-wal")).header.salts
        for _ in 0..<5 {
            try await insert(shipped, 10)
            try await shipped.shipper.turn()
        }
        #expect(try shipped.metrics.expectCounter("backup_log_failures_total").totalValue == 5)
        // Nothing of it was begun anew.
        #expect(try #require(try LogFile(shipped.file.path + "-wal")).header.salts == salts)
        store.set(.none)
        try await shipped.ship()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        #expect(try #require(try LogFile(shipped.file.path + "-wal")).header.salts != salts)
        try await shipped.stop()
    }

    @Test func `does not hold up a start, and goes on from what was stored before`() async throws {
        let (shipped, store) = try await started()
        try await insert(shipped)
        try await shipped.stop()
        store.set(.refuses)
        try await shipped.start(store: store)
        try await shipped.shipper.turn()
        try await insert(shipped, 20)
        try await shipped.shipper.turn()
        store.set(.none)
        try await shipped.ship()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        try await shipped.stop()
    }

    @Test func `is given up when it is too long, kept short from then on, and begins again with a backup`() async throws {
        let (shipped, store) = try await started { $0.maximumLogBytes = 200_000 }
        let before = try await shipped.contents()
        let end = shipped.now
        store.set(.refuses)
        for _ in 0..<12 {
            shipped.file.advance(seconds: 1)
            try await insert(shipped, 10)
            try await shipped.shipper.turn()
            #expect(Files.bytes(shipped.file.path + "-wal") ?? 0 < 400_000)
        }
        guard case .broken = try await shipped.shipper.state else { return #expect(Bool(false), "not given up") }
        store.set(.none)
        try await shipped.ship()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 2)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        #expect(try await shipped.restored(.at(end)).0 == before)
        #expect(await backupError { _ = try await shipped.restored(.at(end + 5_000_000)) }?.code == .outOfReach)
        // The hold is there again.
        try await insert(shipped, 3)
        try? Stranger.run("PRAGMA wal_checkpoint(TRUNCATE)", on: shipped.file.path)
        try await insert(shipped)
        try await shipped.ship()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 2)
        try await shipped.stop()
    }

    @Test func `holds the writer up for a bounded time, and the end of the server`() async throws {
        let (shipped, store) = try await started {
            $0.writerWait = .milliseconds(50)
            $0.endWait = .milliseconds(50)
        }
        let shipper = try shipped.shipper
        try await insert(shipped, 20)
        // What comes while the log is about to be begun anew cannot be stored: the writer is let go, and the log is as it was.
        let salts = try #require(try LogFile(shipped.file.path + "-wal")).header.salts
        try await shipper.ship()
        try await insert(shipped)
        store.set(.waits)
        try await shipper.shorten()
        try await insert(shipped)
        #expect(try #require(try LogFile(shipped.file.path + "-wal")).header.salts == salts)
        store.set(.none)
        try await shipped.ship()
        #expect(try #require(try LogFile(shipped.file.path + "-wal")).header.salts != salts)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        store.set(.waits)
        try await insert(shipped)
        try await shipped.stop()
        store.set(.none)
        // The next start stores it.
        try await shipped.start(store: store)
        try await shipped.ship()
        let last = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == last)
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        try await shipped.stop()
    }

    @Test func `is not taken for the next one when a reader kept the old one and a stranger began it anew`() async throws {
        let shipped = try ShippedFile(checkpointFrames: 10)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        let store = TroubledStore(shipped.file.store)
        let refuses = Atomic(false)
        // From the moment on in which the log is about to be begun anew.
        try await shipped.start(store: store, onRelease: { if refuses.load(ordering: .relaxed) { store.set(.refuses) } })
        try await shipped.ship()
        let database = try shipped.database
        try await insert(shipped, 20)
        let (began, end) = (Latch(), Latch())
        let reader = Task {
            try await database.transaction(.read) { transaction in
                _ = try await transaction.query(Statement("SELECT count(*) FROM t"), into: ValueRows())
                began.open()
                await end.wait()
            }
        }
        await began.wait()
        try await insert(shipped)
        refuses.store(true, ordering: .relaxed)
        try await shipped.shipper.turn()
        refuses.store(false, ordering: .relaxed)
        end.open()
        try await reader.value
        try await shipped.shipper.hold.release()
        try await insert(shipped)
        try Stranger.run("PRAGMA wal_checkpoint(TRUNCATE)", on: shipped.file.path)
        try await insert(shipped)
        store.set(.none)
        try await shipped.ship()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 2)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        try await shipped.stop()
    }

    @Test func `is stored also while the writer is busy for so long that the log cannot be begun anew`() async throws {
        let shipped = try ShippedFile(checkpointFrames: 10)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start(change: { $0.poolTimeout = .milliseconds(300) })
        try await shipped.ship()
        try await insert(shipped, 20)
        let contents = try await shipped.contents()
        let database = try shipped.database
        let (began, end) = (Latch(), Latch())
        let writer = Task {
            try await database.transaction(.writeAlone) { transaction in
                try await transaction.execute(Statement("INSERT INTO t (b) VALUES (x'01')"))
                began.open()
                await end.wait()
            }
        }
        await began.wait()
        try await shipped.ship()
        #expect(try await shipped.restored(.latest).0 == contents)
        #expect(try shipped.metrics.expectCounter("backup_log_failures_total").totalValue == 0)
        end.open()
        try await writer.value
        try await shipped.ship()
        let last = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == last)
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        try await shipped.stop()
    }

    @Test func `is found beside the file that a link leads to`() async throws {
        let shipped = try ShippedFile()
        let real = "\(shipped.file.folder)/real.db"
        try await shipped.file.with(real) { _ = try await $0.query(Statement("SELECT 1"), into: ValueRows()) }
        try FileManager.default.createSymbolicLink(atPath: shipped.file.path, withDestinationPath: real)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        try await insert(shipped)
        try await shipped.ship()
        let contents = try await shipped.contents()
        let (found, restoration) = try await shipped.restored(.latest)
        #expect(found == contents && restoration.reached?.pieces == 1)
        try await shipped.stop()
    }

    @Test func `grown by much is stored before its time`() async throws {
        let (shipped, _) = try await started {
            $0.growthFrames = 30
            $0.pulse = .milliseconds(5)
        }
        let shipper = try shipped.shipper
        let count = try await shipped.pieces.count
        let running = Task { await shipper.run() }
        try await insert(shipped, 40)
        let deadline = Deadline(after: .seconds(60))
        while try await shipped.pieces.count == count, !deadline.isPast { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try await shipped.pieces.count > count)
        running.cancel()
        await running.value
        try await shipped.stop()
    }
}
