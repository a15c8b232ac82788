import CoreMetrics
import Synchronization

/// Keeps what swift-metrics records, and writes it as Prometheus scrapes it.
///
/// A handle is made once, under a lock, and holds its number itself: recording takes no lock. The same name and labels give the same
/// number, however often they are asked for; it stays as long as this object. What would break the text (another kind or other labels under
/// a name that is there, a name that is none) is left out and counted.
package final class PrometheusMetrics: Sendable {
    /// How many lines of samples a scrape may have. What is made beyond records nowhere, and is counted.
    package static let maximumSeries = 50_000

    /// Of the whole process, which the metrics system records to since the first use of this. It may be asked for again and again; the metrics
    /// system itself may be told only once.
    package static let bootstrapped: PrometheusMetrics = {
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }()

    /// Why a handle records nowhere.
    enum Refusal: String, CaseIterable {
        /// No name of Prometheus', or one that would have samples of another's.
        case name
        /// Another kind has the name.
        case kind
        /// No labels of Prometheus', or others than the first of this name had.
        case labels
    }

    private struct State {
        var families: [String: MetricFamily] = [:]
        /// The name of every sample.
        var takenNames: Set<String> = []
        var lines = 0
    }

    private let maximum: Int
    private let state = Mutex(State())
    private let dropped = CounterSeries()
    let exemplars = ExemplarSource()
    private let refused: [Refusal: CounterSeries] = Dictionary(uniqueKeysWithValues: Refusal.allCases.map { ($0, CounterSeries()) })

    package init(maximumSeries: Int = PrometheusMetrics.maximumSeries) {
        maximum = maximumSeries
        state.withLock { state in
            for description in MetricDescription.own {
                state.takenNames.formUnion(description.kind.sampleNames(of: description.name))
            }
        }
    }

    /// The series of a name and labels; nil where it would be out of place.
    func series(_ name: String, _ labels: [(String, String)], _ kind: MetricKind) -> MetricFamily.Series? {
        let sorted = labels.sorted { $0.0 < $1.0 }
        if let refusal = Self.refusal(name, sorted) { return refuse(refusal) }
        let key = MetricsText.labels(sorted)
        let found = state.withLock { state -> Result<MetricFamily.Series, Fault> in
            if let known = state.families[name] {
                guard known.kind == kind else { return .failure(.refused(.kind)) }
                guard known.labelNames == sorted.map(\.0) else { return .failure(.refused(.labels)) }
                if let series = known.series[key] { return .success(series) }
            } else {
                guard state.takenNames.isDisjoint(with: kind.sampleNames(of: name)) else { return .failure(.refused(.name)) }
            }
            let lines = state.lines + MetricFamily.lines(name, kind)
            guard lines <= maximum else { return .failure(.dropped) }
            let series = MetricFamily.make(name, kind)
            state.families[name, default: MetricFamily(kind: kind, labelNames: sorted.map(\.0))].series[key] = series
            state.lines = lines
            state.takenNames.formUnion(kind.sampleNames(of: name))
            return .success(series)
        }
        switch found {
        case .success(let series): return series
        case .failure(.refused(let refusal)): return refuse(refusal)
        case .failure(.dropped):
            dropped.add(1 as Int64)
            return nil
        }
    }

    private enum Fault: Error {
        case refused(Refusal)
        case dropped
    }

    private func refuse(_ refusal: Refusal) -> MetricFamily.Series? {
        refused[refusal]?.add(1 as Int64)
        return nil
    }

    /// - Parameter labels: sorted by name.
    private static func refusal(_ name: String, _ labels: [(String, String)]) -> Refusal? {
        guard MetricName.isMetric(name) else { return .name }
        guard labels.count <= MetricName.maximumLabels,
            labels.allSatisfy({ MetricName.isLabel($0.0) && $0.1.utf8.count <= MetricName.maximumValueBytes }),
            zip(labels, labels.dropFirst()).allSatisfy({ $0.0 != $1.0 })
        else { return .labels }
        return nil
    }

    /// Everything there is, sorted by name, with what is known of the process at this moment. Reads files of the system: not for an event loop.
    package func render(_ format: MetricsFormat = .prometheus) -> [UInt8] {
        var families = state.withLock { $0.families }
        for (name, family) in ownFamilies() { families[name] = family }
        var text = MetricsText(format)
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            family.write(name, help: MetricDescription.help(of: name), into: &text)
        }
        text.end()
        return text.bytes
    }

    /// From now on histograms remember which recorded trace their values came from.
    package func rememberTraces() { exemplars.begin() }

    private func ownFamilies() -> [String: MetricFamily] {
        var refusals = MetricFamily(kind: .counter, labelNames: ["reason"])
        for (refusal, counter) in refused { refusals.series[MetricsText.labels([("reason", refusal.rawValue)])] = .counter(counter) }
        var families = ["metrics_rejected_handles_total": refusals]
        families["metrics_dropped_series_total"] = MetricFamily(kind: .counter, labelNames: [], series: ["": .counter(dropped)])
        for (name, value) in ProcessReading.now().metrics {
            let series: MetricFamily.Series
            if MetricDescription.kind(of: name) == .counter {
                let counter = CounterSeries()
                counter.add(value)
                series = .counter(counter)
            } else {
                let gauge = GaugeSeries()
                gauge.set(value)
                series = .gauge(gauge)
            }
            families[name] = MetricFamily(kind: MetricDescription.kind(of: name) ?? .gauge, labelNames: [], series: ["": series])
        }
        return families
    }
}
