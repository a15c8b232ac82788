import Synchronization

/// Counts threads, and does something when the last one has left. Starts with one for whoever starts the others.
final class ThreadCount: Sendable {
    private let count = Atomic(1)
    private let whenEmpty: @Sendable () -> Void

    init(whenEmpty: @escaping @Sendable () -> Void) {
        self.whenEmpty = whenEmpty
    }

    func enter() {
        count.add(1, ordering: .relaxed)
    }

    func leave() {
        if count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { whenEmpty() }
    }
}
