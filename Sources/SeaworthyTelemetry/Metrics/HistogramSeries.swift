import Synchronization

/// How many values of one histogram fell below which bound, and their sum: recording takes no lock.
///
/// The count is that of the buckets, so that both agree in every scrape; the sum may already have, or not have, a value that is being
/// recorded.
final class HistogramSeries: Sendable {
    /// Upper bounds, rising; a value that equals one is below it. What is above the last is counted beyond them.
    let bounds: [Double]
    /// One for each bound, and one for what is beyond. Made and freed with this object, and changed by atomic instructions alone.
    private nonisolated(unsafe) let buckets: UnsafeMutablePointer<Atomic<UInt64>>
    private let sum = AtomicDouble()
    /// The newest of each bucket. Only values of recorded traces come here.
    private let exemplars = Mutex<[Exemplar?]>([])

    init(bounds: [Double]) {
        self.bounds = bounds
        buckets = .allocate(capacity: bounds.count + 1)
        for index in 0...bounds.count { (buckets + index).initialize(to: Atomic(0)) }
    }

    deinit {
        buckets.deinitialize(count: bounds.count + 1)
        buckets.deallocate()
    }

    /// What is no finite number is passed over: it would take the sum with it for good.
    ///
    /// - Parameters:
    ///   - trace: the recorded one in which it came to be.
    ///   - time: of the value; looked at only with a trace.
    func record(_ value: Double, in trace: TraceContext? = nil, at time: @autoclosure () -> Int64 = ExemplarSource.now()) {
        guard value.isFinite else { return }
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        buckets[index].wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
        guard let trace else { return }
        let exemplar = Exemplar(traceID: trace.traceID, spanID: trace.spanID, value: value, time: time())
        exemplars.withLock { exemplars in
            if exemplars.isEmpty { exemplars = Array(repeating: nil, count: bounds.count + 1) }
            exemplars[index] = exemplar
        }
    }

    /// - Parameter boundTexts: the bounds as they are written.
    func write(_ text: inout MetricsText, _ name: String, _ labels: String, boundTexts: [String]) {
        let exemplars = exemplars.withLock { $0 }
        var count: UInt64 = 0
        for (index, bound) in (boundTexts + ["+Inf"]).enumerated() {
            count &+= buckets[index].load(ordering: .relaxed)
            text.bucket(name, labels, bound: bound, count, exemplars.isEmpty ? nil : exemplars[index])
        }
        text.sample(name + "_sum", labels, sum.load())
        text.sample(name + "_count", labels, count)
    }
}
