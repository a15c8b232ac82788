/// A moment in the forms that mails need, in UTC.
struct MailDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private let daysSinceEpoch: Int64
    private let microsecondOfDay: Int64
    private let year: Int64
    private let month: Int
    private let day: Int64

    /// - Parameter microseconds: since 1970, not before it.
    init(_ microseconds: Int64) {
        let time = max(0, microseconds)
        daysSinceEpoch = time / 86_400_000_000
        microsecondOfDay = time % 86_400_000_000
        // Years that begin in March have the leap day at their end: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
        let shifted = daysSinceEpoch + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    private var clock: [Int64] {
        let second = microsecondOfDay / 1_000_000
        return [second / 3600, second / 60 % 60, second % 60]
    }

    /// `Sat, 28 Nov 2026 19:24:19 +0000`, as RFC 5322 section 3.3 has it.
    var header: String {
        let time = clock.map { Self.pad($0, 2) }.joined(separator: ":")
        return "\(Self.days[Int(daysSinceEpoch % 7)]), \(day) \(Self.months[month - 1]) \(Self.pad(year, 4)) \(time) +0000"
    }

    /// `20261128T192419.123456Z`: sorts as time does, and may stand in a file's name.
    var label: String {
        let date = Self.pad(year, 4) + Self.pad(Int64(month), 2) + Self.pad(day, 2)
        return "\(date)T\(clock.map { Self.pad($0, 2) }.joined()).\(Self.pad(microsecondOfDay % 1_000_000, 6))Z"
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
