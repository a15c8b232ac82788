import Foundation
import MetricsTestKit
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct `Backups that a schedule makes and retention removes` {
    private func filled(_ rows: Int = 3) async throws -> BackedUpFile {
        let file = try BackedUpFile()
        try await file.write(
            "CREATE TABLE t (a integer PRIMARY KEY, b text)",
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < \(rows)) INSERT INTO t SELECT x, 'row ' || x FROM c")
        return file
    }

    @Test func `a schedule makes one when it is due, verifies it, and removes old ones`() async throws {
        let file = try await filled()
        let metrics = TestMetrics()
        let backups = file.backups(metrics: metrics)
        let schedule = try #require(BackupSchedule("0 3 * * *"))
        try await backups.keep(schedule)
        let first = try #require(try await backups.list().first)
        #expect(first.verified != nil)
        func gauge(_ name: String) throws -> Double { try #require(try metrics.expectRecorder(name).lastValue) }
        #expect(try gauge("backup_last_success_timestamp_seconds") == Double(microseconds("2026-11-25T12:00:00Z")) / 1_000_000)
        #expect(try gauge("backup_last_verified_timestamp_seconds") == Double(microseconds("2026-11-25T12:00:00Z")) / 1_000_000)
        #expect(try gauge("backup_last_size_bytes") == Double(first.manifest?.storedBytes ?? 0))
        // Where another node was faster, this one finds its backup once it has the lock.
        #expect(try await backups.create(unlessSince: first.time) == nil)
        // Not due again before three o'clock.
        file.advance(seconds: 3600)
        try await backups.keep(schedule)
        #expect(try await backups.list().count == 1)
        #expect(try gauge("backup_age_seconds") == 3600)
        file.advance(seconds: 86_400)
        try await backups.keep(schedule)
        // Retention is a day: the first has gone, and the new one is verified.
        let second = try await backups.list()
        #expect(second.count == 1 && second[0].id != first.id && second[0].verified != nil)
        #expect(file.names().count == 3)
    }

    @Test func `a schedule verifies what was made and not verified, and counts what fails`() async throws {
        let file = try await filled()
        let metrics = TestMetrics()
        let backups = file.backups(metrics: metrics)
        let schedule = try #require(BackupSchedule("0 3 * * *"))
        let id = try await backups.create().id
        try await backups.keep(schedule)
        #expect(try await backups.list().map { $0.verified != nil } == [true])
        try FileManager.default.removeItem(atPath: "\(file.store)/\(id).verified.json")
        try file.change(id + ".backup") { $0[100] ^= 1 }
        #expect(await backupError { try await backups.keep(schedule) }?.code == .damaged)
        #expect(try await backups.list().map { $0.verified != nil } == [false])
        #expect(try metrics.expectCounter("backup_failures_total", [("operation", "verify")]).totalValue == 1)
        #expect(try metrics.expectCounter("backup_failures_total", [("operation", "create")]).totalValue == 0)
    }

    @Test func `prune keeps what retention keeps, and touches nothing that is damaged or another database's`() async throws {
        let file = try await filled()
        let backups = file.backups()
        let old = try await backups.create().id
        let damaged = try await backups.create().id
        try file.change(damaged + ".backup") { $0.removeLast() }
        file.advance(seconds: 3 * 86_400)
        let new = try await backups.create().id
        let other = "\(file.folder)/other.db"
        try FileManager.default.copyItem(atPath: file.path, toPath: other)
        let foreign = try await file.backups(path: other).create().id
        #expect(try await backups.prune(isRehearsal: true).backups == [old])
        #expect(try await backups.list().count == 4)
        #expect(try await backups.prune().backups == [old])
        #expect(Set(try await backups.list().map(\.id)) == [damaged, new, foreign])
        #expect(!file.names().contains { $0.hasPrefix(old) })
    }
}
