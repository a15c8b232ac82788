import Synchronization

/// The value of one counter: adding to it takes no lock.
///
/// Whole numbers and fractions are kept apart, so that a count stays exact beyond 2^53, and the usual one is a single instruction.
final class CounterSeries: Sendable {
    private let whole = Atomic<UInt64>(0)
    private let fraction = AtomicDouble()

    /// A counter never falls: what is negative is passed over.
    func add(_ amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    /// What is negative or no finite number is passed over.
    func add(_ amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.add(amount)
    }

    /// Begins again at zero, which Prometheus takes for a restart.
    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.store(0)
    }

    func write(_ text: inout MetricsText, _ name: String, _ labels: String) {
        let (whole, fraction) = (whole.load(ordering: .relaxed), fraction.load())
        if fraction == 0 {
            text.sample(name, labels, whole)
        } else {
            text.sample(name, labels, Double(whole) + fraction)
        }
    }
}
