import NIOCore

/// Which of a cluster's 16,384 slots a key belongs to: CRC16 (XMODEM) of the key, or of what stands between its first braces.
/// <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model>
enum KeySlot {
    static let count = 16_384

    static func of(_ word: RedisCommand.Word) -> Int {
        switch word {
        case .text(let text): of(Array(text.utf8))
        case .bytes(let bytes): of(Array(bytes.readableBytesView))
        case .integer(let number): of(Array(String(number).utf8))
        }
    }

    static func of(_ key: [UInt8]) -> Int {
        Int(checksum(tag(key))) % count
    }

    /// What keys have in common that belong together.
    private static func tag(_ key: [UInt8]) -> ArraySlice<UInt8> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")), let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")),
            close > open + 1
        else { return key[...] }
        return key[(open + 1)..<close]
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var sum: UInt16 = 0
        for byte in bytes { sum = sum << 8 ^ table[Int(sum >> 8 ^ UInt16(byte))] }
        return sum
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { value, _ in value & 0x8000 == 0 ? value << 1 : value << 1 ^ 0x1021 }
    }
}
