import NIOCore

/// The name of one request in its answer and in the log.
enum RequestID {
    static let maximumLength = 128

    /// Is a client's own id usable: 1 to 128 of `A-Z a-z 0-9 . _ -`?
    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...maximumLength).contains(bytes.count) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default:
                false
            }
        }
    }

    /// Fresh ids of 128 bits in 32 hexadecimal digits.
    ///
    /// Seeded from the system once a connection and stepped by SplitMix64 (Steele, Lea, Flood 2014): ids have to be distinct, not
    /// secret, and the system's generator costs a call into the kernel each time.
    struct Generator {
        private var high: UInt64
        private var low: UInt64

        init() {
            var system = SystemRandomNumberGenerator()
            self.init(high: system.next(), low: system.next())
        }

        init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }

        mutating func next() -> String {
            let words = (Self.step(&high), Self.step(&low))
            return String(unsafeUninitializedCapacity: 32) { buffer in
                for index in 0..<32 {
                    let word = index < 16 ? words.0 : words.1
                    let nibble = UInt8(truncatingIfNeeded: word >> UInt64((15 - index % 16) * 4)) & 0x0F
                    buffer[index] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                }
                return 32
            }
        }

        private static func step(_ state: inout UInt64) -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}
