extension [UInt8] {
    package mutating func write(integer value: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var magnitude = value.magnitude
            var start = 20
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
            } while magnitude > 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            write(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[start..<20]))
        }
    }

    /// Writes a scaled integer with exactly `scale` digits after the point, without quotation marks.
    package mutating func write(decimal value: Int64, scale: Int) {
        guard scale > 0 else { return write(integer: value) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
            var magnitude = value.magnitude
            var start = 40
            var written = 0
            while magnitude > 0 || written <= scale {
                if written == scale {
                    start -= 1
                    digits[start] = UInt8(ascii: ".")
                }
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
                written += 1
            }
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            write(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[start..<40]))
        }
    }

    /// Writes a finite double in ECMAScript's shortest form (ECMA-262, Number::toString).
    package mutating func write(double value: Double) {
        if value == value.rounded(.towardZero), value.magnitude < 9_007_199_254_740_992 {
            return write(integer: Int64(value))
        }
        writeVerbatim(value.ecmaScriptText)
    }

    /// Writes microseconds since the epoch as RFC 3339 in UTC with six digits of fraction, without quotation marks.
    package mutating func write(timestamp microseconds: Int64) {
        let time = CivilTime(microseconds: microseconds)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 27) { text in
            Self.write(time.date, into: text)
            text[10] = UInt8(ascii: "T")
            Self.write(time.hour, digits: 2, into: text, at: 11)
            text[13] = UInt8(ascii: ":")
            Self.write(time.minute, digits: 2, into: text, at: 14)
            text[16] = UInt8(ascii: ":")
            Self.write(time.second, digits: 2, into: text, at: 17)
            text[19] = UInt8(ascii: ".")
            Self.write(time.microsecond, digits: 6, into: text, at: 20)
            text[26] = UInt8(ascii: "Z")
            write(UnsafeBufferPointer(text))
        }
    }

    package mutating func write(date: CivilDate) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 10) { text in
            Self.write(date, into: text)
            write(UnsafeBufferPointer(text))
        }
    }

    private static func write(_ date: CivilDate, into text: UnsafeMutableBufferPointer<UInt8>) {
        write(date.year, digits: 4, into: text, at: 0)
        text[4] = UInt8(ascii: "-")
        write(date.month, digits: 2, into: text, at: 5)
        text[7] = UInt8(ascii: "-")
        write(date.day, digits: 2, into: text, at: 8)
    }

    private static func write(_ number: Int, digits: Int, into text: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        var rest = number
        for index in stride(from: start + digits - 1, through: start, by: -1) {
            text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}

extension Double {
    /// The number as ECMAScript writes it: the shortest digits that read back as the same double, with an exponent from 10^21 up and
    /// below 10^-6.
    package var ecmaScriptText: String {
        if self == 0 { return "0" }
        // Swift's description has the shortest digits already, in another layout: 1e+16, 1.5e-05, 100000.0.
        var digits: [UInt8] = []
        var point = 0
        var exponent = 0
        var seenPoint = false
        var text = magnitude.description.utf8[...]
        while let byte = text.first {
            text = text.dropFirst()
            switch byte {
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"):
                exponent = Int(String(decoding: text, as: UTF8.self)) ?? 0
                text = text.dropFirst(text.count)
            default:
                digits.append(byte)
                if !seenPoint { point += 1 }
            }
        }
        // `position` is where the point stands, counted in digits from the first one that is not zero.
        var position = point + exponent
        while digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            position -= 1
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let sign = self < 0 ? "-" : ""
        let all = String(decoding: digits, as: UTF8.self)
        switch position {
        case digits.count...21: return sign + all + String(repeating: "0", count: position - digits.count)
        case 1...21:
            return sign + String(decoding: digits[..<position], as: UTF8.self) + "." + String(decoding: digits[position...], as: UTF8.self)
        case -5...0: return sign + "0." + String(repeating: "0", count: -position) + all
        default:
            let power = position - 1
            let fraction = digits.count > 1 ? "." + String(decoding: digits[1...], as: UTF8.self) : ""
            return sign + String(decoding: digits[..<1], as: UTF8.self) + fraction + "e" + (power < 0 ? "-" : "+") + String(power.magnitude)
        }
    }
}
