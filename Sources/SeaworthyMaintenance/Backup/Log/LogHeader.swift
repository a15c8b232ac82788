/// The head of a write-ahead log. <https://sqlite.org/fileformat2.html#walformat>
struct LogHeader: Sendable, Equatable {
    static let byteCount = 32
    private static let version: UInt32 = 3_007_000

    var pageBytes: Int
    var isBigEndian: Bool
    /// Both salts; the first, which each new beginning of the log counts up, in the upper half.
    var salts: UInt64
    /// What the first frame's checksum goes on from.
    var checksum: LogChecksum

    /// Nil for what is no head, or was written only in part.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.byteCount else { return nil }
        let magic = bytes.bigEndian(UInt32.self, at: 0)
        let size = bytes.bigEndian(UInt32.self, at: 8)
        guard magic & 0xFFFF_FFFE == 0x377F_0682, bytes.bigEndian(UInt32.self, at: 4) == Self.version, size.nonzeroBitCount == 1,
            (512...65_536).contains(size)
        else { return nil }
        let isBigEndian = magic & 1 == 1
        var sum = LogChecksum()
        bytes.withUnsafeBytes { sum.add(UnsafeRawBufferPointer(rebasing: $0[..<24]), isBigEndian: isBigEndian) }
        let checksum = LogChecksum(first: bytes.bigEndian(UInt32.self, at: 24), second: bytes.bigEndian(UInt32.self, at: 28))
        guard checksum == sum else { return nil }
        self.init(pageBytes: Int(size), isBigEndian: isBigEndian, salts: bytes.bigEndian(UInt64.self, at: 16), checksum: checksum)
    }

    init(pageBytes: Int, isBigEndian: Bool, salts: UInt64, checksum: LogChecksum) {
        (self.pageBytes, self.isBigEndian, self.salts, self.checksum) = (pageBytes, isBigEndian, salts, checksum)
    }

    var frameBytes: Int { LogFrame.headerBytes + pageBytes }

    /// The place of a frame in the file; frames are counted from 1.
    func offset(ofFrame number: Int) -> Int { Self.byteCount + (number - 1) * frameBytes }

    /// Before the first frame.
    var start: LogPosition { LogPosition(salts: salts, frame: 0, checksum: checksum) }

    /// Whether this log is the next one after that with these salts: each beginning counts the first salt up by one and draws the second.
    func follows(_ salts: UInt64) -> Bool {
        UInt32(truncatingIfNeeded: self.salts >> 32) == UInt32(truncatingIfNeeded: salts >> 32) &+ 1
    }
}

/// What stands before a page in the log.
struct LogFrame: Sendable, Equatable {
    static let headerBytes = 24

    var page: UInt32
    /// The database's size in pages behind the commit that this frame ends; 0 within a transaction.
    var databasePages: UInt32
    var salts: UInt64
    var checksum: LogChecksum

    /// - Parameter bytes: at least ``headerBytes``.
    init(_ bytes: UnsafeRawBufferPointer) {
        func word(_ offset: Int) -> UInt32 { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        page = word(0)
        databasePages = word(4)
        salts = UInt64(word(8)) << 32 | UInt64(word(12))
        checksum = LogChecksum(first: word(16), second: word(20))
    }
}

/// A place in the log: behind a frame, with the checksum up to there, which no other history of the log has.
struct LogPosition: Sendable, Equatable {
    var salts: UInt64
    /// How many frames are before it.
    var frame: Int
    var checksum: LogChecksum
}
