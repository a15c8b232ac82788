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

    private let descriptors: [Int32]

    /// Nil when some process has the database open.
    package init?(_ path: String) {
        var descriptors: [Int32] = []
        for (file, start, count) in [
            (path, Self.pendingByte, Self.lockedBytes), ("\(path)-shm", Self.deadMansSwitch, 1),
        ] {
            let descriptor = open(file, O_RDWR | O_CLOEXEC)
            // What is not there has nobody who holds it open.
            guard descriptor >= 0 else { continue }
            descriptors.append(descriptor)
            guard Self.lock(descriptor, start, count) else {
                for descriptor in descriptors { close(descriptor) }
                return nil
            }
        }
        self.descriptors = descriptors
    }

    /// Locks bytes of a file against every other descriptor, also of this process where the system can (Linux).
    /// <https://man7.org/linux/man-pages/man2/F_GETLK.2const.html>
    private static func lock(_ descriptor: Int32, _ start: Int64, _ count: Int64) -> Bool {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
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
        for descriptor in descriptors { close(descriptor) }
    }
}
