#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What a new thread is to do, handed through C's untyped pointer.
private final class ThreadStart {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

/// Lets the threads of the same process go first: for work that takes a processor for itself and may wait.
package func lowerPriorityOfThread() {
    #if canImport(Darwin)
    pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)
    #else
    // On Linux the calling thread alone (setpriority(2), "C library/kernel differences").
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    #endif
}

/// Runs `body` on a thread of its own.
///
/// - Throws: ``StorageError`` `failed` when the system gives no more threads.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(StorageError) {
    let start = Unmanaged.passRetained(ThreadStart(body))
    #if canImport(Darwin)
    var thread: pthread_t?
    let code = pthread_create(
        &thread, nil,
        {
            Unmanaged<ThreadStart>.fromOpaque($0).takeRetainedValue().body()
            return nil
        }, start.toOpaque())
    #else
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { pointer in
            if let pointer { Unmanaged<ThreadStart>.fromOpaque(pointer).takeRetainedValue().body() }
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
