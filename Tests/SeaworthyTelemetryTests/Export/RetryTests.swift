import Foundation
import Testing

@testable import SeaworthyTelemetry

@Suite struct `Trying again` {
    @Test func `pauses double, up to a bound, each other by chance, and end`() {
        let schedule = RetrySchedule()
        func pauses(_ jitter: Double) -> [Duration?] {
            (1...5).map { schedule.pause(after: $0, retryAfter: nil, jitter: jitter) }
        }
        #expect(pauses(1) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), nil])
        #expect(pauses(0) == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), nil])
        var long = schedule
        long.maximumAttempts = 100
        #expect(long.pause(after: 90, retryAfter: nil, jitter: 1) == .seconds(30))
    }

    @Test func `what the receiver asks for is waited for, within the bound`() {
        let schedule = RetrySchedule()
        #expect(schedule.pause(after: 1, retryAfter: .seconds(7), jitter: 1) == .seconds(7))
        #expect(schedule.pause(after: 1, retryAfter: .zero, jitter: 1) == .seconds(1))
        #expect(schedule.pause(after: 1, retryAfter: .seconds(86_400), jitter: 0) == .seconds(30))
        #expect(schedule.pause(after: 5, retryAfter: .seconds(1), jitter: 0) == nil)
    }

    @Test func `Retry-After is seconds or a date`() {
        #expect(RetryAfter.parse("0", now: 0) == .zero)
        #expect(RetryAfter.parse("120", now: 0) == .seconds(120))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_777 - 5) == .seconds(5))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_777 + 5) == .zero)
        #expect(RetryAfter.parse("Thu, 29 Feb 2024 23:59:59 GMT", now: 1_709_251_198) == .seconds(1))
        for text in [
            "", "-1", "1.5", "1234567890", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sund 06 Nov 1994 08:49:37 GMT",
        ] {
            #expect(RetryAfter.parse(text, now: 0) == nil, "\(text)")
        }
    }

    @Test func `dates are those of the calendar`() throws {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        for seconds in stride(from: Int64(0), to: 16_725_225_600, by: 86_400 * 57 + 12_345) {
            let text = formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
            #expect(RetryAfter.parse(text, now: 0) == .seconds(seconds), "\(text)")
        }
    }
}
