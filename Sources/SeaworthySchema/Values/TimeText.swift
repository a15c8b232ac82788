/// Reads the text forms of dates and timestamps.
enum TimeText {
    enum Zone {
        /// RFC 3339: `Z` or an offset must stand.
        case required
        /// As files have it: a missing zone means UTC, and a space may stand for the `T`.
        case assumedUTC
    }

    static func date(_ text: String) -> CivilDate? {
        var scanner = Scanner(text)
        guard let date = scanner.date(), scanner.isAtEnd else { return nil }
        return date
    }

    /// Microseconds since the epoch; nil for what is no time, or finer than a microsecond, or outside the years 0001 to 9999.
    static func timestamp(_ text: String, zone: Zone) -> Int64? {
        var scanner = Scanner(text)
        guard let date = scanner.date() else { return nil }
        if scanner.isAtEnd, zone == .assumedUTC {
            return CivilTime(date: date, hour: 0, minute: 0, second: 0, microsecond: 0).microseconds
        }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
            let minute = scanner.number(digits: 2), minute < 60, scanner.skip(":"),
            let second = scanner.number(digits: 2), second < 60
        else { return nil }
        var microsecond = 0
        if scanner.skip(".") {
            guard let fraction = scanner.fraction(digits: 6) else { return nil }
            microsecond = fraction
        }
        let local = CivilTime(date: date, hour: hour, minute: minute, second: second, microsecond: microsecond).microseconds
        if scanner.isAtEnd { return zone == .assumedUTC ? local : nil }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        let time = local - Int64(offset) * 60_000_000
        return (earliest...latest).contains(time) ? time : nil
    }

    /// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z.
    static let earliest: Int64 = -62_135_596_800_000_000
    static let latest: Int64 = 253_402_300_799_999_999

    private struct Scanner {
        private var rest: Substring.UTF8View

        init(_ text: String) {
            rest = text[...].utf8
        }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ character: Character) -> Bool {
            guard let byte = character.asciiValue, rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digit() -> Int? {
            guard let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            rest.removeFirst()
            return Int(byte - UInt8(ascii: "0"))
        }

        mutating func number(digits: Int) -> Int? {
            var number = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        /// One to `digits` digits, filled up with zeros.
        mutating func fraction(digits: Int) -> Int? {
            guard var number = digit() else { return nil }
            var count = 1
            while let next = digit() {
                count += 1
                guard count <= digits else { return nil }
                number = number * 10 + next
            }
            while count < digits {
                number *= 10
                count += 1
            }
            return number
        }

        mutating func date() -> CivilDate? {
            guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"), let day = number(digits: 2) else {
                return nil
            }
            return CivilDate(year: year, month: month, day: day)
        }

        /// Minutes east of UTC.
        mutating func offset() -> Int? {
            if skip("Z") || skip("z") { return 0 }
            let isWest = skip("-")
            guard isWest || skip("+"), let hours = number(digits: 2), hours < 24, skip(":"), let minutes = number(digits: 2), minutes < 60
            else { return nil }
            return (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
    }
}
