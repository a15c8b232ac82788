import Dispatch

/// A thread that backups run on: they read and write files and pipes, which blocks, and Swift's own threads are few.
final class WorkThread: TaskExecutor {
    private let queue = DispatchQueue(label: "seaworthy.backup")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs a piece of work, and what it awaits of ours, on a thread of its own.
    static func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await withTaskExecutorPreference(WorkThread()) { try await body() }
    }
}
