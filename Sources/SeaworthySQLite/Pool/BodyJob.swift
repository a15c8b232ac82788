/// A piece of a transaction's body, up to where it next waits for something else.
// @unchecked Sendable: both properties never change.
final class BodyJob: Job, @unchecked Sendable {
    private let job: UnownedJob
    private let lease: Lease

    init(_ job: UnownedJob, of lease: Lease) {
        self.job = job
        self.lease = lease
    }

    override func run(on connection: SQLiteConnection) {
        job.runSynchronously(on: lease.asUnownedTaskExecutor())
    }

    /// The lease has ended, or never began: the body goes on elsewhere, and finds that out with its next statement.
    override func fail(_ error: any Error) {
        globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }
}
