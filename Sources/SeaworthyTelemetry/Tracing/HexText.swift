/// Numbers in hexadecimal digits of lower case, as names of traces and events are written.
enum HexText {
    /// 16 digits for each word.
    static func text(_ words: UInt64...) -> String {
        String(unsafeUninitializedCapacity: words.count * 16) { buffer in
            for index in 0..<(words.count * 16) {
                let nibble = UInt8(truncatingIfNeeded: words[index / 16] >> UInt64((15 - index % 16) * 4)) & 0x0F
                buffer[index] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
            }
            return words.count * 16
        }
    }

    /// The number of at most 16 digits; nil for what else there is, digits of upper case among it.
    static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}
