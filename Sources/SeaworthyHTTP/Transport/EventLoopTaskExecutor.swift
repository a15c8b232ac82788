import NIOCore

/// Runs the tasks of requests on the event loop of their connection.
///
/// A request that finds its data at hand never leaves the loop's thread; on the global pool it would cost two hand-overs between
/// threads. What waits for something else suspends, as everywhere; so handlers must not block.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
