import Synchronization

/// Does work behind an answer, a bounded number of pieces at a time. What fails is not told to anybody: whoever asked asks again.
final class BackgroundWork: Sendable {
    /// Beyond this the answer waits.
    static let maximumCount = 64

    private let count = Mutex(0)

    func run(_ work: @escaping @Sendable () async throws -> Void) async {
        let isRoom = count.withLock { count in
            guard count < Self.maximumCount else { return false }
            count += 1
            return true
        }
        guard isRoom else {
            try? await work()
            return
        }
        Task {
            try? await work()
            count.withLock { $0 -= 1 }
        }
    }
}
