/// When something is fetched that many ask for: once for all who ask meanwhile, again when it is too old, and after a failure only when
/// some time has passed.
struct FetchStateMachine<Value: Sendable>: Sendable {
    enum Action {
        case use(Value)
        case fail(OpenIDError)
        /// Fetch it, and tell by `finished`.
        case fetch
        /// Somebody fetches it already.
        case wait
    }

    private var isFetching = false
    private var value: (value: Value, time: Duration)?
    private var failure: (error: OpenIDError, time: Duration)?

    /// - Parameters:
    ///   - maximumAge: what is older is fetched again.
    ///   - pause: how long a failure stands for the next ones who ask.
    ///   - now: of a clock that never goes back.
    mutating func asked(maximumAge: Duration, pause: Duration, at now: Duration) -> Action {
        if let value, now - value.time < maximumAge { return .use(value.value) }
        if isFetching { return .wait }
        if let failure, now - failure.time < pause { return .fail(failure.error) }
        isFetching = true
        return .fetch
    }

    mutating func finished(_ result: Result<Value, OpenIDError>, at now: Duration) {
        isFetching = false
        switch result {
        case .success(let value):
            self.value = (value, now)
            failure = nil
        case .failure(let error): failure = (error, now)
        }
    }
}
