import SeaworthySchema
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110, 5.6.7).
package enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter seconds: Since 1970, UTC; not negative.
    static func text(seconds: Int) -> String {
        let days = seconds / 86_400
        let second = seconds % 86_400
        let date = CivilDate(daysSinceEpoch: days)
        return "\(weekdays[days % 7]), \(pad(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(pad(second / 3600)):\(pad(second / 60 % 60)):\(pad(second % 60)) GMT"
    }

    /// Seconds since 1970.
    @Sendable package static func now() -> Int {
        Int(time(nil))
    }

    /// The same moment as RFC 3339 writes it: `1994-11-06T08:49:37.000Z`.
    static func rfc3339(milliseconds: Int) -> String {
        let seconds = milliseconds / 1000
        let date = CivilDate(daysSinceEpoch: seconds / 86_400)
        let second = seconds % 86_400
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        let day = "\(date.year)-\(pad(date.month))-\(pad(date.day))"
        return "\(day)T\(pad(second / 3600)):\(pad(second / 60 % 60)):\(pad(second % 60)).\(fraction)Z"
    }

    private static func pad(_ value: Int) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}

/// The current time for `Date`, written once a second.
final class HTTPClock: Sendable {
    private struct Cached {
        var second: Int
        var text: String
    }

    private let cached = Mutex(Cached(second: -1, text: ""))

    var date: String {
        let second = Int(time(nil))
        return cached.withLock { cached in
            if cached.second != second {
                cached = Cached(second: second, text: HTTPDate.text(seconds: second))
            }
            return cached.text
        }
    }
}
