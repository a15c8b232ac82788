import Metrics

/// What is measured of mails, through swift-metrics.
struct MailMetrics: Sendable {
    enum Outcome: String, CaseIterable {
        /// The server, or the folder, has it.
        case sent
        /// An attempt failed, and another follows.
        case retried
        /// Given up.
        case failed
        /// Not accepted because the queue was full, or lost at the end.
        case dropped
    }

    private let length: Gauge
    private let outcomes: [Outcome: Counter]

    init(_ factory: any MetricsFactory) {
        length = Gauge(label: "mail_queue_length", factory: factory)
        outcomes = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                ($0, Counter(label: "mail_sent_total", dimensions: [("outcome", $0.rawValue)], factory: factory))
            })
        length.record(0)
    }

    func count(_ outcome: Outcome, _ times: Int = 1) {
        if times > 0 { outcomes[outcome]?.increment(by: times) }
    }

    func recordLength(_ count: Int) {
        length.record(count)
    }
}
