extension HTTPDate {
    /// Reads a time as HTTP writes it, and in the two older forms that have to be read (RFC 9110, 5.6.7).
    ///
    /// - Returns: Seconds since 1970, UTC; nil when it is none of these forms, or not a time of the calendar.
    static func seconds(_ text: String) -> Int? {
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        switch words.count {
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT":
            // Sun, 06 Nov 1994 08:49:37 GMT
            return seconds(year: number(words[3], digits: 4...4), month: words[2], day: number(words[1], digits: 2...2), time: words[4])
        case 4 where words[0].hasSuffix(",") && words[3] == "GMT":
            // Sunday, 06-Nov-94 08:49:37 GMT. A year that would be more than fifty years ahead is one of the century before.
            let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard date.count == 3, let short = number(date[2], digits: 2...2) else { return nil }
            let thisYear = 1970 + now() / 31_556_952
            let year = thisYear / 100 * 100 + short
            return seconds(
                year: year > thisYear + 50 ? year - 100 : year, month: date[1], day: number(date[0], digits: 2...2), time: words[2])
        case 5:
            // Sun Nov  6 08:49:37 1994
            return seconds(year: number(words[4], digits: 4...4), month: words[1], day: number(words[2], digits: 1...2), time: words[3])
        default: return nil
        }
    }

    private static func seconds(year: Int?, month: Substring, day: Int?, time: Substring) -> Int? {
        guard let year, year >= 1970, let month = months.firstIndex(of: String(month)), let day, day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month] else { return nil }
        let parts = time.split(separator: ":", omittingEmptySubsequences: false).map { number($0, digits: 2...2) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2] else { return nil }
        // A leap second is read as the second after it.
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        let before = year - 1
        let leapDays = (before / 4 - before / 100 + before / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let days = (year - 1970) * 365 + leapDays + lengths[..<month].reduce(0, +) + day - 1
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
