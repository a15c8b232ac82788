package import SeaworthySQL
package import SeaworthyStorage
import Synchronization

/// Agrees with the other servers of a database on one that leads, such as for jobs that one server should do for all.
///
/// Who leads has a lease in the database and renews it. When it cannot, it knows by its own clock when to stop; then, or when it has gone
/// without a word, another takes over. A step of a job that is under way then may still end beside the next leader's first: jobs have to bear
/// that, or hand the fencing number on to whatever they write to.
package final class LeaderElection: Sendable {
    /// What is told to whoever watches.
    package enum Event: Sendable {
        case changed(LeadershipStateMachine.Change)
        /// The database did not answer; the first of several in a row.
        case failed(any Error)
    }

    /// How often whoever waits to lead, or leads, looks whether that has changed.
    package static let glance: Duration = .seconds(1)

    private struct State {
        var leadership: LeadershipStateMachine
        var isFailing = false
        /// Whether a question was cut off whose answer may have been a lease.
        var mayHold = false
    }

    private let name: String
    private let holder = RandomSecret.make(bytes: 16)
    private let table: LeaseTable
    private let timing: LeaseTiming
    private let observe: @Sendable (Event) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - name: what is led; servers with the same name agree on one.
    ///   - observe: told of what changes.
    package init(
        _ name: String, database: any Database, dialect: any Dialect, timing: LeaseTiming = .standard,
        observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.name = name
        self.timing = timing
        self.observe = observe
        table = LeaseTable(database, dialect: dialect)
        state = Mutex(State(leadership: LeadershipStateMachine(timing)))
    }

    package var isLeader: Bool { fence != nil }

    /// The fencing number of who leads, greater than that of every leader before; nil for who does not.
    package var fence: Int64? { state.withLock { $0.leadership.fence(at: .now) } }

    /// Asks for the lease and renews it, until the task is cancelled; then hands it over at once.
    package func run() async {
        while !Task.isCancelled {
            await ask()
            try? await Task.sleep(for: timing.interval)
        }
        await release()
    }

    private func ask() async {
        let askedAt = ContinuousClock.now
        do {
            let fence = try await table.take(name, for: holder, lease: timing.lease)
            let changes = state.withLock { state in
                state.isFailing = false
                return state.leadership.answered(fence, askedAt: askedAt, now: .now)
            }
            tell(changes)
        } catch is CancellationError {
            state.withLock { $0.mayHold = true }
        } catch {
            let (changes, isFirst) = state.withLock { state in
                defer { state.isFailing = true }
                return (state.leadership.passed(.now), !state.isFailing)
            }
            if isFirst { observe(.failed(error)) }
            tell(changes)
        }
    }

    private func release() async {
        let (changes, mayHold) = state.withLock { state in (state.leadership.stopped(), state.mayHold) }
        tell(changes)
        guard mayHold || !changes.isEmpty else { return }
        // The task is cancelled, and this has to be said all the same; if it cannot be, the lease ends by itself.
        await Task { [self] in try? await table.release(name, of: holder) }.value
    }

    private func tell(_ changes: [LeadershipStateMachine.Change]) {
        for change in changes { observe(.changed(change)) }
    }

    /// Runs a body while this server leads. It is cancelled when that ends, and has to look before each of its steps.
    ///
    /// - Returns: nil where another leads, or came to lead before the body had ended.
    package func whileLeading<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result? {
        guard let fence else { return nil }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask { [self] in
                while let deadline = state.withLock({ $0.leadership.fence(at: .now) == fence ? $0.leadership.deadline(at: .now) : nil }) {
                    try await Task.sleep(until: min(deadline, .now + Self.glance), clock: .continuous)
                }
                return nil
            }
            defer { group.cancelAll() }
            // What the body does last is waited for, so that it never does two things at once.
            return try await group.next() ?? nil
        }
    }
}
