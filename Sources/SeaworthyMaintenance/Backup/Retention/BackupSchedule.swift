import SeaworthySchema

/// When backups are made, in UTC: five fields as cron has them (https://man7.org/linux/man-pages/man5/crontab.5.html), minute, hour, day of
/// the month, month, day of the week, each `*`, a number, a range `a-b`, a list `a,b`, or with a step `*/n`, `a-b/n`; or one of `@hourly
/// @daily @weekly @monthly`.
package struct BackupSchedule: Sendable, Equatable {
    private static let names = ["@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"]
    private static let minute: Int64 = 60_000_000
    /// In four years every date comes once, in eight also around a year 2100.
    private static let searchedDays = 366 * 8 + 2

    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    /// Where both are restricted, either is enough.
    private let restrictsDays: Bool
    private let restrictsWeekdays: Bool

    /// Nil for what is no schedule, or never comes.
    package init?(_ text: String) {
        let fields = (Self.names[text] ?? text).split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count == 5, let minutes = Self.numbers(fields[0], 0...59), let hours = Self.numbers(fields[1], 0...23),
            let days = Self.numbers(fields[2], 1...31), let months = Self.numbers(fields[3], 1...12),
            let weekdays = Self.numbers(fields[4], 0...7)
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        // Sunday is 0 and 7.
        self.weekdays = Set(weekdays.map { $0 % 7 })
        restrictsDays = !fields[2].hasPrefix("*")
        restrictsWeekdays = !fields[4].hasPrefix("*")
        guard last(until: 4_102_444_800_000_000) != nil else { return nil }
    }

    private static func numbers(_ field: Substring, _ bounds: ClosedRange<Int>) -> Set<Int>? {
        var result: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
            guard pieces.count <= 2, let span = pieces.first else { return nil }
            var step = 1
            if pieces.count == 2 {
                guard let number = number(pieces[1]), number > 0 else { return nil }
                step = number
            }
            var range = bounds
            if span != "*" {
                let ends = span.split(separator: "-", omittingEmptySubsequences: false).map(number)
                guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, low <= high, bounds.contains(low),
                    bounds.contains(high)
                else { return nil }
                // `5/10` is from 5 on.
                range = low...(ends.count == 1 && pieces.count == 2 ? bounds.upperBound : high)
            }
            result.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        return result
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            return nil
        }
        return Int(text)
    }

    /// The latest time of the schedule that is not after the given one, in microseconds since the epoch.
    package func last(until time: Int64) -> Int64? {
        var minute = time / Self.minute - (time % Self.minute < 0 ? 1 : 0)
        var day = Int(minute / 1440)
        let earliest = day - Self.searchedDays
        while day > earliest {
            if isDay(day) {
                while Int(minute / 1440) == day {
                    if hours.contains(Int(minute / 60 % 24)), minutes.contains(Int(minute % 60)) { return minute * Self.minute }
                    minute -= 1
                }
            }
            minute = Int64(day) * 1440 - 1
            day -= 1
        }
        return nil
    }

    /// The next time of the schedule that is after the given one.
    package func next(after time: Int64) -> Int64? {
        var minute = time / Self.minute + 1
        var day = Int(minute / 1440)
        let latest = day + Self.searchedDays
        while day < latest {
            if isDay(day) {
                while Int(minute / 1440) == day {
                    if hours.contains(Int(minute / 60 % 24)), minutes.contains(Int(minute % 60)) { return minute * Self.minute }
                    minute += 1
                }
            }
            day += 1
            minute = Int64(day) * 1440
        }
        return nil
    }

    private func isDay(_ number: Int) -> Bool {
        let date = CivilDate(daysSinceEpoch: number)
        guard months.contains(date.month) else { return false }
        // 1970-01-01 was a Thursday.
        let isWeekday = weekdays.contains(((number + 4) % 7 + 7) % 7)
        let isDay = days.contains(date.day)
        return restrictsDays && restrictsWeekdays ? isDay || isWeekday : isDay && isWeekday
    }
}
