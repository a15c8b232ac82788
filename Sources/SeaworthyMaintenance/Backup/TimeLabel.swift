import SeaworthySchema

/// Times in names and messages.
package enum TimeLabel {
    /// `2026-11-25T03:15:00Z`
    package static func text(_ microseconds: Int64) -> String {
        let time = CivilTime(microseconds: microseconds)
        return
            "\(pad(time.date.year, 4))-\(pad(time.date.month, 2))-\(pad(time.date.day, 2))T\(pad(time.hour, 2)):\(pad(time.minute, 2)):\(pad(time.second, 2))Z"
    }

    /// `2026-11-25T03:15:00.123456Z`, without a fraction that is nothing.
    package static func precise(_ microseconds: Int64) -> String {
        let fraction = CivilTime(microseconds: microseconds).microsecond
        return fraction == 0 ? text(microseconds) : "\(text(microseconds).dropLast()).\(pad(fraction, 6))Z"
    }

    /// A time of RFC 3339, with any offset; nil for anything else, also for what is finer than a microsecond.
    package static func microseconds(_ text: String) -> Int64? {
        if case .integer(let time)? = try? FieldType.timestamp.value(fromText: text) { time } else { nil }
    }

    /// `20261125T031500Z`
    static func compact(_ microseconds: Int64) -> String {
        text(microseconds).filter { $0 != "-" && $0 != ":" }
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
