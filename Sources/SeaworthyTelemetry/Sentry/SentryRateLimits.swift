/// Until when the receiver wants no events: a pure state machine after Sentry's «Rate Limiting» (develop.sentry.dev).
struct SentryRateLimits {
    /// What a 429 without a time means.
    static let standardPause: Duration = .seconds(60)
    /// No answer keeps errors back for longer: a receiver that errs must not make the server silent for good.
    static let longestPause: Duration = .seconds(24 * 3600)
    /// Of `X-Sentry-Rate-Limits`, what is about events. An empty list of categories is about all of them.
    private static let categories: Set<Substring> = ["error", "default", "all"]

    private var limitedUntil: Duration?

    /// - Parameter now: of any clock that only goes forward.
    func isLimited(now: Duration) -> Bool { limitedUntil.map { now < $0 } ?? false }

    /// Takes in what an answer says, of any status: limits come with 200 as well.
    ///
    /// - Parameters:
    ///   - limits: the values of `X-Sentry-Rate-Limits`.
    ///   - retryAfter: that of `Retry-After`.
    ///   - wallClock: seconds since 1970, for a `Retry-After` that is a date.
    mutating func receive(status: Int, limits: [String], retryAfter: String?, now: Duration, wallClock: Int64) {
        if !limits.isEmpty {
            // It says more than the status does: a 429 for another category is none for events.
            for limit in limits.flatMap({ $0.split(separator: ",") }) { hold(Self.pause(limit), now) }
        } else if status == 429 {
            hold(retryAfter.flatMap { RetryAfter.parse($0, now: wallClock) } ?? Self.standardPause, now)
        }
    }

    private mutating func hold(_ pause: Duration?, _ now: Duration) {
        guard let pause else { return }
        limitedUntil = max(limitedUntil ?? .zero, now + min(pause, Self.longestPause))
    }

    /// Of `60:error;transaction:organization:quota`; nil where it is not about events.
    private static func pause(_ limit: Substring) -> Duration? {
        let fields = limit.drop { $0 == " " }.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 2 else { return nil }
        let named = fields[1].split(separator: ";")
        guard named.isEmpty || named.contains(where: categories.contains) else { return nil }
        // A fraction is rounded up, and what is no number is taken for the standard (as Sentry's own clients do).
        guard let seconds = Double(fields[0]), seconds.isFinite else { return standardPause }
        return .seconds(Int64(min(max(0, seconds.rounded(.up)), 1e9)))
    }
}
