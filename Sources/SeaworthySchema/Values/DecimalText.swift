/// A number's digits as they were written, so that it can become an exact integer without passing through a double.
struct DecimalText {
    private var isNegative: Bool
    /// The digits without point, leading zeros dropped.
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
            guard allowsExponent, let exponent = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), exponent.magnitude < 10_000 else {
                return nil
            }
            scale -= exponent
            rest = rest.dropFirst(rest.count)
        }
        guard rest.isEmpty else { return nil }
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
