/// At most one event in a while for each fingerprint: a pure state machine.
///
/// An outage fails thousands of requests in the same way; one event tells it, and the next how many there were.
struct SentryThrottle {
    /// Between two events of a fingerprint.
    static let interval: Duration = .seconds(60)
    /// Fingerprints that are remembered. With as many within the interval, further ones are held back.
    static let maximumFingerprints = 1000

    private struct Entry {
        var sentAt: Duration
        var held: Int
    }

    private let maximum: Int
    private var entries: [[String]: Entry] = [:]

    init(maximum: Int = SentryThrottle.maximumFingerprints) {
        self.maximum = maximum
    }

    var count: Int { entries.count }

    /// - Parameter now: of any clock that only goes forward.
    /// - Returns: how many of this fingerprint were held back since the last event; nil when this one is.
    mutating func admit(_ fingerprint: [String], now: Duration) -> Int? {
        if let entry = entries[fingerprint] {
            guard now - entry.sentAt >= Self.interval else {
                entries[fingerprint] = Entry(sentAt: entry.sentAt, held: entry.held + 1)
                return nil
            }
            entries[fingerprint] = Entry(sentAt: now, held: 0)
            return entry.held
        }
        if entries.count >= maximum { entries = entries.filter { now - $0.value.sentAt < Self.interval } }
        guard entries.count < maximum else { return nil }
        entries[fingerprint] = Entry(sentAt: now, held: 0)
        return 0
    }
}
