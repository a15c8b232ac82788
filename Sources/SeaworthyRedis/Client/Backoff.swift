/// How long to wait until the next attempt: twice as long each time, within bounds, and between the half and the whole of it, so that many
/// clients do not come back at the same moment.
struct Backoff: Sendable {
    private let bounds: ClosedRange<Duration>
    private var attempts = 0

    init(_ bounds: ClosedRange<Duration>) {
        self.bounds = bounds
    }

    /// - Parameter random: between 0 and 1.
    mutating func next(_ random: Double = .random(in: 0...1)) -> Duration {
        // Beyond thirty doublings every start is at its bound.
        let whole = min(bounds.upperBound, bounds.lowerBound * (1 << min(attempts, 30)))
        attempts += 1
        return whole * (0.5 + random / 2)
    }

    mutating func reset() {
        attempts = 0
    }
}
