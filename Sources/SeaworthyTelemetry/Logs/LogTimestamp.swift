#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes the time of a line as RFC 3339 in UTC with milliseconds, `2026-11-24T02:41:03.123Z`.
///
/// The text is kept and made anew at most once a millisecond, since a busy server writes many lines in one.
struct LogTimestamp {
    /// Milliseconds since 1970 that `text` stands for; nil before the first use.
    private var milliseconds: Int64?
    private var text: [UInt8] = []

    /// The wall clock in milliseconds since 1970-01-01T00:00:00Z.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Appends the text of `instant`, in milliseconds since 1970.
    mutating func append(_ instant: Int64, to bytes: inout [UInt8]) {
        if milliseconds != instant {
            text.removeAll(keepingCapacity: true)
            Self.render(instant, into: &text)
            milliseconds = instant
        }
        bytes.append(contentsOf: text)
    }

    private static func render(_ instant: Int64, into bytes: inout [UInt8]) {
        let (days, timeOfDay) = floorDivide(instant, by: 86_400_000)
        let (year, month, day) = civilDate(daysSince1970: days)
        digits(year, width: 4, into: &bytes)
        bytes.append(UInt8(ascii: "-"))
        digits(month, width: 2, into: &bytes)
        bytes.append(UInt8(ascii: "-"))
        digits(day, width: 2, into: &bytes)
        bytes.append(UInt8(ascii: "T"))
        digits(timeOfDay / 3_600_000, width: 2, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        digits(timeOfDay / 60_000 % 60, width: 2, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        digits(timeOfDay / 1000 % 60, width: 2, into: &bytes)
        bytes.append(UInt8(ascii: "."))
        digits(timeOfDay % 1000, width: 3, into: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// The proleptic Gregorian date, after Howard Hinnant's `civil_from_days`
    /// (https://howardhinnant.github.io/date_algorithms.html): years begin in March, so that a leap day comes last.
    private static func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func digits(_ value: Int64, width: Int, into bytes: inout [UInt8]) {
        var scale: Int64 = 1
        for _ in 1..<width { scale *= 10 }
        while scale > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / scale % 10))
            scale /= 10
        }
    }
}
