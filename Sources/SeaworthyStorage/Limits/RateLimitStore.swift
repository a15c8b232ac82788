package import SeaworthySchema

/// What is counted, and for whom.
package struct RateLimitKey: Sendable, Hashable {
    /// What attempts to sign in are counted by.
    package static let signInPolicy = "auth"

    /// Such as `default`.
    package let policy: String
    /// Such as a user's id or a network.
    package let subject: String

    package init(policy: String, subject: String) {
        self.policy = policy
        self.subject = subject
    }
}

/// What became of one request that was counted.
package struct RateLimitOutcome: Sendable, Hashable {
    /// How long until the next one is allowed; nil for one that was.
    package let retryAfter: Duration?
    /// How many more are allowed now.
    package let remaining: Int
    /// How long until all are allowed again.
    package let resetAfter: Duration

    package init(retryAfter: Duration?, remaining: Int, resetAfter: Duration) {
        self.retryAfter = retryAfter
        self.remaining = remaining
        self.resetAfter = resetAfter
    }

    package var isAllowed: Bool { retryAfter == nil }
}

/// Counts requests against their rates, for one server or for many.
package protocol RateLimitStore: Sendable {
    /// Counts so many requests, where all of them are allowed; else none.
    func take(_ key: RateLimitKey, _ rate: RequestRate, count: Int) async throws -> RateLimitOutcome
}
