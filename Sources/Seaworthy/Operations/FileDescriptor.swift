#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open file that closes itself when nobody holds it any more.
final class FileDescriptor: Sendable {
    private let descriptor: Int32

    /// Nil when the file cannot be opened.
    init?(reading path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    /// Makes the file, or empties it. Nil when it cannot be written.
    init?(writing path: String) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { return nil }
    }

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    static let standardOutput = FileDescriptor(STDOUT_FILENO)

    deinit {
        close(descriptor)
    }

    /// Writes all of the bytes.
    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let result = systemWrite(descriptor, rest.baseAddress, rest.count)
                if result < 0, errno == EINTR { continue }
                guard result >= 0 else { throw OperationFailure("writing failed: \(String(cString: strerror(errno)))") }
                written += result
            }
        }
    }

    /// Up to `count` bytes; none at the end of the file.
    func read(_ count: Int) throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result = -1
            repeat { result = systemRead(descriptor, buffer.baseAddress, count) } while result < 0 && errno == EINTR
            failure = result < 0 ? errno : 0
            filled = max(0, result)
        }
        guard failure == 0 else { throw OperationFailure("reading the file failed: \(String(cString: strerror(failure)))") }
        return bytes
    }
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
