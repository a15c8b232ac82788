/// Every series of one metric: its kind and its labels' names are settled by the first.
struct MetricFamily {
    enum Series {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    let kind: MetricKind
    /// In order.
    let labelNames: [String]
    /// By their labels as they are written.
    var series: [String: Series] = [:]

    /// How many lines a scrape has of one series.
    static func lines(_ name: String, _ kind: MetricKind) -> Int {
        kind == .histogram ? HistogramBounds.of(name).count + 3 : 1
    }

    static func make(_ name: String, _ kind: MetricKind) -> Series {
        switch kind {
        case .counter: .counter(CounterSeries())
        case .gauge: .gauge(GaugeSeries())
        case .histogram: .histogram(HistogramSeries(bounds: HistogramBounds.of(name)))
        }
    }

    func write(_ name: String, help: String, into text: inout MetricsText) {
        text.head(name, kind, help: help)
        let bounds = kind == .histogram ? HistogramBounds.of(name).map(MetricsText.number) : []
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            switch series {
            case .counter(let counter): counter.write(&text, name, labels)
            case .gauge(let gauge): gauge.write(&text, name, labels)
            case .histogram(let histogram): histogram.write(&text, name, labels, boundTexts: bounds)
            }
        }
    }
}
