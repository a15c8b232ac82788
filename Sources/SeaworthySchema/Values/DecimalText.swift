/// A number's digits as they were written, so that it can become an exact integer without passing through a double.
struct DecimalText {
    private var isNegative: Bool
    /// The digits without the point.
    private var digits: [UInt8]
    /// How many of the digits stand after the point; negative when zeros are to be added.
    private(set) var scale: Int

    /// Nil when the text is no JSON number. `+1`, `.5`, `1.` and hexadecimal are none.
    init?(_ text: String, allowsExponent: Bool) {
        var rest = text[...].utf8
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        digits = []
        scale = 0
        var integerDigits = 0
        while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            digits.append(byte)
            integerDigits += 1
            rest.removeFirst()
        }
        guard integerDigits > 0 else { return nil }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                digits.append(byte)
                scale += 1
                rest.removeFirst()
            }
            guard scale > 0 else { return nil }
        }
        if let byte = rest.first, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            guard allowsExponent, let exponent = Self.exponent(rest.dropFirst()) else { return nil }
            scale -= exponent
            rest = rest.dropFirst(rest.count)
        }
        guard rest.isEmpty else { return nil }
    }

    /// The exponent behind its `e`, held within ±1,000,000: what lies beyond is beyond every type as well, but it is a number.
    private static func exponent(_ text: Substring.UTF8View) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
        guard !digits.isEmpty else { return nil }
        var exponent = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
        }
        return isNegative ? -exponent : exponent
    }

    /// The number times ten to the power of `target`, exactly; nil when it does not fit 64 bits or has digits beyond that scale.
    func scaled(to target: Int) -> Int64? {
        var kept = digits[...]
        var zeros = target - scale
        while zeros < 0, kept.last == UInt8(ascii: "0") {
            kept.removeLast()
            zeros += 1
        }
        if kept.allSatisfy({ $0 == UInt8(ascii: "0") }) { return 0 }
        guard zeros >= 0, zeros <= 19 else { return nil }
        var number: Int64 = 0
        for byte in kept + Array(repeating: UInt8(ascii: "0"), count: zeros) {
            // Built as a negative number, whose range is one larger.
            let (product, overflowed) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowedToo) = product.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflowed, !overflowedToo else { return nil }
            number = sum
        }
        if isNegative { return number }
        return number == .min ? nil : -number
    }
}
