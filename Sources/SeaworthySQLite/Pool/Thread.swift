import CSQLite
import SeaworthyStorage

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What a new thread is to do, handed through C's untyped pointer.
private final class ThreadStart {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        _ = seaworthy_sqlite_name_thread(name)
        body()
    }
}

/// Runs `body` on a thread of its own.
///
/// - Parameter name: at most 15 bytes, what Linux shows of it.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws(StorageError) {
    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    #if canImport(Darwin)
    var thread: pthread_t?
    let code = pthread_create(
        &thread, nil,
        {
            Unmanaged<ThreadStart>.fromOpaque($0).takeRetainedValue().run()
            return nil
        }, start.toOpaque())
    #else
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { pointer in
            if let pointer { Unmanaged<ThreadStart>.fromOpaque(pointer).takeRetainedValue().run() }
            return nil
        }, start.toOpaque())
    #endif
    guard code == 0 else {
        start.release()
        throw StorageError(.failed, message: "no thread could be started for the database: \(String(cString: strerror(code)))")
    }
    #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
    #else
    pthread_detach(thread)
    #endif
}
