import NIOCore
import SeaworthyStorage
import Synchronization

/// The commands that go out together at the next turn of the connection's event loop: whoever sends writes into one buffer, from any thread,
/// and only the first has to wake the loop. One write for many commands is what makes many tasks on one connection fast.
final class RedisOutbox: Sendable {
    typealias Waiting = (waiter: RedisReplyWaiter, deadline: UInt64)

    /// What goes out at once.
    struct Batch {
        var buffer: ByteBuffer
        var waiting: [Waiting]
    }

    private struct State {
        var buffer = ByteBuffer()
        var waiting: [Waiting] = []
        var isFlushScheduled = false
        /// Nil while open.
        var end: RedisError?
        /// Commands without an answer, those here and those that went out.
        var pending = 0
        /// Bytes that the socket has not taken, those here and those that went out.
        var unwritten = 0
    }

    /// Bytes that may wait for a server that does not read.
    static let maximumUnwritten = 64 << 20

    private let state = Mutex(State())
    private let maximumPending: Int
    private let timeout: Duration

    init(maximumPending: Int, timeout: Duration) {
        self.maximumPending = maximumPending
        self.timeout = timeout
    }

    enum Acceptance: Equatable {
        /// It goes out with others.
        case queued
        /// It is the first, and somebody has to flush.
        case needsFlush
        case refused(RedisError)
    }

    /// Queues commands, which go out one behind another.
    func add(_ commands: [(RedisCommand, RedisReplyWaiter)]) -> Acceptance {
        state.withLock { state in
            if let end = state.end { return .refused(end) }
            guard state.pending + commands.count <= maximumPending, state.unwritten <= Self.maximumUnwritten else {
                return .refused(RedisError(.queueFull, "\(state.pending) commands wait for answers"))
            }
            // Within the lock: the deadlines of one connection never go back.
            let deadline = Deadline(after: timeout).nanoseconds
            let before = state.buffer.writerIndex
            for (command, waiter) in commands {
                state.buffer.write(command)
                state.waiting.append((waiter, deadline))
            }
            state.pending += commands.count
            state.unwritten += state.buffer.writerIndex - before
            guard !state.isFlushScheduled else { return .queued }
            state.isFlushScheduled = true
            return .needsFlush
        }
    }

    /// Takes out what waits.
    func take() -> Batch {
        state.withLock { state in
            state.isFlushScheduled = false
            let batch = Batch(buffer: state.buffer, waiting: state.waiting)
            state.buffer = ByteBuffer()
            state.waiting = []
            return batch
        }
    }

    func wrote(_ bytes: Int) {
        state.withLock { $0.unwritten -= bytes }
    }

    func answered(_ count: Int) {
        state.withLock { $0.pending -= count }
    }

    var pending: Int { state.withLock { $0.pending } }

    /// Nil while commands are taken.
    var end: RedisError? { state.withLock { $0.end } }

    /// Takes no more, and gives out those who wait. Only the first reason counts.
    func close(_ error: RedisError) -> [RedisReplyWaiter] {
        state.withLock { state in
            if state.end == nil { state.end = error }
            let waiting = state.waiting.map(\.waiter)
            state.waiting = []
            state.buffer = ByteBuffer()
            return waiting
        }
    }
}
