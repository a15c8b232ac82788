@testable import SeaworthyMaintenance

/// A write-ahead log made byte by byte, as the file format says it: <https://sqlite.org/fileformat2.html#walformat>.
struct WrittenLog {
    let header: LogHeader
    private(set) var bytes: [UInt8]
    private(set) var position: LogPosition

    init(pageBytes: Int = 512, isBigEndian: Bool = false, salts: UInt64 = 0x0000_0007_1234_5678) {
        bytes = []
        bytes.appendBigEndian(UInt32(0x377F_0682) + (isBigEndian ? 1 : 0))
        bytes.appendBigEndian(UInt32(3_007_000))
        bytes.appendBigEndian(UInt32(pageBytes))
        bytes.appendBigEndian(UInt32(3))
        bytes.appendBigEndian(salts)
        var sum = LogChecksum()
        bytes.withUnsafeBytes { sum.add($0, isBigEndian: isBigEndian) }
        bytes.appendBigEndian(sum.first)
        bytes.appendBigEndian(sum.second)
        header = LogHeader(pageBytes: pageBytes, isBigEndian: isBigEndian, salts: salts, checksum: sum)
        position = header.start
    }

    /// - Parameter size: of the database behind the commit; 0 within a transaction.
    mutating func append(page: UInt32, _ fill: UInt8, size: UInt32 = 0) {
        var head: [UInt8] = []
        head.appendBigEndian(page)
        head.appendBigEndian(size)
        let content = [UInt8](repeating: fill, count: header.pageBytes)
        var sum = position.checksum
        head.withUnsafeBytes { sum.add($0, isBigEndian: header.isBigEndian) }
        content.withUnsafeBytes { sum.add($0, isBigEndian: header.isBigEndian) }
        head.appendBigEndian(header.salts)
        head.appendBigEndian(sum.first)
        head.appendBigEndian(sum.second)
        bytes += head + content
        position = LogPosition(salts: header.salts, frame: position.frame + 1, checksum: sum)
    }

    var frames: [UInt8] { Array(bytes[LogHeader.byteCount...]) }
}
