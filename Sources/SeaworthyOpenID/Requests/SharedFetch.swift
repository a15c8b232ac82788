/// Something of a provider's, fetched as FetchStateMachine says.
actor SharedFetch<Value: Sendable> {
    private var state = FetchStateMachine<Value>()
    private var running: Task<Value, any Error>?
    private let clock: OpenIDClock
    private let fetch: @Sendable () async throws -> Value

    init(clock: OpenIDClock, fetch: @escaping @Sendable () async throws -> Value) {
        self.clock = clock
        self.fetch = fetch
    }

    /// A fetch goes on when the one who asked leaves: others may wait for it, and it ends by its own timeout.
    func value(maximumAge: Duration, pause: Duration) async throws -> Value {
        switch state.asked(maximumAge: maximumAge, pause: pause, at: clock.uptime()) {
        case .use(let value): return value
        case .fail(let error): throw error
        case .fetch, .wait:
            let task = running ?? Task { try await self.fetchNow() }
            running = task
            return try await task.value
        }
    }

    private func fetchNow() async throws -> Value {
        defer { running = nil }
        do {
            let value = try await fetch()
            state.finished(.success(value), at: clock.uptime())
            return value
        } catch {
            let error = error as? OpenIDError ?? OpenIDError(.unavailable, "what the provider publishes could not be fetched: \(error)")
            state.finished(.failure(error), at: clock.uptime())
            throw error
        }
    }
}
