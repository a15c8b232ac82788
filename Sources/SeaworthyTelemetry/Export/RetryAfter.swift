/// What a receiver asks to wait: `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
enum RetryAfter {
    /// - Parameter now: seconds since 1970, for a date.
    /// - Returns: nil for what is neither; zero for a date that has passed.
    static func parse(_ text: String, now: Int64) -> Duration? {
        if !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int64(text) {
            return .seconds(seconds)
        }
        return date(text).map { .seconds(max(0, $0 - now)) }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`; nobody sends the two older forms any more.
    private static func date(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard text.utf8.count == 29, words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let day = Int64(words[1]), let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3])
        else { return nil }
        let clock = words[4].split(separator: ":").map { Int64($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            (1...31).contains(day), (1970...9999).contains(year), (0...23).contains(hour), (0...59).contains(minute),
            (0...60).contains(second)
        else { return nil }
        return days(year: year, month: Int64(month + 1), day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Days since 1970, by the Gregorian calendar, whose years are made to begin in March so that the leap day is their last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
