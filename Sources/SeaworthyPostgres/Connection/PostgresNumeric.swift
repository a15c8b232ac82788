/// Numbers of any length as the server sends them: digits to the base 10,000, the power of the first, a sign, and how many decimal digits
/// stand behind the point. <https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/numeric.c> (numeric_send)
enum PostgresNumeric {
    private struct Parts {
        let digits: [Int64]
        let weight: Int
        let isNegative: Bool
        let isFinite: Bool
        let scale: Int

        init(_ bytes: UnsafeRawBufferPointer) {
            let count = Int(bytes.bigEndian(UInt16.self))
            weight = Int(bytes.bigEndian(Int16.self, at: 2))
            let sign = bytes.bigEndian(UInt16.self, at: 4)
            isNegative = sign == 0x4000
            isFinite = sign == 0 || sign == 0x4000
            scale = Int(bytes.bigEndian(UInt16.self, at: 6))
            digits = (0..<count).map { Int64(bytes.bigEndian(UInt16.self, at: 8 + 2 * $0)) }
        }
    }

    /// The number times ten to the power of its digits behind the point; the end of the range where that does not fit, 0 for what is no
    /// number.
    static func scaled(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        let parts = Parts(bytes)
        guard parts.isFinite else { return 0 }
        let end: Int64 = parts.isNegative ? .min : .max
        var sum: Int64 = 0
        for (index, digit) in parts.digits.enumerated() where digit > 0 {
            let exponent = 4 * (parts.weight - index) + parts.scale
            guard exponent >= 0 else {
                // Digits behind the scale are zero, because the server fills up to four.
                sum += (parts.isNegative ? -1 : 1) * digit / power(-exponent)
                continue
            }
            guard exponent <= 18 else { return end }
            let (term, tooLarge) = digit.multipliedReportingOverflow(by: power(exponent))
            let (next, overflows) = parts.isNegative ? sum.subtractingReportingOverflow(term) : sum.addingReportingOverflow(term)
            guard !tooLarge, !overflows else { return end }
            sum = next
        }
        return sum
    }

    static func double(_ bytes: UnsafeRawBufferPointer) -> Double {
        let parts = Parts(bytes)
        guard parts.isFinite else { return .nan }
        // By the text, so that the result is the double next to the number.
        var text = parts.isNegative ? "-" : ""
        for digit in parts.digits { text += String(10_000 + digit).dropFirst() }
        return parts.digits.isEmpty ? 0 : Double(text + "e\(4 * (parts.weight - parts.digits.count + 1))") ?? 0
    }

    private static func power(_ exponent: Int) -> Int64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
