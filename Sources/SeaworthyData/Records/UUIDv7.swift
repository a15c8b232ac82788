/// UUIDs of version 7 (RFC 9562 section 5.7): 48 bits of Unix time in milliseconds, then random bits.
enum UUIDv7 {
    static func make(milliseconds: Int64) -> String {
        var high = UInt64(bitPattern: milliseconds) << 16
        high |= 0x7000 | UInt64.random(in: 0...0x0FFF)
        let low = UInt64.random(in: 0...UInt64.max) >> 2 | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<16 {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            let word = index < 8 ? high : low
            let byte = UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8))
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
