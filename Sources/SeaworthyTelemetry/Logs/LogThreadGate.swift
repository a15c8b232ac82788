#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A mutex with two conditions: `work` wakes the writing thread, `progress` wakes those who wait for it to have written.
///
/// Waiting with a deadline uses the monotonic clock, so that a corrected wall clock neither delays nor hurries the log.
// @unchecked Sendable: it is the lock itself; what it holds is set up once and made to be shared between threads.
final class LogThreadGate: @unchecked Sendable {
    enum Signal {
        case work
        case progress
    }

    // The pointers never change; what they point at is made for use by many threads.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let progress = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        #if canImport(Darwin)
        pthread_cond_init(work, nil)
        pthread_cond_init(progress, nil)
        #else
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(work, &attributes)
        pthread_cond_init(progress, &attributes)
        pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(progress)
        pthread_cond_destroy(work)
        pthread_mutex_destroy(mutex)
        progress.deallocate()
        work.deallocate()
        mutex.deallocate()
    }

    func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Gives the lock up, sleeps until signalled, and has the lock again. May also return for no reason.
    func wait(for signal: Signal) {
        pthread_cond_wait(condition(signal), mutex)
    }

    /// The same with a limit, in nanoseconds of ``now()``. Returns false once the deadline has passed.
    func wait(for signal: Signal, until deadline: Int64) -> Bool {
        let left = deadline - Self.now()
        guard left > 0 else { return false }
        #if canImport(Darwin)
        var relative = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
        return pthread_cond_timedwait_relative_np(condition(signal), mutex, &relative) == 0
        #else
        var absolute = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        return pthread_cond_timedwait(condition(signal), mutex, &absolute) == 0
        #endif
    }

    func wakeAll(_ signal: Signal) {
        pthread_cond_broadcast(condition(signal))
    }

    /// Nanoseconds of the monotonic clock.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private func condition(_ signal: Signal) -> UnsafeMutablePointer<pthread_cond_t> {
        switch signal {
        case .work: work
        case .progress: progress
        }
    }
}
