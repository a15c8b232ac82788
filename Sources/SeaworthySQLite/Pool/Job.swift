import SeaworthyStorage
import Synchronization

/// One piece of work for a connection's thread. It ends once: by ``run(on:)`` or by ``fail(_:)``, whoever took it off its queue.
// @unchecked Sendable: `submittedAt` is guarded by the monitor of the queue that holds the job; the rest is atomic or set before sharing.
class Job: @unchecked Sendable {
    /// The task that waits for the job was cancelled. Read by the running statement.
    let isCancelled = Atomic<Bool>(false)
    final var submittedAt = Deadline(nanoseconds: 0)

    func run(on connection: SQLiteConnection) {}
    func fail(_ error: any Error) {}
}

/// Work that a task awaits.
// @unchecked Sendable: `continuation` is set before the job is submitted and taken only by whoever took the job off its queue.
final class ResultJob<Output: Sendable>: Job, @unchecked Sendable {
    private let work: @Sendable (SQLiteConnection) throws -> Output
    private let wait = PoolWait.current
    private var continuation: CheckedContinuation<Output, any Error>?

    init(_ work: @escaping @Sendable (SQLiteConnection) throws -> Output) {
        self.work = work
    }

    func resume(_ continuation: CheckedContinuation<Output, any Error>) {
        self.continuation = continuation
    }

    override func run(on connection: SQLiteConnection) {
        wait?.end()
        connection.interruption.begin(self)
        let result: Result<Output, any Error>
        do {
            result = .success(try work(connection))
        } catch {
            result = .failure(error)
        }
        connection.interruption.end()
        continuation.take()?.resume(with: result)
    }

    override func fail(_ error: any Error) {
        continuation.take()?.resume(throwing: error)
    }
}

extension WorkQueue {
    /// Runs work on the next free thread of this queue and waits for it. When the task is cancelled, work that waits leaves the queue
    /// and running work is interrupted; both throw `CancellationError`.
    func run<Output: Sendable>(
        ahead: Bool = false, _ work: @escaping @Sendable (SQLiteConnection) throws -> Output
    ) async throws -> Output {
        let job = ResultJob(work)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                job.resume(continuation)
                submit(job, ahead: ahead)
            }
        } onCancel: {
            cancel(job)
        }
    }
}
