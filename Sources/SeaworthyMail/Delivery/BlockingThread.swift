import CCurl

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A thread for one call that blocks, because Swift's own are few.
enum BlockingThread {
    /// What a new thread is to do, handed through C's untyped pointer.
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// - Throws: what `body` throws; `failed`, which may be tried again, when the system gives no more threads.
    static func run(_ body: @escaping @Sendable () throws(MailError) -> Void) async throws(MailError) {
        let result: Result<Void, MailError> = await withCheckedContinuation { continuation in
            let isStarted = start {
                _ = seaworthy_curl_name_thread("mail")
                blockClosedPipe()
                let result: Result<Void, MailError>
                do throws(MailError) {
                    result = .success(try body())
                } catch {
                    result = .failure(error)
                }
                continuation.resume(returning: result)
            }
            guard isStarted else {
                let error = MailError(.failed, "no thread could be started for mail", fix: "raise the limit on threads", mayRetry: true)
                return continuation.resume(returning: .failure(error))
            }
        }
        try result.get()
    }

    /// libcurl leaves the signal of a closed connection to us (CURLOPT_NOSIGNAL), and it would end the process.
    private static func blockClosedPipe() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(body))
        #if canImport(Darwin)
        var thread: pthread_t?
        let code = pthread_create(
            &thread, nil,
            {
                Unmanaged<Start>.fromOpaque($0).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        #else
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        #endif
        guard code == 0 else {
            start.release()
            return false
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
        return true
    }
}
