import FoundationEssentials

/// The two times that are asked for; tests put their own in place.
package struct OpenIDClock: Sendable {
    /// Seconds since 1970, which tokens are held to.
    package var now: @Sendable () -> Int64
    /// Since some moment, never going back: what the age of the fetched is taken from.
    package var uptime: @Sendable () -> Duration

    package init(now: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Duration) {
        self.now = now
        self.uptime = uptime
    }

    /// The machine's.
    package static var system: OpenIDClock {
        let start = ContinuousClock.now
        return OpenIDClock(now: { Int64(Date().timeIntervalSince1970) }, uptime: { ContinuousClock.now - start })
    }
}
