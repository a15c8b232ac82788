import CSQLite
import Foundation
import Synchronization

/// A disk that can be full, fail to flush or lose its power: SQLite's own VFS with `xOpen`, `xWrite`, `xSync` and `xClose` taken over.
/// <https://sqlite.org/vfs.html>
///
/// Writes go to the real files at once. It keeps of each file what it held at its last `xSync`: after a power loss only that is left, which
/// is the worst that a disk may do without lying about a sync.
enum FaultyDisk {
    enum Fault {
        /// So many more bytes can be written, to the database and its log together.
        case room(Int)
        case failingFlush
    }

    private struct File {
        let path: String
        let database: String
        let real: UnsafePointer<sqlite3_io_methods>
    }

    // @unchecked Sendable: what the pointers point at never changes.
    private struct State: @unchecked Sendable {
        /// The open files, by the address of SQLite's file object.
        var files: [UInt: File] = [:]
        /// Our tables of methods, by the address of those they stand in for.
        var tables: [UInt: UnsafeMutablePointer<sqlite3_io_methods>] = [:]
        var faults: [String: Fault] = [:]
        /// What would survive, by the file's path.
        var synced: [String: Data] = [:]
    }

    private typealias Open =
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, UnsafeMutablePointer<sqlite3_file>?, Int32,
            UnsafeMutablePointer<Int32>?
        ) -> Int32

    private static let state = Mutex(State())
    static let name = "faulty"

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
                FaultyDisk.open(vfs, path, file, flags, outFlags)
            }
            sqlite3_vfs_register(disk, 0)
        }
    }

    /// What is wrong with the files of the database at `path` from now on; nil is nothing.
    static func set(_ fault: Fault?, for path: String) {
        state.withLock { $0.faults[path] = fault }
    }

    /// What the database at `path` and its log would hold after a power loss now.
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
        let name = String(cString: path)
        let database = name.hasSuffix("-wal") ? String(name.dropLast(4)) : name
        state.withLock { state in
            state.files[UInt(bitPattern: file)] = File(path: name, database: database, real: real)
            let table = state.tables[UInt(bitPattern: real)] ?? table(insteadOf: real)
            state.tables[UInt(bitPattern: real)] = table
            file.pointee.pMethods = UnsafePointer(table)
        }
        return code
    }

    /// Lives as long as the process: a few tables for all files.
    private static func table(insteadOf real: UnsafePointer<sqlite3_io_methods>) -> UnsafeMutablePointer<sqlite3_io_methods> {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: real.pointee)
        methods.pointee.xWrite = { file, bytes, count, offset in FaultyDisk.write(file, bytes, count, offset) }
        methods.pointee.xSync = { file, flags in FaultyDisk.sync(file, flags) }
        methods.pointee.xClose = { file in FaultyDisk.close(file) }
        return methods
    }

    private static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ count: Int32, _ offset: sqlite3_int64
    ) -> Int32 {
        let write = state.withLock {
            state -> (@convention(c) (UnsafeMutablePointer<sqlite3_file>?, UnsafeRawPointer?, Int32, sqlite3_int64) -> Int32)? in
            guard let open = state.files[UInt(bitPattern: file)] else { return nil }
            if case .room(let room) = state.faults[open.database] {
                guard room >= Int(count) else { return nil }
                state.faults[open.database] = .room(room - Int(count))
            }
            return open.real.pointee.xWrite
        }
        return write?(file, bytes, count, offset) ?? SQLITE_FULL
    }

    private static func sync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
        let open = state.withLock { state -> File? in
            guard let open = state.files[UInt(bitPattern: file)] else { return nil }
            if case .failingFlush = state.faults[open.database] { return nil }
            return open
        }
        // SQLITE_IOERR_FSYNC
        guard let open, let sync = open.real.pointee.xSync else { return SQLITE_IOERR | 4 << 8 }
        let code = sync(file, flags)
        state.withLock { $0.synced[open.path] = FileManager.default.contents(atPath: open.path) }
        return code
    }

    private static func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
        let open = state.withLock { $0.files.removeValue(forKey: UInt(bitPattern: file)) }
        return open?.real.pointee.xClose(file) ?? SQLITE_ERROR
    }
}
