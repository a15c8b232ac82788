import Synchronization
import Testing

@testable import SeaworthyStorage

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct `Threads for work` {
    @Test func `stay, and are as few as do`() async throws {
        let threads = WorkThreads(count: 2)
        let seen = Mutex<Set<UInt>>([])
        for _ in 0..<50 {
            await withCheckedContinuation { continuation in
                do {
                    try threads.run {
                        seen.withLock { _ = $0.insert(UInt(bitPattern: pthread_self().hashValue)) }
                        continuation.resume()
                    }
                } catch {
                    Issue.record(error)
                    continuation.resume()
                }
            }
        }
        #expect((1...2).contains(seen.withLock(\.count)) && (1...2).contains(threads.started))
    }

    @Test func `do as much at once as there are of them, and all of it`() async throws {
        let threads = WorkThreads(count: 3)
        let state = Mutex((running: 0, most: 0, done: 0))
        let isFull = Latch()
        let isDone = Latch()
        for _ in 0..<30 {
            try threads.run {
                let running = state.withLock { state in
                    state.running += 1
                    state.most = max(state.most, state.running)
                    return state.running
                }
                if running == 3 { isFull.open() }
                while !isFull.isOpen { usleep(1000) }
                let done = state.withLock { state in
                    state.running -= 1
                    state.done += 1
                    return state.done
                }
                if done == 30 { isDone.open() }
            }
        }
        await isDone.wait()
        #expect(state.withLock(\.most) == 3 && threads.started == 3)
    }

    @Test func `end with who started them, and not before their work`() async throws {
        let place = Mutex("")
        let done = Mutex(0)
        let isDone = Latch()
        var threads: WorkThreads? = WorkThreads(count: 1)
        for _ in 0..<5 {
            try threads?.run {
                place.withLock { $0 = Self.placeOfThread() }
                if done.withLock({
                    $0 += 1
                    return $0
                }) == 5 {
                    isDone.open()
                }
            }
        }
        threads = nil
        await isDone.wait()
        #expect(done.withLock { $0 } == 5)
        #if os(Linux)
        let path = place.withLock { $0 }
        try #require(path.hasPrefix("/proc/"))
        while access(path, F_OK) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #endif
    }

    /// Where Linux tells of the calling thread, as long as there is one.
    private static func placeOfThread() -> String {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &bytes, bytes.count - 1)
        return "/proc/" + String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
