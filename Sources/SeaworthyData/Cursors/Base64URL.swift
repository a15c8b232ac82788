/// Base64 for URLs without padding (RFC 4648 section 5).
enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(of bytes: some Collection<UInt8>) -> String {
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
}
