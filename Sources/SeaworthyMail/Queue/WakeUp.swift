import Synchronization

/// Wakes the one task that waits. A call that comes before it waits is kept for it.
final class WakeUp: Sendable {
    private enum State {
        case idle
        case called
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    func call() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard case .waiting(let continuation) = state else {
                state = .called
                return nil
            }
            state = .idle
            return continuation
        }
        waiting?.resume()
    }

    /// Returns on a call, or when the task is cancelled. It may return without either.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCalled = state.withLock { state in
                    guard case .idle = state else {
                        state = .idle
                        return true
                    }
                    state = .waiting(continuation)
                    return false
                }
                if isCalled { continuation.resume() }
            }
        } onCancel: {
            call()
        }
    }

    /// Waits for that time at most.
    func wait(nanoseconds: UInt64) async {
        let timer = Task {
            try await Task.sleep(for: .nanoseconds(Int64(clamping: nanoseconds)))
            call()
        }
        await wait()
        timer.cancel()
    }
}
