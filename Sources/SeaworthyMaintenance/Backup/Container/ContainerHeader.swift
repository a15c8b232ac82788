import Crypto

/// The head of a backup's data.
///
///     8   SWBACKUP
///     1   version, 1
///     1   0: not encrypted, 1: AES-256-GCM
///     2   0
///     4   the most that a chunk holds, in bytes
///     32  salt
///     16  key check, zeros without encryption
///     16  start of the SHA-256 of all the above
///
/// Numbers have their most significant byte first.
struct ContainerHeader: Sendable, Equatable {
    static let byteCount = 80
    static let magic = Array("SWBACKUP".utf8)
    static let version: UInt8 = 1
    /// How much one chunk holds when written; what is read may hold up to ``maximumChunkBytes``.
    static let chunkBytes = 1 << 20
    static let maximumChunkBytes = 16 << 20
    static let saltBytes = 32
    private static let digestStart = 64

    var isEncrypted: Bool
    var chunkBytes: Int
    var salt: [UInt8]
    var keyCheck: [UInt8]

    var bytes: [UInt8] {
        var bytes = Self.magic + [Self.version, isEncrypted ? 1 : 0, 0, 0]
        bytes.appendBigEndian(UInt32(chunkBytes))
        bytes += salt + keyCheck
        return bytes + SHA256.hash(data: bytes).prefix(Self.byteCount - Self.digestStart)
    }

    init(isEncrypted: Bool, salt: [UInt8], keyCheck: [UInt8]?) {
        self.isEncrypted = isEncrypted
        chunkBytes = Self.chunkBytes
        self.salt = salt
        self.keyCheck = keyCheck ?? Array(repeating: 0, count: DerivedKeys.checkBytes)
    }

    init(_ bytes: ArraySlice<UInt8>, name: String) throws(BackupError) {
        let bytes = Array(bytes)
        guard bytes.starts(with: Self.magic) else {
            throw BackupError(.unreadable, "\(name) is no backup: it does not begin as one", fix: "restore another backup")
        }
        guard Array(SHA256.hash(data: bytes[..<Self.digestStart]).prefix(16)) == Array(bytes[Self.digestStart...]) else {
            throw BackupError(.damaged, "\(name) is damaged: its first \(Self.byteCount) bytes were changed", fix: "restore another backup")
        }
        let size = Int(bytes.bigEndian(UInt32.self, at: 12))
        guard bytes[8] == Self.version, bytes[9] <= 1, (1...Self.maximumChunkBytes).contains(size) else {
            throw BackupError(
                .unreadable, "\(name) has the format \(bytes[8]), and this version reads \(Self.version)",
                fix: "restore it with the version of Seaworthy that its manifest names")
        }
        isEncrypted = bytes[9] == 1
        chunkBytes = size
        salt = Array(bytes[16..<48])
        keyCheck = Array(bytes[48..<64])
    }
}

/// What stands before each chunk: its number, whether it is the last, and its sizes.
struct ChunkHeader: Sendable, Equatable {
    static let byteCount = 17

    var number: UInt64
    var isLast: Bool
    /// Kept as it is, since it does not shrink.
    var isStored: Bool
    var plainBytes: Int
    var storedBytes: Int

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(number)
        bytes.append((isLast ? 1 : 0) | (isStored ? 2 : 0))
        bytes.appendBigEndian(UInt32(plainBytes))
        bytes.appendBigEndian(UInt32(storedBytes))
        return bytes
    }

    init(number: UInt64, isLast: Bool, isStored: Bool, plainBytes: Int, storedBytes: Int) {
        self.number = number
        self.isLast = isLast
        self.isStored = isStored
        self.plainBytes = plainBytes
        self.storedBytes = storedBytes
    }

    /// Nil for sizes that no chunk has.
    init?(_ slice: ArraySlice<UInt8>, chunkBytes: Int) {
        let bytes = Array(slice)
        number = bytes.bigEndian(UInt64.self, at: 0)
        isLast = bytes[8] & 1 != 0
        isStored = bytes[8] & 2 != 0
        plainBytes = Int(bytes.bigEndian(UInt32.self, at: 9))
        storedBytes = Int(bytes.bigEndian(UInt32.self, at: 13))
        // What is compressed is never larger than what it was.
        guard bytes[8] <= 3, plainBytes <= chunkBytes, storedBytes <= plainBytes, !isStored || storedBytes == plainBytes else { return nil }
    }
}

extension [UInt8] {
    mutating func appendBigEndian(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
        withUnsafeBytes { Number(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}
