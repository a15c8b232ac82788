import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A regular file that was opened to be served. Its functions block; they run on a thread that may.
final class StaticFile: Sendable {
    struct Truncated: Error {}

    /// What a file is at one moment.
    struct Facts: Sendable, Equatable {
        let size: Int
        let inode: UInt64
        /// Since 1970, in nanoseconds; from 1970 to the year 2255, whatever the file system says.
        let modified: Int64

        /// Changes with every change of the file that the system sees.
        var opaqueTag: String {
            "\(String(size, radix: 16))-\(String(modified, radix: 16))-\(String(inode, radix: 16))"
        }
    }

    let facts: Facts
    private let descriptor: Int32

    /// Nil when there is no file, it may not be read, or it is not a regular one.
    init?(path: String) {
        // Never waits for a pipe's other end, and follows no link: the path has been resolved.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        facts = Facts(
            size: Int(status.st_size), inode: UInt64(status.st_ino),
            modified: min(max(0, Int64(modified.tv_sec)), 9_000_000_000) * 1_000_000_000 + Int64(modified.tv_nsec))
    }

    deinit {
        close(descriptor)
    }

    /// Reads exactly `count` bytes from `offset` on.
    ///
    /// - Throws: ``Truncated`` when the file has become shorter, or cannot be read.
    func read(from offset: Int, count: Int) throws(Truncated) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count)
        while buffer.readableBytes < count {
            let (position, wanted) = (offset + buffer.readableBytes, count - buffer.readableBytes)
            let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                var result = -1
                repeat {
                    result = pread(descriptor, space.baseAddress, wanted, off_t(position))
                } while result < 0 && errno == EINTR
                return max(0, result)
            }
            guard read > 0 else { throw Truncated() }
        }
        return buffer
    }
}
