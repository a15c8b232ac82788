import SeaworthySchema

/// A moment in the forms that mails need, in UTC.
struct MailDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private let time: CivilTime

    /// - Parameter microseconds: since 1970, not before it.
    init(_ microseconds: Int64) {
        time = CivilTime(microseconds: max(0, microseconds))
    }

    private var clock: [String] { [time.hour, time.minute, time.second].map { Self.pad($0, 2) } }

    /// `Sat, 28 Nov 2026 19:24:19 +0000`, as RFC 5322 section 3.3 has it.
    var header: String {
        let date = time.date
        let day = "\(Self.days[date.daysSinceEpoch % 7]), \(date.day) \(Self.months[date.month - 1]) \(Self.pad(date.year, 4))"
        return "\(day) \(clock.joined(separator: ":")) +0000"
    }

    /// `20261128T192419.123456Z`: sorts as time does, and may stand in a file's name.
    var label: String {
        let date = Self.pad(time.date.year, 4) + Self.pad(time.date.month, 2) + Self.pad(time.date.day, 2)
        return "\(date)T\(clock.joined()).\(Self.pad(time.microsecond, 6))Z"
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
