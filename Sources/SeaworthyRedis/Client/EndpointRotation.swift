import Synchronization

/// Several addresses of one server, each tried in its turn.
final class EndpointRotation: Sendable {
    private let state: Mutex<[RedisEndpoint]>

    /// - Parameter first: with which to begin.
    init(_ endpoints: [RedisEndpoint], first: RedisEndpoint) {
        state = Mutex([first] + endpoints.filter { $0 != first })
    }

    @Sendable func next() -> RedisEndpoint {
        state.withLock { endpoints in
            let next = endpoints.removeFirst()
            endpoints.append(next)
            return next
        }
    }
}
