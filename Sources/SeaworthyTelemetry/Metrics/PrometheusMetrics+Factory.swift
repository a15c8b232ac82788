package import CoreMetrics

extension PrometheusMetrics: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        guard case .counter(let series)? = series(label, dimensions, .counter) else { return NOOPMetricsHandler.instance }
        return CountingHandler(series)
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        guard case .counter(let series)? = series(label, dimensions, .counter) else { return NOOPMetricsHandler.instance }
        return CountingHandler(series)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        guard case .gauge(let series)? = series(label, dimensions, .gauge) else { return NOOPMetricsHandler.instance }
        return GaugeHandler(series)
    }

    /// - Parameter aggregate: how often which values came, or else only the last.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        switch series(label, dimensions, aggregate ? .histogram : .gauge) {
        case .gauge(let series): GaugeHandler(series)
        case .histogram(let series): HistogramHandler(series, exemplars)
        case .counter, nil: NOOPMetricsHandler.instance
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        guard case .histogram(let series)? = series(label, dimensions, .histogram) else { return NOOPMetricsHandler.instance }
        return HistogramHandler(series, exemplars)
    }

    // A series stays: others may hold a handle of the same name, and to Prometheus one that comes and goes is two.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

private final class CountingHandler: CounterHandler, FloatingPointCounterHandler {
    private let series: CounterSeries

    init(_ series: CounterSeries) { self.series = series }

    func increment(by amount: Int64) { series.add(amount) }
    func increment(by amount: Double) { series.add(amount) }
    func reset() { series.reset() }
}

private final class GaugeHandler: MeterHandler, RecorderHandler {
    private let series: GaugeSeries

    init(_ series: GaugeSeries) { self.series = series }

    func set(_ value: Int64) { series.set(Double(value)) }
    func set(_ value: Double) { series.set(value) }
    func increment(by amount: Double) { series.add(amount) }
    func decrement(by amount: Double) { series.add(-amount) }
    func record(_ value: Int64) { series.set(Double(value)) }
    func record(_ value: Double) { series.set(value) }
}

private final class HistogramHandler: TimerHandler, RecorderHandler {
    private let series: HistogramSeries
    private let exemplars: ExemplarSource

    init(_ series: HistogramSeries, _ exemplars: ExemplarSource) {
        self.series = series
        self.exemplars = exemplars
    }

    /// In seconds, as every time of Prometheus' is. A clock that was set back took no time.
    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { series.record(value, in: exemplars.trace) }
}
