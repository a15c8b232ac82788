/// How the log is shipped. The one place of each default.
package struct LogShippingSettings: Sendable {
    /// How often what was committed is stored.
    package var interval: Duration
    /// How often it is looked whether the log grew by so much that it is not waited for the interval.
    package var pulse: Duration = .seconds(1)
    /// From how many frames on the log is copied into the database and begun anew. As many as SQLite itself has by default.
    package var checkpointFrames = 1_000
    /// By how many frames the log may grow until it is stored before the interval is over.
    package var growthFrames = 4_000
    /// How long the writer may be held for the last piece to be stored before the log is begun anew; after that it is tried another time.
    package var writerWait: Duration = .milliseconds(500)
    /// How large the log may grow while the place for backups takes nothing. Then the chain is given up.
    package var maximumLogBytes = 1 << 30
    /// The most that the images of pages in a piece take.
    package var imageBytes = LogPiece.imageBytes
    /// The pause behind the first failure; it doubles with each, up to ``longestPause``.
    package var pause: Duration = .seconds(1)
    package var longestPause: Duration = .seconds(60)
    /// How long the last piece may take at the end.
    package var endWait: Duration = .seconds(4)

    package init(interval: Duration) {
        self.interval = interval
        pulse = min(pulse, interval)
    }
}
