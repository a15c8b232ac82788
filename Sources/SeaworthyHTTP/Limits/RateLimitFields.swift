import HTTPTypes
import SeaworthyData
import SeaworthySchema
import SeaworthyStorage

/// What a client is told of the limit that its request was counted by: the fields of draft-ietf-httpapi-ratelimit-headers-10, and those that
/// are older.
struct RateLimitFields: Sendable {
    private let policy: RateLimits.Policy
    private let remaining: Int
    /// Until all is back, in seconds.
    private let reset: Int64

    init(_ counted: RateLimits.Counted) {
        policy = counted.policy
        remaining = counted.outcome.remaining
        reset = counted.outcome.resetAfter.secondsRoundedUp
    }

    func write(into fields: inout HTTPFields) {
        let (count, window) = (policy.rate.count, policy.rate.windowSeconds)
        fields[.rateLimitPolicy] = "\"\(policy.name)\";q=\(count);w=\(window)"
        fields[.rateLimit] = "\"\(policy.name)\";r=\(remaining);t=\(reset)"
        fields[.xRateLimitLimit] = String(count)
        fields[.xRateLimitRemaining] = String(remaining)
        fields[.xRateLimitReset] = String(reset)
    }
}

extension Duration {
    fileprivate var secondsRoundedUp: Int64 { components.attoseconds > 0 ? components.seconds + 1 : components.seconds }
}
