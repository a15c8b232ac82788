import Synchronization

/// UUIDs of version 7 (RFC 9562 section 5.7): 48 bits of Unix time in milliseconds, then random bits.
enum UUIDv7 {
    static func make(milliseconds: Int64) -> String {
        make(milliseconds: milliseconds, next: UInt64.random(in: 0...0x0FFF))
    }

    /// - Parameter next: the 12 bits behind the time.
    fileprivate static func make(milliseconds: Int64, next: UInt64) -> String {
        let high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | next
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

/// UUIDs of version 7 each of which is greater than the one before (RFC 9562 section 6.2, method 1): those of one millisecond are counted, and a
/// clock that goes back is not followed.
final class UUIDv7Sequence: Sendable {
    private let last = Mutex<(milliseconds: Int64, count: UInt64)>((0, 0))

    func next(milliseconds: Int64) -> String {
        let (milliseconds, count) = last.withLock { last in
            if milliseconds > last.milliseconds {
                last = (milliseconds, UInt64.random(in: 0...0x07FF))
            } else if last.count < 0x0FFF {
                last.count += 1
            } else {
                last = (last.milliseconds + 1, 0)
            }
            return last
        }
        return UUIDv7.make(milliseconds: milliseconds, next: count)
    }
}
