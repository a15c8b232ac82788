import SeaworthyStorage
import Synchronization

/// One transaction or session: the job that waits for a connection, the connection's loan from BEGIN to COMMIT or ROLLBACK, and the executor that
/// the body runs on meanwhile, which is the connection's own thread.
///
/// So a statement of the body is a plain call, not two changes of threads. When the body waits for something else, the thread waits for
/// the body. Once the lease has ended, what is left of the body runs on Swift's own threads.
// @unchecked Sendable: `ending` is written before `statements` refuses and read by whom it refused; every other `var` is used by the
// connection's thread only, which `thread` names.
final class Lease: Job, TaskExecutor, @unchecked Sendable {
    private enum Phase {
        /// It waits for a connection, or was refused one.
        case waiting
        case open
        /// The body ran no statement for too long.
        case expired
        /// The body is done, and its group has still to commit.
        case complete
        /// The task is told what became of the commit.
        case acknowledging
        case over
    }

    private static let closed = StorageError(.closed, message: "the transaction has ended")

    let mode: TransactionMode
    /// It is the loan to a session, which begins its transactions itself.
    let isSession: Bool
    /// Pieces of the body, and statements that it sends from other threads, in order.
    private let statements: WorkQueue
    private let file: DatabaseFile
    private let idleTimeout: Duration
    private let groupIdleTimeout: Duration
    /// The thread that serves the lease, while it does; otherwise 0.
    private let thread = Atomic<UInt>(0)

    private var connection: SQLiteConnection?
    private var phase = Phase.waiting
    private var ranStatement = false
    private var idleEnd = Deadline(nanoseconds: 0)
    private var groupIdleEnd = Deadline(nanoseconds: 0)
    private var acknowledgement: CheckedContinuation<Void, any Error>?
    /// What the task does after the acknowledgement, until it leaves this executor.
    private var tail: [UnownedJob] = []
    private var ending: (any Error)?

    init(_ mode: TransactionMode, isSession: Bool = false, of file: DatabaseFile, settings: SQLiteSettings) {
        self.mode = mode
        self.isSession = isSession
        self.file = file
        // Not bounded: the pieces of a body cannot be refused, and only one body fills it.
        statements = WorkQueue(limit: .max)
        idleTimeout = settings.transactionIdleTimeout
        groupIdleTimeout = settings.groupIdleTimeout
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnItsThread, phase == .acknowledging {
            tail.append(job)
        } else {
            statements.submit(BodyJob(job, of: self))
        }
    }

    private var isOnItsThread: Bool { thread.load(ordering: .relaxed) == ThreadIdentity.current }

    // MARK: The body's side

    /// Throws why there is no transaction, if there is none.
    func requireOpen() throws {
        guard isOnItsThread, phase == .open else { throw ending ?? Self.closed }
    }

    /// Runs a statement of the transaction: at once on the connection's thread, and from other threads when the body waits for them.
    func run<Output: Sendable>(_ work: @escaping @Sendable (SQLiteConnection) throws -> Output) async throws -> Output {
        guard isOnItsThread else { return try await statements.run(work) }
        let job = Job()
        return try await withTaskCancellationHandler {
            try runNow(job, work)
        } onCancel: {
            job.isCancelled.store(true, ordering: .relaxed)
        }
    }

    private func runNow<Output>(_ job: Job, _ work: (SQLiteConnection) throws -> Output) throws -> Output {
        let connection = try openConnection()
        if job.isCancelled.load(ordering: .relaxed) { throw CancellationError() }
        connection.interruption.begin(job, isUnlimited: isSession)
        defer {
            connection.interruption.end()
            didRunStatement()
        }
        return try work(connection)
    }

    private func openConnection() throws -> SQLiteConnection {
        try requireOpen()
        // The body may have computed for too long without ever waiting.
        if idleEnd.isPast { expire() }
        guard phase == .open, let connection else { throw ending ?? Self.closed }
        return connection
    }

    private func didRunStatement() {
        ranStatement = true
        idleEnd = Deadline(after: idleTimeout)
    }

    /// Ends the transaction with its changes. Returns when they are committed.
    func commit() async throws {
        // Nothing may come between the end of the transaction and the wait for its commit.
        try await withCheckedThrowingContinuation { complete($0) }
    }

    private func complete(_ continuation: CheckedContinuation<Void, any Error>) {
        do {
            let connection = try openConnection()
            switch mode {
            case .read:
                try connection.commitRead()
                phase = .over
                continuation.resume()
            case .write, .writeAlone:
                try connection.complete(self)
                phase = .complete
                acknowledgement = continuation
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }

    /// Ends the transaction without its changes, unless it has ended already.
    func rollback() {
        guard isOnItsThread, phase == .open, let connection else { return }
        connection.rollback()
        phase = .over
    }

    /// Ends a transaction of the session without its changes.
    func rollbackInSession() {
        guard isOnItsThread, phase == .open else { return }
        connection?.rollback()
    }

    /// Ends the session. A transaction that it left open is rolled back.
    func endSession() {
        guard isOnItsThread, phase == .open, let connection else { return }
        connection.endSession()
        phase = .over
    }

    // MARK: The thread's side

    override func fail(_ error: any Error) {
        ending = error
        statements.refuse(with: error)
    }

    /// Begins the transaction and serves its body until it has ended.
    override func run(on connection: SQLiteConnection) {
        do {
            // A commit into a file that is no longer at its path would be acknowledged and lost.
            if mode != .read { try file.verify() }
            if isSession { connection.commitGroup() } else { try connection.begin(for: self) }
        } catch {
            return fail(error)
        }
        self.connection = connection
        phase = .open
        thread.store(ThreadIdentity.current, ordering: .relaxed)
        serve(connection)
        thread.store(0, ordering: .relaxed)
        self.connection = nil
        // A task that let the transaction escape from its body, or came too late, must not wait for ever.
        statements.refuse(with: Self.closed)
        if phase == .expired { isSession ? connection.endSession() : connection.rollback() }
    }

    private func serve(_ connection: SQLiteConnection) {
        idleEnd = Deadline(after: idleTimeout)
        groupIdleEnd = Deadline(after: groupIdleTimeout)
        var finished = false
        while phase == .open {
            let holdsOthers = connection.holdsOthers
            let end = holdsOthers && groupIdleEnd.nanoseconds < idleEnd.nanoseconds ? groupIdleEnd : idleEnd
            guard case .job(let job) = statements.next(finished: finished, until: end) else { return expire(holdsOthers: holdsOthers) }
            finished = true
            ranStatement = false
            job.run(on: connection)
            if !(job is BodyJob) { didRunStatement() }
            connection.failLostGroup()
            // A body that waits in small steps, as for a condition, always has a next one.
            if phase == .open, !ranStatement, end.isPast { return expire(holdsOthers: connection.holdsOthers) }
        }
    }

    private func expire(holdsOthers: Bool = false) {
        let reason =
            holdsOthers && !idleEnd.isPast
            ? "it waited for something else than its statements while others wait for its end, \(groupIdleTimeout) after its begin"
            : "it ran no statement for \(idleTimeout)"
        let error = StorageError(.transactionTimeout, message: "the transaction was rolled back: \(reason)")
        phase = .expired
        ending = error
        statements.refuse(with: error)
    }

    /// Tells the task what became of its group's COMMIT, and runs it until it goes back to where it came from.
    func acknowledge(_ result: Result<Void, any Error>) {
        thread.store(ThreadIdentity.current, ordering: .relaxed)
        phase = .acknowledging
        acknowledgement.take()?.resume(with: result)
        while !tail.isEmpty { tail.removeFirst().runSynchronously(on: asUnownedTaskExecutor()) }
        phase = .over
        thread.store(0, ordering: .relaxed)
    }
}
