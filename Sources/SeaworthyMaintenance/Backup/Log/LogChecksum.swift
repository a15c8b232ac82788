/// The running checksum of SQLite's write-ahead log: two words that every eight bytes change.
/// <https://sqlite.org/fileformat2.html#checksum_algorithm>
struct LogChecksum: Sendable, Equatable {
    var first: UInt32 = 0
    var second: UInt32 = 0

    /// - Parameters:
    ///   - bytes: a multiple of eight.
    ///   - isBigEndian: how the log's words are read, as its magic number says.
    mutating func add(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool) {
        var (first, second) = (first, second)
        var offset = 0
        while offset + 8 <= bytes.count {
            let one = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            let two = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            first &+= (isBigEndian ? UInt32(bigEndian: one) : UInt32(littleEndian: one)) &+ second
            second &+= (isBigEndian ? UInt32(bigEndian: two) : UInt32(littleEndian: two)) &+ first
            offset += 8
        }
        (self.first, self.second) = (first, second)
    }
}
