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
    func record(_ value: Double) {
        guard value.isFinite else { return }
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        buckets[index].wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    /// - Parameter boundTexts: the bounds as they are written.
    func write(_ text: inout MetricsText, _ name: String, _ labels: String, boundTexts: [String]) {
        var count: UInt64 = 0
        for (index, bound) in boundTexts.enumerated() {
            count &+= buckets[index].load(ordering: .relaxed)
            text.bucket(name, labels, bound: bound, count)
        }
        count &+= buckets[bounds.count].load(ordering: .relaxed)
        text.bucket(name, labels, bound: "+Inf", count)
        text.sample(name + "_sum", labels, sum.load())
        text.sample(name + "_count", labels, count)
    }
}
