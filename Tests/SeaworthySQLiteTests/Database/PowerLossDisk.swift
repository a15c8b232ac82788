import CSQLite
import Foundation
import Synchronization

/// A disk whose power can fail: a VFS that keeps, of each file, what it held at its last `xSync`. <https://sqlite.org/vfs.html>
///
/// It is SQLite's own VFS with `xOpen`, `xSync` and `xClose` taken over. Writes go to the real files at once; after a power loss only
/// what had been synced is left, which is the worst that a disk may do without lying about a sync.
enum PowerLossDisk {
    private typealias Sync = @convention(c) (UnsafeMutablePointer<sqlite3_file>?, Int32) -> Int32
    private typealias Close = @convention(c) (UnsafeMutablePointer<sqlite3_file>?) -> Int32

    private struct File {
        let path: String
        let sync: Sync
        let close: Close
    }

    private struct State {
        /// The open files, by the address of SQLite's file object.
        var files: [UInt: File] = [:]
        /// Our tables of methods, by the address of those they stand in for: a file without locks has others than one with.
        var tables: [UInt: UInt] = [:]
        /// What would survive.
        var synced: [String: Data] = [:]
    }

    private typealias Open =
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, UnsafeMutablePointer<sqlite3_file>?, Int32,
            UnsafeMutablePointer<Int32>?
        ) -> Int32

    private static let state = Mutex(State())
    static let name = "power-loss"

    // Written once while the VFS is registered, then only read.
    nonisolated(unsafe) private static var realOpen: Open?
    private static let lock = Mutex(false)

    static func register() {
        lock.withLock { isRegistered in
            guard !isRegistered, let real = sqlite3_vfs_find(nil) else { return }
            isRegistered = true
            realOpen = real.pointee.xOpen
            let disk = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
            disk.initialize(to: real.pointee)
            disk.pointee.pNext = nil
            disk.pointee.zName = UnsafePointer(strdup(name))
            disk.pointee.xOpen = { vfs, path, file, flags, outFlags in
                PowerLossDisk.open(vfs, path, file, flags, outFlags)
            }
            sqlite3_vfs_register(disk, 0)
        }
    }

    /// What the files beside and including `path` would hold after a power loss now.
    static func survivors(of path: String) -> [String: Data] {
        state.withLock { state in
            state.synced.filter { $0.key == path || $0.key == path + "-wal" }
        }
    }

    private static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        guard let realOpen, let file else { return SQLITE_ERROR }
        let code = realOpen(vfs, path, file, flags, outFlags)
        guard code == SQLITE_OK, let path, let real = file.pointee.pMethods else { return code }
        guard let sync = real.pointee.xSync, let close = real.pointee.xClose else { return SQLITE_ERROR }
        state.withLock { state in
            state.files[UInt(bitPattern: file)] = File(path: String(cString: path), sync: sync, close: close)
            let address = state.tables[UInt(bitPattern: real)] ?? UInt(bitPattern: table(insteadOf: real))
            state.tables[UInt(bitPattern: real)] = address
            file.pointee.pMethods = UnsafePointer(bitPattern: address)
        }
        return code
    }

    /// Lives as long as the process: a few tables for all files.
    private static func table(insteadOf real: UnsafePointer<sqlite3_io_methods>) -> UnsafeMutablePointer<sqlite3_io_methods> {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: real.pointee)
        methods.pointee.xSync = { file, flags in PowerLossDisk.sync(file, flags) }
        methods.pointee.xClose = { file in PowerLossDisk.close(file) }
        return methods
    }

    private static func sync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
        guard let open = state.withLock({ $0.files[UInt(bitPattern: file)] }) else { return SQLITE_ERROR }
        let code = open.sync(file, flags)
        state.withLock { $0.synced[open.path] = FileManager.default.contents(atPath: open.path) }
        return code
    }

    private static func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
        guard let open = state.withLock({ $0.files.removeValue(forKey: UInt(bitPattern: file)) }) else { return SQLITE_ERROR }
        return open.close(file)
    }
}
