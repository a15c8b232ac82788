#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Has a database's files for itself: nobody can have them open meanwhile, and nobody can open them, as long as this lives.
///
/// It takes the locks that every connection in WAL mode holds while it is open: the shared one on the database
/// (<https://sqlite.org/src/file/src/os.h>, `SHARED_FIRST`) and the «dead man's switch» of the shared memory
/// (<https://sqlite.org/walformat.html#wal_locks>). It does not read the database, which may be damaged.
package final class SQLiteFileLock: Sendable {
    private static let pendingByte: Int64 = 0x4000_0000
    private static let lockedBytes: Int64 = 512
    private static let deadMansSwitch: Int64 = 128

    private struct Locked: Sendable {
        let descriptor: Int32
        let start: Int64
        let count: Int64

        /// A process that is being started has a copy of the descriptor for a moment, and the lock would stay as long as that.
        func letGo() {
            _ = SQLiteFileLock.set(F_UNLCK, descriptor, start, count)
            close(descriptor)
        }
    }

    private let locked: [Locked]

    /// Nil when some process has the database open.
    package init?(_ path: String) {
        var locked: [Locked] = []
        for (file, start, count) in [
            (path, Self.pendingByte, Self.lockedBytes), ("\(path)-shm", Self.deadMansSwitch, 1),
        ] {
            let descriptor = open(file, O_RDWR | O_CLOEXEC)
            // What is not there has nobody who holds it open.
            guard descriptor >= 0 else { continue }
            guard Self.set(F_WRLCK, descriptor, start, count) else {
                close(descriptor)
                for one in locked { one.letGo() }
                return nil
            }
            locked.append(Locked(descriptor: descriptor, start: start, count: count))
        }
        self.locked = locked
    }

    /// Locks bytes of a file against every other descriptor, also of this process where the system can (Linux), or gives them free.
    /// <https://man7.org/linux/man-pages/man2/F_GETLK.2const.html>
    private static func set(_ type: Int32, _ descriptor: Int32, _ start: Int64, _ count: Int64) -> Bool {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(start)
        lock.l_len = off_t(count)
        #if canImport(Darwin)
        return fcntl(descriptor, F_SETLK, &lock) == 0
        #else
        // F_OFD_SETLK, which the C library declares only for _GNU_SOURCE.
        return fcntl(descriptor, 37, &lock) == 0
        #endif
    }

    deinit {
        for one in locked { one.letGo() }
    }
}
