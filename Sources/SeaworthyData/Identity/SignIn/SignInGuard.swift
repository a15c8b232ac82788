/// Slows down whoever guesses passwords, without locking out whose account it is.
///
/// Failures count for an account and the network from which they come. Beyond ``freeFailures`` since the last success each further one
/// doubles the time to wait. Failures from many networks at once slow down every network but those from which the account was signed in
/// before: so the owner, who comes from there, is never locked out by others, and anybody else has few guesses left.
struct SignInGuard: Sendable {
    /// Failures without a wait.
    static let freeFailures = 5
    /// Failures of an account from all networks within ``window`` that are without a wait for networks that are not known.
    static let freeFailuresEverywhere = 50
    static let firstWait: Duration = .seconds(1)
    static let longestWait: Duration = .seconds(15 * 60)
    /// How far back is looked.
    static let window: Duration = .seconds(60 * 60)
    /// The most attempts of an account that are looked at, the newest first.
    static let maximumAttempts = 500

    struct Attempt: Sendable, Hashable {
        /// In microseconds since the epoch.
        var at: Int64
        var network: String
        var isSuccess: Bool
    }

    /// How long to wait before the next attempt; nil for none.
    ///
    /// - Parameters:
    ///   - attempts: those of the account within the window, the newest first.
    ///   - isKnown: whether somebody has signed in to the account from this network before.
    static func wait(_ attempts: [Attempt], network: String, isKnown: Bool, now: Int64) -> Duration? {
        let here = attempts.filter { $0.network == network }.prefix { !$0.isSuccess }
        var wait = remaining(failures: here.count, free: freeFailures, last: here.first?.at, now: now)
        if !isKnown {
            let all = attempts.filter { !$0.isSuccess }
            wait = max(wait, remaining(failures: all.count, free: freeFailuresEverywhere, last: all.first?.at, now: now))
        }
        return wait > .zero ? wait : nil
    }

    private static func remaining(failures: Int, free: Int, last: Int64?, now: Int64) -> Duration {
        guard let last, failures >= free else { return .zero }
        let wait = min(longestWait, firstWait * (1 << min(failures - free, 20)))
        return max(.zero, .microseconds(last - now) + wait)
    }
}
