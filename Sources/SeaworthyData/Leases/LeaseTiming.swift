/// How long a lease is good, and how often it is renewed.
package struct LeaseTiming: Sendable {
    /// How long it is good from when it was asked for: so long nobody leads when a leader has gone without a word.
    package var lease: Duration
    /// How often it is renewed, or asked for.
    package var interval: Duration
    /// How long before its end its holder no longer believes in it, since two clocks may run at different speeds.
    package var margin: Duration

    package init(lease: Duration, interval: Duration, margin: Duration) {
        self.lease = lease
        self.interval = interval
        self.margin = margin
    }

    /// For servers that share a database.
    package static let standard = LeaseTiming(lease: .seconds(30), interval: .seconds(10), margin: .seconds(2))
    /// For SQLite, where there seldom is a second server: each renewal is a write to the disk, and to a log that is shipped.
    package static let sparing = LeaseTiming(lease: .seconds(900), interval: .seconds(300), margin: .seconds(2))
}
