import SeaworthyStorage
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The file behind a database: where it is, and which one it is.
final class DatabaseFile: Sendable {
    private struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    /// Absolute, so that a later change of the working directory does not matter.
    let path: String
    private let isPrivate: Bool
    private let identity = Mutex<Identity?>(nil)

    init(_ location: SQLiteSettings.Location) throws(StorageError) {
        switch location {
        case .file(let path):
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw StorageError(.cannotOpen, message: "the database's path is empty or holds a NUL")
            }
            self.path = Self.absolute(path)
            isPrivate = false
        case .memory:
            path = try Self.makePrivateFile()
            isPrivate = true
        }
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress, getcwd(start, buffer.count) != nil else { return path }
            return String(cString: start) + "/" + path
        }
    }

    private static func makePrivateFile() throws(StorageError) -> String {
        var folders = ["/dev/shm"]
        folders.append(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
        for folder in folders {
            var template = Array("\(folder)/seaworthy-XXXXXX".utf8CString)
            let file = mkstemp(&template)
            guard file >= 0 else { continue }
            close(file)
            return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        throw StorageError(.cannotOpen, message: "no folder for a database in memory: none of \(folders) can be written")
    }

    /// Takes the names of a private database's files away once every connection has opened them: the system frees them with the last
    /// connection, even when the process is killed.
    func removeIfPrivate() {
        guard isPrivate else { return }
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }

    func remember() throws(StorageError) {
        guard let found = Identity(path: path) else {
            throw StorageError(.replaced, message: "the file \(path) vanished while it was opened")
        }
        identity.withLock { $0 = found }
    }

    func verify() throws(StorageError) {
        guard !isPrivate else { return }
        guard Identity(path: path) == identity.withLock(\.self) else {
            throw StorageError(.replaced, message: "the file at \(path) is not the one that was opened")
        }
    }
}
