import FoundationEssentials

/// A piece of a log: the pages that some frames changed, each as the last of them left it, and where it stands in its chain.
///
/// A piece is applied whole or not at all, so a page's earlier images are not needed. Plain, before it is compressed and sealed:
///
///     8   SWLOG, 0, 0, version 1
///     12  generation
///     8   number
///     8   time at which the log was read, in microseconds since the epoch
///     4   size of a page in bytes
///     4   size of the database in pages behind it; 0: the transaction goes on in the next piece
///     20  where it begins: salts (8), frames before (4), checksum (8)
///     20  where it ends, the same
///     4   how many pages follow
///     …   each page: its number (4) and its bytes
///
/// Numbers have their most significant byte first. Where it begins is where the piece before it ended, also when the log was begun anew between.
struct LogPiece: Sendable, Equatable {
    struct Page: Sendable, Equatable {
        var number: UInt32
        var bytes: [UInt8]
    }

    static let magic = Array("SWLOG".utf8) + [0, 0, 1]
    static let headBytes = 88
    /// The most that the images of a piece take. With its head it is smaller than what S3 is given in one request, 8 MiB.
    static let imageBytes = 6 << 20
    /// What a stored piece is refused above.
    static let maximumBytes = 8 << 20

    var name: LogPieceName
    var pageBytes: Int
    var databasePages: UInt32
    var before: LogPosition
    var after: LogPosition
    var pages: [Page]

    /// Compressed and sealed, as it is stored.
    func sealed(_ keys: BackupKeys?) throws -> [UInt8] {
        var container = ContainerWriter(key: keys?.all.first)
        let plain = plain
        var bytes = container.header.bytes
        var start = 0
        repeat {
            let end = min(start + ContainerHeader.chunkBytes, plain.count)
            bytes += try container.chunk(Array(plain[start..<end]), isLast: end == plain.count)
            start = end
        } while start < plain.count
        return bytes
    }

    private var plain: [UInt8] {
        var bytes = Self.magic + Array(name.generation.description.utf8)
        bytes.reserveCapacity(Self.headBytes + pages.count * (pageBytes + 4))
        bytes.appendBigEndian(UInt64(name.number))
        bytes.appendBigEndian(name.time)
        bytes.appendBigEndian(UInt32(pageBytes))
        bytes.appendBigEndian(databasePages)
        for position in [before, after] {
            bytes.appendBigEndian(position.salts)
            bytes.appendBigEndian(UInt32(position.frame))
            bytes.appendBigEndian(position.checksum.first)
            bytes.appendBigEndian(position.checksum.second)
        }
        bytes.appendBigEndian(UInt32(pages.count))
        for page in pages {
            bytes.appendBigEndian(page.number)
            bytes += page.bytes
        }
        return bytes
    }

    /// Reads a stored piece.
    ///
    /// - Throws: ``BackupError`` that names the piece, when it is damaged, of another key, or not what its name says.
    init(_ sealed: [UInt8], name: LogPieceName, keys: BackupKeys?) throws(BackupError) {
        let text = name.description
        let plain: [UInt8]
        do throws(BackupError) {
            var reader = ContainerReader(name: text, keys: keys)
            reader.append(sealed)
            var bytes: [UInt8] = []
            while let chunk = try reader.next() {
                bytes += chunk
                guard bytes.count <= 2 * Self.maximumBytes else { throw Self.damaged(text, "it is larger than any piece") }
            }
            try reader.finish()
            plain = bytes
        } catch {
            switch error.code {
            case .keyMissing, .wrongKey, .notEncrypted: throw error
            default: throw BackupError(error.code, error.message, fix: Self.fix)
            }
        }
        guard plain.count >= Self.headBytes, plain.starts(with: Self.magic) else { throw Self.damaged(text, "it is no piece of a log") }
        let generation = String(decoding: plain[8..<20], as: UTF8.self)
        guard generation == name.generation.description, plain.bigEndian(UInt64.self, at: 20) == UInt64(name.number),
            plain.bigEndian(Int64.self, at: 28) == name.time
        else {
            throw BackupError(
                .outOfOrder,
                "\(text) holds piece \(plain.bigEndian(UInt64.self, at: 20)) of the log \(generation): pieces were swapped or renamed",
                fix: Self.fix)
        }
        self.name = name
        pageBytes = Int(plain.bigEndian(UInt32.self, at: 36))
        databasePages = plain.bigEndian(UInt32.self, at: 40)
        before = Self.position(plain, at: 44)
        after = Self.position(plain, at: 64)
        let count = Int(plain.bigEndian(UInt32.self, at: 84))
        guard (512...65_536).contains(pageBytes), (databasePages > 0) == name.endsCommit,
            plain.count == Self.headBytes + count * (pageBytes + 4)
        else { throw Self.damaged(text, "its sizes do not fit") }
        pages = []
        pages.reserveCapacity(count)
        for index in 0..<count {
            let start = Self.headBytes + index * (pageBytes + 4)
            pages.append(
                Page(number: plain.bigEndian(UInt32.self, at: start), bytes: Array(plain[start + 4..<start + 4 + pageBytes])))
        }
    }

    init(name: LogPieceName, pageBytes: Int, databasePages: UInt32, before: LogPosition, after: LogPosition, pages: [Page]) {
        (self.name, self.pageBytes, self.databasePages) = (name, pageBytes, databasePages)
        (self.before, self.after, self.pages) = (before, after, pages)
    }

    static let fix = "restore to a moment before it (--at), or restore a later backup"

    private static func damaged(_ name: String, _ what: String) -> BackupError {
        BackupError(.damaged, "\(name) is damaged: \(what)", fix: fix)
    }

    private static func position(_ bytes: [UInt8], at offset: Int) -> LogPosition {
        LogPosition(
            salts: bytes.bigEndian(UInt64.self, at: offset), frame: Int(bytes.bigEndian(UInt32.self, at: offset + 8)),
            checksum: LogChecksum(
                first: bytes.bigEndian(UInt32.self, at: offset + 12), second: bytes.bigEndian(UInt32.self, at: offset + 16)))
    }
}
