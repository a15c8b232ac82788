import Foundation
import MetricsTestKit
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import SeededNumbers
import Testing

@testable import SeaworthyMaintenance

@Suite struct `What is committed while the log is shipped` {
    /// Something that a user may do to a database.
    private func change(_ database: SQLiteDatabase, at path: String, _ random: inout SplitMix) async throws {
        let number = Int.random(in: 0...1_000_000, using: &random)
        let rows = Int.random(in: 1...30, using: &random)
        let bytes = Int.random(in: 1...3000, using: &random)
        let series = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < \(rows))"
        func run(_ statements: String..., fails: Bool = false) async throws {
            do {
                try await database.transaction(.write) { transaction in
                    for statement in statements { try await transaction.execute(Statement(statement)) }
                    if fails { throw CancellationError() }
                }
            } catch is CancellationError {}
        }
        switch Int.random(in: 0...13, using: &random) {
        case 0...3: try await run("\(series) INSERT INTO t (b) SELECT randomblob(\(bytes)) FROM c")
        case 4: try await run("UPDATE t SET b = randomblob(\(bytes)) WHERE a % 7 = \(number % 7)")
        case 5: try await run("DELETE FROM t WHERE a % 3 = \(number % 3)")
        case 6: try await run("CREATE TABLE x\(number) (a, b)", "\(series) INSERT INTO x\(number) SELECT x, randomblob(500) FROM c")
        case 7:
            let names = try await database.query(
                Statement("SELECT name FROM sqlite_schema WHERE name LIKE 'x%' AND type = 'table'"), into: ValueRows())
            if let name = names.first?.first { try await run("DROP TABLE \"\(name.text)\"") }
        case 8: try await run("CREATE INDEX IF NOT EXISTS i ON t (b)")
        case 9: try await run("DROP INDEX IF EXISTS i")
        case 10:
            // Spills, and is rolled back: frames in the log that are none.
            try await run("\(series) INSERT INTO t (b) SELECT randomblob(20000) FROM c", fails: true)
        case 11: try await run("\(series) INSERT INTO t (b) SELECT randomblob(15000) FROM c", "UPDATE t SET b = randomblob(100)")
        case 12: try Stranger.run("VACUUM", on: path)
        default: try await run("PRAGMA user_version = \(number)", "DELETE FROM t WHERE a > \(number % 500)")
        }
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func `is there at the moment of every piece, byte for byte`(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let shipped = try ShippedFile(
            keys: seed.isMultiple(of: 2) ? BackedUpFile.key("a") : nil, imageBytes: seed % 4 == 3 ? 40_000 : LogPiece.imageBytes)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        let database = try shipped.database
        var moments: [(time: Int64, contents: DatabaseContents)] = []
        var reader: (task: Task<Void, any Error>, end: Latch)?
        for _ in 0..<70 {
            // A backup is of another moment than the piece before it.
            shipped.file.advance(seconds: 1)
            try await change(database, at: shipped.file.path, &random)
            switch Int.random(in: 0...9, using: &random) {
            case 0...4:
                try await shipped.ship()
                if let end = try await shipped.end { moments.append((end, try await shipped.contents())) }
            case 5: _ = try await shipped.backups().create()
            case 6:
                // A reader that needs the log as it is for a while.
                reader?.end.open()
                try await reader?.task.value
                let (began, end) = (Latch(), Latch())
                let task = Task {
                    try await database.transaction(.read) { transaction in
                        _ = try await transaction.query(Statement("SELECT count(*) FROM t"), into: ValueRows())
                        began.open()
                        await end.wait()
                    }
                }
                await began.wait()
                reader = (task, end)
            case 7:
                reader?.end.open()
                try await reader?.task.value
                reader = nil
            default: break
            }
        }
        reader?.end.open()
        try await reader?.task.value
        try await shipped.ship()
        if let end = try await shipped.end { moments.append((end, try await shipped.contents())) }
        let generations = Set(try await shipped.pieces.map(\.generation))
        #expect(generations.count == 1, "seed \(seed): \(generations)")
        let last = try #require(moments.last)
        for (time, contents) in moments.shuffled(using: &random).prefix(8) + [last] {
            let (found, restoration) = try await shipped.restored(.at(time))
            #expect(found == contents, "seed \(seed), moment \(TimeLabel.precise(time)), from \(restoration.manifest.id)")
        }
        let first = try #require(try await shipped.backups().list().last?.id)
        #expect(try await shipped.restored(.latest, from: first).0 == last.contents)
        _ = try await shipped.backups().verify(first)
        try await shipped.stop()
    }

    @Test func `begins the log anew once it is long, and the chain goes on`() async throws {
        let shipped = try ShippedFile(checkpointFrames: 10)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        let database = try shipped.database
        var logs: Set<UInt64> = []
        for round in 0..<6 {
            for _ in 0..<12 {
                try await database.transaction(.write) {
                    _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (randomblob(3000))"))
                }
            }
            try await shipped.ship()
            logs.insert(try #require(try LogFile(shipped.file.path + "-wal")).header.salts)
            #expect(try #require(Files.bytes(shipped.file.path + "-wal")) < 400_000, "round \(round)")
        }
        #expect(logs.count == 6)
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        // While a reader needs the old log it only grows.
        let (began, end) = (Latch(), Latch())
        let reader = Task {
            try await database.transaction(.read) { transaction in
                _ = try await transaction.query(Statement("SELECT count(*) FROM t"), into: ValueRows())
                began.open()
                await end.wait()
            }
        }
        await began.wait()
        let before = try #require(try LogFile(shipped.file.path + "-wal")).header.salts
        for _ in 0..<3 {
            for _ in 0..<12 {
                try await database.transaction(.write) {
                    _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (randomblob(3000))"))
                }
            }
            try await shipped.ship()
        }
        #expect(try #require(try LogFile(shipped.file.path + "-wal")).header.salts == before)
        end.open()
        try await reader.value
        try await shipped.ship()
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        try await shipped.stop()
    }

    @Test func `goes on after a stop, with what commands wrote meanwhile that leave the log alone`() async throws {
        let shipped = try ShippedFile()
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        for round in 0..<3 {
            let database = try shipped.database
            try await database.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (x'\(10 + round)')")) }
            // What nobody shipped is shipped at the end.
            shipped.file.advance(seconds: 1)
            try await shipped.stop()
            let between = try await shipped.open()
            try await between.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (x'\(20 + round)')")) }
            await between.close()
            try await shipped.start()
            try await shipped.ship()
        }
        let contents = try await shipped.contents()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        #expect(try await shipped.backups().list().count == 1)
        let (found, restoration) = try await shipped.restored(.latest)
        #expect(found == contents && restoration.reached?.pieces ?? 0 >= 6)
        try await shipped.stop()
    }

    @Test func `has a backup made where the chain goes on and has none any more`() async throws {
        let shipped = try ShippedFile()
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        try await shipped.stop()
        for name in shipped.file.names() where !name.contains("-log-") {
            try FileManager.default.removeItem(atPath: "\(shipped.file.store)/\(name)")
        }
        #expect(try await shipped.backups().list().isEmpty)
        try await shipped.start()
        try await shipped.ship()
        #expect(try await shipped.backups().list().count == 1)
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 1)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        // And none where there is one.
        try await shipped.stop()
        try await shipped.start()
        try await shipped.ship()
        #expect(try await shipped.backups().list().count == 1)
        try await shipped.stop()
    }

    @Test func `stores nothing when nothing was committed, and at the end what is left`() async throws {
        let shipped = try ShippedFile()
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        let count = try await shipped.pieces.count
        for _ in 0..<3 { try await shipped.ship() }
        #expect(try await shipped.pieces.count == count)
        let database = try shipped.database
        try await database.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (x'01')")) }
        shipped.file.advance(seconds: 1)
        let contents = try await shipped.contents()
        try await shipped.stop()
        #expect(try await shipped.pieces.count == count + 1)
        let (found, restoration) = try await shipped.restored(.latest)
        #expect(found == contents && restoration.reached?.moment == shipped.now)
        #expect(try shipped.metrics.expectCounter("backup_log_bytes_total").totalValue > 0)
        #expect(try shipped.metrics.expectCounter("backup_log_failures_total").totalValue == 0)
        #expect(
            try shipped.metrics.expectRecorder("backup_log_last_success_timestamp_seconds").lastValue == Double(shipped.now) / 1_000_000)
    }
}
