/// Adds up hashes of rows, modulo 2^256: the same rows give the same sum in whatever order they come, a changed, a missing and a doubled
/// row another (M. Bellare and D. Micciancio, «A New Paradigm for Collision-free Hashing», 1997, there AdHash). Unlike with XOR, two
/// equal rows do not cancel each other.
struct RowSum: Sendable, Equatable {
    /// The least significant first.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private(set) var rows = 0

    /// - Parameter hash: 32 bytes, taken as a number with its most significant byte first.
    mutating func add(_ hash: UnsafeRawBufferPointer) {
        func word(_ index: Int) -> UInt64 { UInt64(bigEndian: hash.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)) }
        var carry: UInt64 = 0
        func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let (first, overflow) = left.addingReportingOverflow(right)
            let (second, more) = first.addingReportingOverflow(carry)
            carry = overflow || more ? 1 : 0
            return second
        }
        words.0 = sum(words.0, word(3))
        words.1 = sum(words.1, word(2))
        words.2 = sum(words.2, word(1))
        words.3 = sum(words.3, word(0))
        rows += 1
    }

    var hexadecimal: String {
        var bytes: [UInt8] = []
        for word in [words.3, words.2, words.1, words.0] { bytes.appendBigEndian(word) }
        return bytes.hexadecimal
    }

    static func == (left: RowSum, right: RowSum) -> Bool {
        left.words == right.words && left.rows == right.rows
    }
}
