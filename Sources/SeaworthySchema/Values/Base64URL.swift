/// Base64 for URLs without padding (RFC 4648 section 5).
package enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    package static func text(of bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { buffer in
            var (written, group, count) = (0, UInt32(0), 0)
            func write(_ digits: Int) {
                for place in 0..<digits {
                    buffer[written] = Self.digits[Int(group >> UInt32(18 - 6 * place)) & 63]
                    written += 1
                }
            }
            for byte in bytes {
                group |= UInt32(byte) << UInt32(16 - 8 * count)
                count += 1
                if count == 3 {
                    write(4)
                    (group, count) = (0, 0)
                }
            }
            if count > 0 { write(count + 1) }
            return written
        }
    }
    /// The bytes of a text; nil for one that is not what ``text(of:)`` gives: no padding, no other alphabet, no bits that decoding passes over.
    package static func bytes(of text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var (group, bits) = (UInt32(0), 0)
        for digit in text.utf8 {
            let value: UInt32
            switch digit {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(digit - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(digit - UInt8(ascii: "a")) + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(digit - UInt8(ascii: "0")) + 52
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return nil
            }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
                group &= (1 << UInt32(bits)) - 1
            }
        }
        guard bits < 6, group == 0 else { return nil }
        return bytes
    }
}
