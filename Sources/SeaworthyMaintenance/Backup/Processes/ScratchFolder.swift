import FoundationEssentials

/// A folder for what is needed only while a backup is made or verified. It goes with its last user, and what a killed process left is
/// taken away by the next.
package final class ScratchFolder: Sendable {
    private static let prefix = "seaworthy-backup-"
    private static let lockName = "lock"

    let path: String
    private let lock: OpenFile

    /// - Parameter root: a folder that may be written; made when it is not there.
    init(in root: String) throws {
        let path = "\(root)/\(Self.prefix)\([UInt8].random(6).hexadecimal)"
        self.path = path
        lock = try Self.wrapping(root) {
            try Files.makeFolder(root)
            Self.removeAbandoned(in: root)
            try Files.makeFolder(path)
            let lock = try OpenFile(making: "\(path)/\(Self.lockName)")
            _ = lock.tryLock()
            return lock
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A path within.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Whoever uses a folder holds its lock, so that one whose lock is free is nobody's. One without a lock is being made.
    private static func removeAbandoned(in root: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] where name.hasPrefix(prefix) {
            let lock = "\(root)/\(name)/\(lockName)"
            guard Files.exists(lock), let file = try? OpenFile(locking: lock), file.tryLock() else { continue }
            try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
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
