/// Base32 without padding (RFC 4648 section 6), as authenticator apps take it.
enum Base32 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func text(of bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (group, bits) = (UInt32(0), UInt32(0))
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(digits[Int(group >> bits & 31)])
            }
            group &= (1 << bits) - 1
        }
        if bits > 0 { text.append(digits[Int(group << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
