import Synchronization

/// Lets a few pieces of work run at the same time, and a bounded number wait in the order in which they came.
final class WorkSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var lastID = 0
    }

    private let count: Int
    private let maximumWaiting: Int
    private let state: Mutex<State>

    /// How many run or wait.
    var load: Int { state.withLock { count - $0.free + $0.waiting.count } }

    init(count: Int, maximumWaiting: Int) {
        self.count = max(1, count)
        self.maximumWaiting = maximumWaiting
        state = Mutex(State(free: max(1, count)))
    }

    /// - Throws: ``IdentityError`` `busy` when too many wait already, `CancellationError` when the task is cancelled while it waits.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private enum Entry {
        case inside, full
        case wait(Int)
    }

    private func enter() async throws {
        let entry: Entry = state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return .inside
            }
            guard state.waiting.count < maximumWaiting else { return .full }
            state.lastID += 1
            return .wait(state.lastID)
        }
        switch entry {
        case .inside: return
        case .full: throw IdentityError(.busy, "Too many sign-ins are under way.")
        case .wait(let id):
            let isInside = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    // Looked at again under the lock: a slot may have become free, and the task may have been cancelled.
                    let answer: Bool? = state.withLock { state in
                        if Task.isCancelled { return false }
                        if state.free > 0 {
                            state.free -= 1
                            return true
                        }
                        state.waiting.append((id, continuation))
                        return nil
                    }
                    if let answer { continuation.resume(returning: answer) }
                }
            } onCancel: {
                let waiter = state.withLock { state in
                    state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
                }
                waiter?.continuation.resume(returning: false)
            }
            guard isInside else { throw CancellationError() }
        }
    }

    private func leave() {
        // The slot goes to the next that waits, and stays taken.
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
