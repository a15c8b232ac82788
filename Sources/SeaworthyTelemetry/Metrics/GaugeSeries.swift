/// The value of one gauge: setting it takes no lock. It may be any number, also infinite or none.
final class GaugeSeries: Sendable {
    private let value = AtomicDouble()

    func set(_ value: Double) { self.value.store(value) }

    func add(_ amount: Double) { value.add(amount) }

    func write(_ text: inout MetricsText, _ name: String, _ labels: String) {
        text.sample(name, labels, value.load())
    }
}
