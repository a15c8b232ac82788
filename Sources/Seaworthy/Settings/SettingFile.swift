#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads and makes the small files that settings come from.
enum SettingFile {
    /// Larger files are no settings.
    static let maximumBytes = 1 << 20

    struct Failure: Error {
        /// The system's error number; 0 when the content is at fault.
        let code: Int32
        /// For people, for instance `No such file or directory`.
        let reason: String

        var isMissing: Bool { code == ENOENT }
        var isExisting: Bool { code == EEXIST }

        init(_ reason: String) {
            self.code = 0
            self.reason = reason
        }

        /// From `errno`.
        init(code: Int32) {
            self.code = code
            self.reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        }
    }

    /// The path itself when absolute, otherwise under the folder.
    static func path(_ path: String, in folder: String) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        return folder.utf8.last == UInt8(ascii: "/") ? folder + path : folder + "/" + path
    }

    /// The whole text, which must be UTF-8 without U+0000, and the file's permission bits.
    static func read(_ path: String) throws(Failure) -> (text: String, mode: mode_t) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var state = stat()
        guard fstat(descriptor, &state) == 0 else { throw Failure(code: errno) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = chunk.withUnsafeMutableBytes { readBytes(descriptor, $0) }
            if count < 0 {
                guard errno == EINTR else { throw Failure(code: errno) }
                continue
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= maximumBytes else { throw Failure("larger than \(ByteSizeText.render(maximumBytes))") }
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { throw Failure("not UTF-8 text") }
        return (text, state.st_mode & 0o777)
    }

    /// Makes a folder only its owner may enter. One that is there already stays as it is.
    static func makeFolder(_ path: String) throws(Failure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(code: errno) }
    }

    /// Makes a file only its owner may read, whole or not at all; fails with ``Failure/isExisting`` when there is one.
    static func make(_ path: String, text: String) throws(Failure) {
        let draft = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { unlink(draft) }
        var failure: Int32 = 0
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty, failure == 0 {
            let count = rest.withUnsafeBytes { writeBytes(descriptor, $0) }
            if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        // A link fails where a rename would replace the file that another start has just made.
        if failure == 0, link(draft, path) != 0 { failure = errno }
        guard failure == 0 else { throw Failure(code: failure) }
    }

    private static func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
        Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
        Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, buffer.baseAddress, buffer.count)
        #else
        Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }
}
