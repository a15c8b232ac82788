import SeaworthySchema
import Testing

@testable import SeaworthyMaintenance

@Suite struct `The retention of backups` {
    private static let now = microseconds("2026-11-25T12:00:00Z")

    private func removed(_ times: [String], verified: Set<String> = [], _ retention: BackupRetention) -> [String] {
        retention.removable(
            of: times.map { .init(id: $0, time: microseconds("2026-\($0):00Z"), isVerified: verified.contains($0)) }, now: Self.now)
    }

    @Test func `keeps all of the last day, then the newest of each day, week and month`() {
        let retention = BackupRetention(daily: 3, weekly: 14, monthly: 60)
        // The day before is within 24 hours from noon on.
        #expect(removed(["11-25T11:00", "11-25T10:00", "11-24T13:00", "11-24T12:30"], retention) == [])
        #expect(
            removed(["11-25T11:00", "11-24T11:00", "11-24T10:00", "11-23T09:00", "11-23T08:00"], retention) == [
                "11-23T08:00", "11-24T10:00",
            ])
        // The 21st and the 20th are of the week of the 16th to the 22nd, beyond three days.
        #expect(removed(["11-25T11:00", "11-21T10:00", "11-20T10:00"], retention) == ["11-20T10:00"])
        // A Sunday and the Monday after are of two weeks.
        #expect(removed(["11-25T11:00", "11-16T10:00", "11-15T10:00"], retention) == [])
        #expect(removed(["11-25T11:00", "10-20T10:00", "10-10T10:00", "09-10T10:00"], retention) == ["09-10T10:00", "10-10T10:00"])
    }

    @Test func `one number keeps days alone`() {
        let retention = BackupRetention("3")
        #expect(retention == BackupRetention(daily: 3, weekly: 0, monthly: 0))
        #expect(removed(["11-25T11:00", "11-23T10:00", "11-22T10:00"], retention ?? .standard) == ["11-22T10:00"])
    }

    @Test func `never removes the newest, the newest that was verified, or one of the future`() {
        let retention = BackupRetention(daily: 1, weekly: 0, monthly: 0)
        #expect(removed(["06-01T10:00"], retention) == [])
        #expect(
            removed(["06-03T10:00", "06-02T10:00", "06-01T10:00"], verified: ["06-02T10:00", "06-01T10:00"], retention) == ["06-01T10:00"])
        #expect(removed(["12-25T11:00", "12-25T10:00", "11-25T11:00"], retention) == [])
    }

    @Test(
        arguments: [
            ("7,28,365", BackupRetention(daily: 7, weekly: 28, monthly: 365)), ("30", BackupRetention(daily: 30, weekly: 0, monthly: 0)),
            ("7, 28, 0", BackupRetention(daily: 7, weekly: 28, monthly: 0)), ("0", nil), ("", nil), ("7,28", nil), ("7,28,365,1", nil),
            ("-1", nil),
            ("7d", nil), ("999999", nil), ("7,,365", nil),
        ] as [(String, BackupRetention?)])
    func `is written as one number or three`(text: String, expected: BackupRetention?) {
        #expect(BackupRetention(text) == expected)
    }
}

@Suite struct `The schedule of backups` {
    private func text(_ time: Int64?) -> String? { time.map { String(TimeLabel.text($0).dropLast(4)) } }

    @Test(arguments: [
        ("0 3 * * *", "2026-11-25T02:59:59.999999Z", "2026-11-24T03:00", "2026-11-25T03:00"),
        ("0 3 * * *", "2026-11-25T03:00:00Z", "2026-11-25T03:00", "2026-11-26T03:00"),
        ("*/15 * * * *", "2026-11-25T03:07:00Z", "2026-11-25T03:00", "2026-11-25T03:15"),
        ("5/20 1-3 * * *", "2026-11-25T03:50:00Z", "2026-11-25T03:45", "2026-11-26T01:05"),
        ("30 22 * * 1-5", "2026-11-28T12:00:00Z", "2026-11-27T22:30", "2026-11-30T22:30"),
        ("0 0 1,15 * *", "2026-11-25T00:00:00Z", "2026-11-15T00:00", "2026-12-01T00:00"),
        ("0 0 * * 7", "2026-11-25T00:00:00Z", "2026-11-22T00:00", "2026-11-29T00:00"),
        // Both restricted: either is enough.
        ("0 0 13 * 5", "2026-11-10T00:00:00Z", "2026-11-06T00:00", "2026-11-13T00:00"),
        ("0 0 29 2 *", "2026-11-25T00:00:00Z", "2024-02-29T00:00", "2028-02-29T00:00"),
        ("@daily", "2026-11-25T12:00:00Z", "2026-11-25T00:00", "2026-11-26T00:00"),
        ("@hourly", "2026-11-25T12:30:00Z", "2026-11-25T12:00", "2026-11-25T13:00"),
        ("@weekly", "2026-11-25T12:30:00Z", "2026-11-22T00:00", "2026-11-29T00:00"),
        ("@monthly", "2026-11-25T12:30:00Z", "2026-11-01T00:00", "2026-12-01T00:00"),
    ])
    func `knows the time before and the time after`(schedule: String, now: String, last: String, next: String) throws {
        let schedule = try #require(BackupSchedule(schedule))
        #expect(text(schedule.last(until: microseconds(now))) == last)
        #expect(text(schedule.next(after: microseconds(now))) == next)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a * * * *", "*/0 * * * *",
        "5-1 * * * *",
        "1- * * * *", "1-2-3 * * * *", "1,,2 * * * *", "0 0 30 2 *", "@yearly", "-1 * * * *", "0 0 * * MON",
    ]) func `refuses what is none, and what never comes`(text: String) {
        #expect(BackupSchedule(text) == nil)
    }
}
