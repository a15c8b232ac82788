import Foundation
import MetricsTestKit
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import SeededNumbers
import Synchronization
import Testing

@testable import SeaworthyMaintenance

@Suite struct `Somebody else who opens the database whose log is shipped` {
    private func started(_ checkpointFrames: Int = 1000) async throws -> ShippedFile {
        let shipped = try ShippedFile(checkpointFrames: checkpointFrames)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        return shipped
    }

    private func insert(_ database: SQLiteDatabase, _ rows: Int = 1) async throws {
        try await database.transaction(.write) { transaction in
            for _ in 0..<rows { try await transaction.execute(Statement("INSERT INTO t (b) VALUES (randomblob(2000))")) }
        }
    }

    @Test(arguments: ["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
    func `cannot begin the log anew while it is held`(mode: String) async throws {
        let shipped = try await started()
        for _ in 0..<4 {
            try await shipped.file.with { try await insert($0, 3) }
            try await insert(try shipped.database)
            try? Stranger.run("PRAGMA wal_checkpoint(\(mode))", on: shipped.file.path)
            try await insert(try shipped.database)
            try await shipped.ship()
        }
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        try await shipped.stop()
    }

    @Test func `finds no moment without a hold, and none in which it holds nothing`() async throws {
        let shipped = try ShippedFile(checkpointFrames: 10_000)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        let path = shipped.file.path
        let releases = Atomic(0)
        try await shipped.start(onRelease: {
            releases.add(1, ordering: .relaxed)
            try? Stranger.run("PRAGMA wal_checkpoint(TRUNCATE)", on: path)
        })
        try await shipped.ship()
        for _ in 0..<3 {
            try await insert(try shipped.database)
            try await shipped.ship()
            // Everything up to the held snapshot is copied now: a new one would hold nothing.
            try Stranger.run("PRAGMA wal_checkpoint(PASSIVE)", on: path)
            try await shipped.ship()
            try await shipped.ship()
            try? Stranger.run("PRAGMA wal_checkpoint(TRUNCATE)", on: path)
            try await insert(try shipped.database)
            try await shipped.ship()
        }
        #expect(releases.load(ordering: .relaxed) == 0)
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        try await shipped.stop()
    }

    @Test func `that writes while nobody runs makes a new chain and a backup at once, and the gap is refused`() async throws {
        let shipped = try await started()
        try await insert(try shipped.database)
        try await shipped.ship()
        let (before, end) = (try await shipped.contents(), shipped.now)
        shipped.file.advance(seconds: 10)
        try await shipped.stop()
        // With the default settings, which copy the log and take it away at the end.
        try await shipped.file.with { try await insert($0, 5) }
        #expect(!FileManager.default.fileExists(atPath: shipped.file.path + "-wal"))
        shipped.file.advance(seconds: 10)
        try await shipped.start()
        try await shipped.ship()
        let generations = Set(try await shipped.pieces.map(\.generation))
        #expect(generations.count == 2)
        #expect(try await shipped.backups().list().count == 2)
        #expect(try shipped.metrics.expectCounter("backup_log_failures_total").totalValue == 1)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        #expect(try await shipped.restored(.at(end)).0 == before)
        let gap = await backupError { _ = try await shipped.restored(.at(end + 15_000_000)) }
        #expect(gap?.code == .outOfReach && gap?.message.contains("the log reaches from ") == true, "\(String(describing: gap))")
        let spans = try #require(try await shipped.backups().log(behind: try await shipped.backups().list())).spans
        #expect(spans.count == 2 && spans[0].to == end && spans[1].from > end)
        try await shipped.stop()
    }

    @Test func `that takes the log away under the hold is found out`() async throws {
        let shipped = try await started()
        try await insert(try shipped.database)
        try await shipped.ship()
        // As nobody may: the read transaction ends, and a checkpoint begins the log anew.
        let shipper = try shipped.shipper
        await shipper.hold.release()
        try await insert(try shipped.database)
        try Stranger.run("PRAGMA wal_checkpoint(TRUNCATE)", on: shipped.file.path)
        try await insert(try shipped.database)
        try await shipped.ship()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 2)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        try await shipped.stop()
    }

    @Test(arguments: [21, 22, 23, 24, 25, 26] as [UInt64])
    func `never makes a restore wrong, whatever is done in whatever order`(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let shipped = try await started(15)
        var moments: [(time: Int64, contents: DatabaseContents)] = []
        for _ in 0..<60 {
            let rows = Int.random(in: 1...6, using: &random)
            // What the end of a server stores is of another moment than what was stored before.
            shipped.file.advance(seconds: 1)
            switch Int.random(in: 0...9, using: &random) {
            case 0...2: try await insert(try shipped.database, rows)
            case 3: try Stranger.run("INSERT INTO t (b) VALUES (randomblob(\(rows * 2000)))", on: shipped.file.path)
            case 4:
                let mode = ["PASSIVE", "TRUNCATE"].randomElement(using: &random) ?? "PASSIVE"
                try? Stranger.run("PRAGMA wal_checkpoint(\(mode))", on: shipped.file.path)
            case 5:
                try await shipped.stop()
                if Bool.random(using: &random) { try await shipped.file.with { try await insert($0, rows) } }
                try await shipped.start()
            case 6: try await shipped.shipper.hold.release()
            default:
                try await shipped.ship()
                moments.append((shipped.now, try await shipped.contents()))
            }
        }
        try await shipped.ship()
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents, "seed \(seed)")
        var equal = 0
        for (time, contents) in moments {
            do {
                let found = try await shipped.restored(.at(time)).0
                #expect(found == contents, "seed \(seed), moment \(TimeLabel.precise(time))")
                equal += 1
            } catch let error as BackupError {
                // In a gap, or before the first backup of its chain.
                #expect(error.code == .outOfReach, "seed \(seed): \(error)")
            }
        }
        #expect(equal > 0)
        try await shipped.stop()
    }

    @Test func `that ships too is waited for, and taken over from`() async throws {
        let shipped = try await started()
        let other = shipped.makeShipper()
        let database = try await shipped.open()
        await other.begin(database)
        try await insert(database)
        guard case .waiting = await other.state else { return #expect(Bool(false), "two ship at once") }
        try await shipped.ship()
        try await shipped.stop()
        try await insert(database)
        shipped.file.advance(seconds: 1)
        let running = Task { await other.run() }
        let deadline = Deadline(after: .seconds(60))
        while try await shipped.pieces.last?.time != shipped.now, !deadline.isPast { try await Task.sleep(for: .milliseconds(10)) }
        running.cancel()
        await running.value
        await other.end()
        let contents = try await database.transaction(.read) { try await SQLiteContents.read(in: $0) }
        #expect(try await shipped.restored(.latest).0 == contents)
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        await database.close()
    }
}
