import NIOCore
import NIOPosix
import SeaworthyData
import SeaworthyStorage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A body on disk, in a file without a name: nothing stays behind, however the process ends.
///
/// A body is received whole before anything of it is written, so that a client that sends slowly does not hold the database.
// @unchecked Sendable: `size` is written by the task that receives, before anyone else has the file.
final class SpoolFile: ImportSource, @unchecked Sendable {
    /// The largest body that is taken; then 413.
    static let maximumBytes: Int64 = 1024 * 1024 * 1024
    /// Bytes written and read at once.
    private static let pieceBytes = 256 * 1024

    private let descriptor: Int32
    private(set) var size = 0

    /// - Throws: ``StorageError`` when there is no place for a file.
    private init() throws {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(folder.isEmpty ? "/tmp" : folder)/seaworthy-import-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Self.failure("a temporary file cannot be made in \(folder)") }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Receives a body, as fast as it comes and the disk takes it.
    static func receive(_ pieces: RequestBodyPieces, threads: NIOThreadPool = .singleton) async throws -> SpoolFile {
        let file = try await threads.runIfActive { try SpoolFile() }
        var pending = ByteBuffer()
        for try await piece in pieces {
            pending.writeImmutableBuffer(piece)
            guard pending.readableBytes >= pieceBytes else { continue }
            try await file.append(pending, threads)
            pending.clear()
        }
        try await file.append(pending, threads)
        return file
    }

    private func append(_ buffer: ByteBuffer, _ threads: NIOThreadPool) async throws {
        let start = size
        try await threads.runIfActive { [self] in try write(buffer, at: start) }
        size += buffer.readableBytes
    }

    private func write(_ buffer: ByteBuffer, at start: Int) throws {
        try buffer.withUnsafeReadableBytes { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let result = pwrite(descriptor, rest.baseAddress, rest.count, off_t(start + written))
                if result < 0, errno == EINTR { continue }
                guard result > 0 else { throw Self.failure("a body cannot be written to a temporary file") }
                written += result
            }
        }
    }

    func open() throws -> () throws -> [UInt8]? {
        var position = 0
        return { [self] in
            guard position < size else { return nil }
            let bytes = try read(at: position)
            position += bytes.count
            return bytes
        }
    }

    private func read(at position: Int) throws -> [UInt8] {
        let count = min(Self.pieceBytes, size - position)
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result = -1
            repeat { result = pread(descriptor, buffer.baseAddress, count, off_t(position)) } while result < 0 && errno == EINTR
            filled = max(0, result)
        }
        guard !bytes.isEmpty else { throw StorageError(.inputOutput, message: "a temporary file cannot be read") }
        return bytes
    }

    private static func failure(_ what: String) -> StorageError {
        StorageError(errno == ENOSPC || errno == EDQUOT ? .diskFull : .inputOutput, message: "\(what): \(String(cString: strerror(errno)))")
    }
}
