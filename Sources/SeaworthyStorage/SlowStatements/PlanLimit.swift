/// Which slow statements' plans are asked for: one at a time, and each text once in a while, so that a database in trouble is not asked
/// for more.
package struct PlanLimit {
    /// How long a text's plan is not asked for again.
    package static let interval: UInt64 = 60_000_000_000
    /// Texts that are remembered; when as many were asked for within the interval, further ones are not.
    package static let maximumTexts = 256

    private var isAsking = false
    private var askedAt: [String: UInt64] = [:]

    package init() {}

    /// Whether the plan may be asked for; if so, ``ended()`` has to follow.
    package mutating func begins(_ sql: String, at now: UInt64) -> Bool {
        guard !isAsking else { return false }
        if let last = askedAt[sql], now &- last < Self.interval { return false }
        if askedAt.count >= Self.maximumTexts { askedAt = askedAt.filter { now &- $0.value < Self.interval } }
        guard askedAt.count < Self.maximumTexts || askedAt[sql] != nil else { return false }
        askedAt[sql] = now
        isAsking = true
        return true
    }

    package mutating func ended() {
        isAsking = false
    }
}
