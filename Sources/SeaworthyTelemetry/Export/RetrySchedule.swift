/// When something is tried again that failed for now: pauses that double, each other for everyone, so that servers which failed together do
/// not come back together.
package struct RetrySchedule: Sendable, Equatable {
    /// How often something is tried, at most.
    package var maximumAttempts = 5
    /// The pause behind the first failure.
    package var pause: Duration = .seconds(1)
    /// No pause is longer, also where the receiver asks for it.
    package var maximumPause: Duration = .seconds(30)

    package init() {}

    /// How long to wait behind an attempt that failed; nil when it was the last.
    ///
    /// - Parameters:
    ///   - attempt: counts from 1.
    ///   - retryAfter: what the receiver asks for; it is waited for in full, as far as any pause goes.
    ///   - jitter: 0 to 1, by chance.
    func pause(after attempt: Int, retryAfter: Duration?, jitter: Double) -> Duration? {
        guard attempt < maximumAttempts else { return nil }
        let doubled = min(pause * (1 << min(attempt - 1, 16)), maximumPause)
        let own = doubled * (0.5 + jitter / 2)
        return min(max(own, retryAfter ?? .zero), maximumPause)
    }
}
