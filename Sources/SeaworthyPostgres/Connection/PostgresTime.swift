import SeaworthySchema

/// Times as the server sends and takes them: counted from 2000-01-01. <https://www.postgresql.org/docs/15/datatype-datetime.html>
enum PostgresTime {
    private static let daysBetween = 10_957
    private static let microsecondsBetween: Int64 = Int64(daysBetween) * 86_400_000_000

    /// From the server's count to ours, from 1970-01-01; the infinities are the ends of the range.
    static func microseconds(sinceEpochOfServer time: Int64) -> Int64 {
        if time == .max || time == .min { return time }
        let (sum, overflows) = time.addingReportingOverflow(microsecondsBetween)
        return overflows ? .max : sum
    }

    /// Nil when the server has no such time.
    static func sinceEpochOfServer(microseconds: Int64) -> Int64? {
        let (difference, overflows) = microseconds.subtractingReportingOverflow(microsecondsBetween)
        return overflows ? nil : difference
    }

    /// `YYYY-MM-DD`, or the name of an infinity.
    static func date(daysSinceEpochOfServer days: Int32) -> [UInt8] {
        if days == .max { return Array("infinity".utf8) }
        if days == .min { return Array("-infinity".utf8) }
        var text: [UInt8] = []
        text.write(date: CivilDate(daysSinceEpoch: Int(days) + daysBetween))
        return text
    }

    /// Nil for a text that is not `YYYY-MM-DD`.
    static func daysSinceEpochOfServer(_ text: String) -> Int32? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        return Int32(date.daysSinceEpoch - daysBetween)
    }
}
