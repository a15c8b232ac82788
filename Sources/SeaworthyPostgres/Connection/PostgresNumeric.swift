/// Numbers of any length as the server sends them: digits to the base 10,000, the power of the first, a sign, and how many decimal digits
/// stand behind the point. <https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/numeric.c> (numeric_send)
enum PostgresNumeric {
    private struct Parts {
        private let bytes: UnsafeRawBufferPointer
        let count: Int
        let weight: Int
        let isNegative: Bool
        let isFinite: Bool
        let scale: Int

        init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
            // What the server says, or what is there.
            count = min(Int(bytes.bigEndian(UInt16.self)), max(bytes.count - 8, 0) / 2)
            weight = Int(bytes.bigEndian(Int16.self, at: 2))
            let sign = bytes.bigEndian(UInt16.self, at: 4)
            isNegative = sign == 0x4000
            isFinite = sign == 0 || sign == 0x4000
            scale = Int(bytes.bigEndian(UInt16.self, at: 6))
        }

        /// A digit to the base 10,000.
        subscript(_ index: Int) -> Int64 { Int64(bytes.bigEndian(UInt16.self, at: 8 + 2 * index)) }
    }

    /// The number times ten to the power of its digits behind the point; the end of the range where that does not fit, 0 for what is no
    /// number.
    static func scaled(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        let parts = Parts(bytes)
        guard parts.isFinite else { return 0 }
        let end: Int64 = parts.isNegative ? .min : .max
        var sum: Int64 = 0
        for index in 0..<parts.count {
            let digit = parts[index]
            guard digit > 0 else { continue }
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
        for index in 0..<parts.count { text += String(10_000 + parts[index]).dropFirst() }
        return parts.count == 0 ? 0 : Double(text + "e\(4 * (parts.weight - parts.count + 1))") ?? 0
    }

    private static func power(_ exponent: Int) -> Int64 {
        powers.indices.contains(exponent) ? powers[exponent] : .max
    }

    private static let powers: [Int64] = (0...18).map { exponent in (0..<exponent).reduce(1) { power, _ in power * 10 } }
}
