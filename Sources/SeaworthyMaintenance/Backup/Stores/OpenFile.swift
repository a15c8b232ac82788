#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file by its descriptor, which closes when nobody holds it any more. All calls block.
final class OpenFile: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let code: Int32
        let description: String

        init(_ what: String, _ path: String) {
            code = errno
            description = "\(path) cannot be \(what): \(String(cString: strerror(code)))"
        }
    }

    let descriptor: Int32
    let path: String

    init(reading path: String) throws(Failure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { throw Failure("opened", path) }
    }

    /// Makes a file that only its owner may read; there must be none.
    init(making path: String) throws(Failure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw Failure("made", path) }
    }

    /// Opens a file to lock it, and makes it when there is none.
    init(locking path: String) throws(Failure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw Failure("opened", path) }
    }

    /// Opens a file to change it in places.
    init(changing path: String) throws(Failure) {
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { throw Failure("opened", path) }
    }

    deinit {
        // A process that is being started has a copy of the descriptor for a moment, and with it the lock: closing alone would leave it.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Takes the file for this process, until it is closed or the process ends, however it ends. False when another has it.
    /// <https://man7.org/linux/man-pages/man2/flock.2.html>
    func tryLock() -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// Up to `count` bytes; none at the end.
    func read(_ count: Int) throws(Failure) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result = -1
            repeat { result = systemRead(descriptor, buffer.baseAddress, count) } while result < 0 && errno == EINTR
            failed = result < 0
            filled = max(0, result)
        }
        if failed { throw Failure("read", path) }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let result = bytes.withUnsafeBytes { buffer in
                systemWrite(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw Failure("written", path) }
            written += result
        }
    }

    /// Everything that was written is on the disk when this returns.
    func synchronize() throws(Failure) {
        guard fsync(descriptor) == 0 else { throw Failure("written to the disk", path) }
    }

    var byteCount: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }
}

/// Calls on paths.
enum Files {
    /// What names of a folder say is on the disk when this returns.
    static func synchronize(folder: String) throws(OpenFile.Failure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OpenFile.Failure("opened", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw OpenFile.Failure("written to the disk", folder) }
    }

    static func rename(_ path: String, to other: String) throws(OpenFile.Failure) {
        guard systemRename(path, other) == 0 else { throw OpenFile.Failure("renamed to \(other)", path) }
    }

    /// Takes a file away; there may be none.
    static func remove(_ path: String) throws(OpenFile.Failure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw OpenFile.Failure("removed", path) }
    }

    /// Makes a folder that only its owner may enter, and those above it; it may be there.
    static func makeFolder(_ path: String) throws(OpenFile.Failure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw OpenFile.Failure("made", path)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw OpenFile.Failure("made", path) }
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    static func bytes(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// The path with every link resolved; as it is where there is no such file.
    static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// The folder of a path.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What stands behind a path's last slash.
    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}

private func systemRename(_ path: String, _ other: String) -> Int32 {
    rename(path, other)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
