package import SeaworthySchema

/// The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling): the whole rate may be used up at once, and comes back evenly,
/// one by one. Of each subject one number is kept: the time at which everything is back.
package enum CellRate {
    /// - Parameters:
    ///   - full: when everything is back, in nanoseconds on some clock; nil for a subject that is not known.
    ///   - count: how many are taken, all or none.
    ///   - now: on the same clock.
    /// - Returns: what to keep in place of it; the same where the request is not allowed.
    package static func take(_ full: Int64?, _ rate: RequestRate, count: Int = 1, now: Int64) -> (full: Int64, outcome: RateLimitOutcome) {
        let window = Int64(rate.windowSeconds) * 1_000_000_000
        // At least a microsecond, since there are no more than a million in a second.
        let interval = window / Int64(rate.count)
        let before = max(full ?? now, now)
        let after = before + interval * Int64(count)
        let wait = after - window - now
        guard wait <= 0 else {
            let remaining = max(0, window - (before - now)) / interval
            return (
                before, RateLimitOutcome(retryAfter: .nanoseconds(wait), remaining: Int(remaining), resetAfter: .nanoseconds(before - now))
            )
        }
        let remaining = min(Int64(rate.count - count), (window - (after - now)) / interval)
        return (after, RateLimitOutcome(retryAfter: nil, remaining: Int(remaining), resetAfter: .nanoseconds(after - now)))
    }
}
