package import Metrics

/// How requests were answered that may be answered by what was kept.
package enum CacheOutcome: String, Sendable, CaseIterable {
    /// By what was kept.
    case hit
    /// By what was kept longer than it holds, while it is made anew.
    case stale
    /// By what was made for it, or for others that asked at the same time.
    case miss
    /// As without a cache, because the store is away.
    case bypass
}

/// Counts them.
package struct CacheMetrics: Sendable {
    private let requests: [CacheOutcome: Counter]

    /// - Parameter factory: where the handles come from; nil is the system's.
    package init(factory: (any MetricsFactory)? = nil) {
        let factory = factory ?? MetricsSystem.factory
        requests = Dictionary(
            uniqueKeysWithValues: CacheOutcome.allCases.map { outcome in
                (outcome, Counter(label: "cache_requests_total", dimensions: [("outcome", outcome.rawValue)], factory: factory))
            })
    }

    package func answered(_ outcome: CacheOutcome) { requests[outcome]?.increment() }
}
