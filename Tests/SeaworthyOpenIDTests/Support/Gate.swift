/// Lets pass while it is open, as it is at first.
actor Gate {
    private var isOpen = true
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func close() { isOpen = false }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            for arrival in arrivals where arrival.count <= waiting.count { arrival.continuation.resume() }
            arrivals.removeAll { $0.count <= waiting.count }
        }
    }

    /// Returns when so many wait.
    func waiting(_ count: Int) async {
        guard waiting.count < count else { return }
        await withCheckedContinuation { arrivals.append((count, $0)) }
    }
}
