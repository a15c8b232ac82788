import Metrics
import Synchronization

/// How many requests each policy refused. There are no more than the schema's.
final class RejectionCounters: Sendable {
    private let factory: any MetricsFactory
    private let counters = Mutex<[String: Counter]>([:])

    init(_ factory: any MetricsFactory) {
        self.factory = factory
    }

    func count(_ policy: String) {
        let counter = counters.withLock { counters in
            if let known = counters[policy] { return known }
            let counter = Counter(label: "ratelimit_rejected_total", dimensions: [("policy", policy)], factory: factory)
            counters[policy] = counter
            return counter
        }
        counter.increment()
    }
}
