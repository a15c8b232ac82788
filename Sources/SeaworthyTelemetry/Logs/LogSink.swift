#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes bytes to a file descriptor and survives whatever that answers. Confined to the writing thread.
///
/// A full disk (ENOSPC), a closed pipe (EPIPE) or any other error loses the rest of the batch and nothing else: the next batch
/// is tried again, after a line feed when a line was cut. The thread blocks SIGPIPE for itself, so a closed pipe is an error
/// code and not the end of the process. A descriptor that would block is waited for.
struct LogSink {
    let descriptor: Int32
    private var hasOpenLine = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// - Parameter isAbandoned: asked while the descriptor would block; true gives the rest up.
    /// - Returns: the number of lines that are not out whole.
    mutating func write(_ bytes: [UInt8], isAbandoned: () -> Bool) -> Int {
        if hasOpenLine, !bytes.isEmpty {
            guard writeAll([UInt8(ascii: "\n")], isAbandoned: isAbandoned) == 1 else { return Self.lines(in: bytes[...]) }
            hasOpenLine = false
        }
        let written = writeAll(bytes, isAbandoned: isAbandoned)
        hasOpenLine = written > 0 && written < bytes.count && bytes[written - 1] != UInt8(ascii: "\n")
        return Self.lines(in: bytes[written...])
    }

    private func writeAll(_ bytes: [UInt8], isAbandoned: () -> Bool) -> Int {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                #if canImport(Darwin)
                let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                let count = Musl.write(descriptor, rest.baseAddress, rest.count)
                #else
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                #endif
                if count >= 0 {
                    written += count
                } else if errno == EAGAIN || errno == EWOULDBLOCK {
                    guard !isAbandoned() else { break }
                    var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&state, 1, 100)
                } else if errno != EINTR {
                    break
                }
            }
            return written
        }
    }

    private static func lines(in bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    }
}
