import FoundationEssentials

/// A folder for what is needed only while a backup is made or verified. It goes with its last user, and what a killed process left is
/// taken away by the next.
package final class ScratchFolder: Sendable {
    private static let prefix = "seaworthy-backup-"
    private static let suffix = ".lock"
    private static let attempts = 100

    let path: String
    private let lock: OpenFile

    /// - Parameter root: a folder that may be written; made when it is not there.
    init(in root: String) throws {
        (path, lock) = try Self.wrapping(root) {
            try Files.makeFolder(root)
            Self.removeAbandoned(in: root)
            let (path, lock) = try Self.locked(in: root)
            try Files.makeFolder(path)
            return (path, lock)
        }
    }

    deinit {
        Self.remove(path)
    }

    /// A path for a folder, and the lock beside it. The lock is there before the folder and goes after it, so that there is no moment at
    /// which a kill leaves a folder that nobody takes for abandoned.
    private static func locked(in root: String) throws -> (path: String, lock: OpenFile) {
        var attempt = 0
        while true {
            attempt += 1
            let path = "\(root)/\(prefix)\([UInt8].random(6).hexadecimal)"
            let lock = try OpenFile(making: path + suffix)
            // Between the making and the locking another process may take it for abandoned: then it is gone.
            if (lock.tryLock() && Files.exists(path + suffix)) || attempt == attempts { return (path, lock) }
        }
    }

    private static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
        guard !Files.exists(path) else { return }
        try? FileManager.default.removeItem(atPath: path + suffix)
    }

    /// A path within.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Whoever uses a folder holds its lock, so that one whose lock is free is nobody's.
    private static func removeAbandoned(in root: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
            guard let file = try? OpenFile(locking: "\(root)/\(name)"), file.tryLock() else { continue }
            remove("\(root)/\(name.dropLast(suffix.count))")
        }
    }

    private static func wrapping<Result>(_ root: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as OpenFile.Failure {
            throw BackupError(
                .storeFailed, "there is no place for temporary files: \(failure)", fix: "set TMPDIR to a folder that may be written")
        }
    }
}
