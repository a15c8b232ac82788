import SeaworthySchema

/// Which backups are kept: all of the last 24 hours, and of those before the newest of each day, week and month, each up to an age of its
/// own. Days and months are those of UTC, weeks begin on Monday.
package struct BackupRetention: Sendable, Equatable {
    /// A backup, as far as this is concerned.
    package struct Point: Sendable, Equatable {
        package var id: String
        /// Microseconds since the epoch.
        package var time: Int64
        package var isVerified: Bool

        package init(id: String, time: Int64, isVerified: Bool) {
            self.id = id
            self.time = time
            self.isVerified = isVerified
        }
    }

    private static let day: Int64 = 86_400_000_000

    /// A week of days, four weeks, a year of months.
    package static let standard = BackupRetention(daily: 7, weekly: 28, monthly: 365)

    /// Up to how many days the newest of each day, week and month is kept.
    package var daily: Int
    package var weekly: Int
    package var monthly: Int

    package init(daily: Int, weekly: Int, monthly: Int) {
        self.daily = daily
        self.weekly = weekly
        self.monthly = monthly
    }

    /// `7,28,365`, or one number for days alone. Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part -> Int? in
            let digits = part.utf8.filter { $0 != UInt8(ascii: " ") }
            guard (1...5).contains(digits.count), digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
                return nil
            }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        guard !parts.contains(nil), parts.count == 1 || parts.count == 3, let daily = parts[0], daily > 0 else { return nil }
        self.init(daily: daily, weekly: parts.count == 3 ? parts[1] ?? 0 : 0, monthly: parts.count == 3 ? parts[2] ?? 0 : 0)
    }

    package var description: String { "\(daily),\(weekly),\(monthly)" }

    /// Which of these may go, the oldest first. Never the newest, nor the newest that was verified, nor one of the future.
    package func removable(of points: [Point], now: Int64) -> [String] {
        let sorted = points.sorted { ($0.time, $0.id) > ($1.time, $1.id) }
        var kept: Set<String> = []
        if let newest = sorted.first { kept.insert(newest.id) }
        if let verified = sorted.first(where: \.isVerified) { kept.insert(verified.id) }
        var periods: Set<String> = []
        for point in sorted {
            let age = now - point.time
            if age < Self.day { kept.insert(point.id) }
            let days = CivilTime(microseconds: point.time).date
            let number = days.daysSinceEpoch
            // 1970-01-01 was a Thursday: 3 days after Monday.
            let week = (number + 3 - ((number + 3) % 7 + 7) % 7) / 7
            for (period, limit) in [("d\(number)", daily), ("w\(week)", weekly), ("m\(days.year)-\(days.month)", monthly)]
            where age < Int64(limit) * Self.day && periods.insert(period).inserted {
                kept.insert(point.id)
            }
        }
        return sorted.reversed().map(\.id).filter { !kept.contains($0) }
    }
}
