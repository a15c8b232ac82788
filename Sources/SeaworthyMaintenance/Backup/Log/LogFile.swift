#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The write-ahead log of a database, read by a descriptor of its own while others write.
///
/// Only this file: SQLite's locks are on the database and on its shared memory, and closing any descriptor of those would drop them for the
/// whole process. <https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>
struct LogFile {
    /// How much is read at a time.
    private static let blockBytes = 1 << 20

    let header: LogHeader
    private let file: OpenFile

    /// Nil when there is no log, or none with a head.
    init?(_ path: String) throws(OpenFile.Failure) {
        guard (Files.bytes(path) ?? 0) >= LogHeader.byteCount else { return nil }
        file = try OpenFile(reading: path)
        guard let header = LogHeader(try file.read(LogHeader.byteCount, at: 0)) else { return nil }
        self.header = header
    }

    /// The checksum that a frame has in it, or the head's for none; nil when there is no such frame of this log.
    func checksum(ofFrame number: Int) throws(OpenFile.Failure) -> LogChecksum? {
        guard number > 0 else { return header.checksum }
        let bytes = try file.read(LogFrame.headerBytes, at: header.offset(ofFrame: number))
        guard bytes.count == LogFrame.headerBytes else { return nil }
        let frame = bytes.withUnsafeBytes { LogFrame($0) }
        return frame.salts == header.salts ? frame.checksum : nil
    }

    /// Where the last commit ends.
    ///
    /// - Parameter start: a place of this log that counts.
    /// - Returns: nil when nothing was committed behind it.
    func committedEnd(from start: LogPosition) throws(OpenFile.Failure) -> LogPosition? {
        var scan = LogScan(header, from: start)
        try read(from: start, to: .max) { bytes in
            scan.add(bytes)
            return !scan.hasEnded
        }
        return scan.committed
    }

    /// The pages that frames changed, from one place on, as many as make a piece.
    ///
    /// - Parameters:
    ///   - end: where to stop; the end of a commit.
    ///   - imageBytes: how much the images take at most; at least one is taken.
    /// - Returns: them, and where they end; nil when the frames are not there any more.
    func images(from start: LogPosition, to end: LogPosition, imageBytes: Int) throws(OpenFile.Failure) -> LogImages? {
        var scan = LogScan(header, from: start)
        var images = LogImages(end: start)
        var isFull = false
        try read(from: start, to: end.frame) { bytes in
            // One by one, since a full piece ends within a block.
            for offset in stride(from: 0, through: bytes.count - header.frameBytes, by: header.frameBytes) where !isFull {
                scan.add(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + header.frameBytes])) { frame, page in
                    images.pages[frame.page] = Array(page)
                    images.databasePages = frame.databasePages
                }
                isFull = images.pages.count * header.pageBytes + header.pageBytes > imageBytes
            }
            return !scan.hasEnded && !isFull
        }
        guard !scan.hasEnded, isFull || scan.position == end else { return nil }
        images.end = scan.position
        return images
    }

    /// Reads whole frames, block by block, until the body answers false.
    private func read(from start: LogPosition, to last: Int, _ body: (UnsafeRawBufferPointer) -> Bool) throws(OpenFile.Failure) {
        let most = max(1, Self.blockBytes / header.frameBytes)
        var next = start.frame + 1
        while next <= last {
            let count = min(most, last == .max ? most : last - next + 1)
            let bytes = try file.read(count * header.frameBytes, at: header.offset(ofFrame: next))
            let whole = bytes.count / header.frameBytes
            guard whole > 0 else { return }
            let goesOn = bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<(whole * header.frameBytes)])) }
            guard goesOn, whole == count else { return }
            next += whole
        }
    }
}

/// The last images of the pages that some frames changed.
struct LogImages: Sendable, Equatable {
    var pages: [UInt32: [UInt8]] = [:]
    var databasePages: UInt32 = 0
    /// Behind the last frame.
    var end: LogPosition
}

extension OpenFile {
    /// Up to `count` bytes from a place of the file on; fewer where it ends.
    func read(_ count: Int, at offset: Int) throws(Failure) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let result = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if result < 0, errno == EINTR { continue }
                failed = result < 0
                guard result > 0 else { break }
                filled += result
            }
        }
        if failed { throw Failure("read", path) }
        return bytes
    }

    /// Writes bytes at a place of the file.
    func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let result = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written, off_t(offset + written))
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw Failure("written", path) }
            written += result
        }
    }

    /// Cuts the file off, or has it end later with zeros.
    func resize(to bytes: Int) throws(Failure) {
        guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw Failure("resized", path) }
    }
}
