#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A number for each thread that lives; never 0.
enum ThreadIdentity {
    static var current: UInt {
        #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }
}
