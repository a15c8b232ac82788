extension FieldType {
    /// The value of a text in its simplest form, read from its bytes without making a string of numbers: for files of many rows.
    ///
    /// Nil where ``value(fromText:isFile:)`` is to decide, which is also where errors come from.
    package func plainValue(_ text: UnsafeBufferPointer<UInt8>) -> Value? {
        switch self {
        case .integer, .bigint: return Self.plainDigits(text, scale: 0).map(Value.integer)
        case .decimal(let precision, let scale):
            guard let number = Self.plainDigits(text, scale: scale), precision >= 15 + scale || Self.hasFewDigits(text, precision - scale)
            else {
                return nil
            }
            return .integer(number)
        case .boolean:
            guard text.count == 1 else { return nil }
            return text[0] == UInt8(ascii: "1") ? .integer(1) : text[0] == UInt8(ascii: "0") ? .integer(0) : nil
        case .string, .text:
            guard let string = String(validating: text, as: UTF8.self), !text.contains(0) else { return nil }
            return .text(string)
        default: return nil
        }
    }

    /// Up to 15 digits with at most `scale` of them after a point, as an integer scaled by that; nil for anything else.
    private static func plainDigits(_ text: UnsafeBufferPointer<UInt8>, scale: Int) -> Int64? {
        // A sign, 15 digits and a point; anything longer could overflow below.
        guard text.count <= 17 else { return nil }
        let isNegative = text.first == UInt8(ascii: "-")
        var number: Int64 = 0
        var fraction: Int?
        var digits = 0
        for index in (isNegative ? 1 : 0)..<max(text.count, isNegative ? 1 : 0) {
            let byte = text[index]
            if byte == UInt8(ascii: "."), fraction == nil, digits > 0, index + 1 < text.count {
                fraction = 0
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
            digits += 1
            if let count = fraction { fraction = count + 1 }
        }
        let missing = scale - (fraction ?? 0)
        guard digits > 0, missing >= 0, digits + missing <= 15 else { return nil }
        for _ in 0..<missing { number *= 10 }
        return isNegative ? -number : number
    }

    /// Whether at most this many digits stand before the point.
    private static func hasFewDigits(_ text: UnsafeBufferPointer<UInt8>, _ count: Int) -> Bool {
        let integer = text.prefix { $0 != UInt8(ascii: ".") }.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "0") }
        return integer.count <= count
    }
}
