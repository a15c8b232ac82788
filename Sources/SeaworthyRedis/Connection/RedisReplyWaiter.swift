/// Who is told how a command ended. Exactly once.
enum RedisReplyWaiter: Sendable {
    case task(CheckedContinuation<Result<RESPValue, RedisError>, Never>)
    case observer(@Sendable (Result<RESPValue, RedisError>) -> Void)
    case nobody

    func end(_ result: Result<RESPValue, RedisError>) {
        switch self {
        case .task(let continuation): continuation.resume(returning: result)
        case .observer(let observe): observe(result)
        case .nobody: break
        }
    }

    /// What Redis answered. An error of its is thrown to who waits.
    func end(_ value: RESPValue) {
        if case .failure(let error) = value { end(.failure(RedisError(error))) } else { end(.success(value)) }
    }
}
