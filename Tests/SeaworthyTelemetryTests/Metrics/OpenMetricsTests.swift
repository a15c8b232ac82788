import CoreMetrics
import Testing
import Tracing

@testable import SeaworthyTelemetry

@Suite struct `Metrics as OpenMetrics` {
    private let trace: TraceContext
    private let metrics = PrometheusMetrics()

    init() throws {
        trace = TraceContext(
            traceID: try #require(TraceID(high: 0xAB, low: 0xCD)), spanID: try #require(SpanID(bits: 0xEF)), flags: .sampled)
    }

    private func lines(_ format: MetricsFormat, beginningWith start: String = "") -> [String] {
        String(decoding: metrics.render(format), as: UTF8.self).split(separator: "\n").map(String.init).filter { $0.hasPrefix(start) }
    }

    private func recording(_ trace: TraceContext?, _ seconds: Double) {
        var context = InstrumentationContext.topLevel
        context.trace = trace
        InstrumentationContext.$current.withValue(context) {
            metrics.makeTimer(label: "a_seconds", dimensions: [("b", "c")]).recordNanoseconds(Int64(seconds * 1_000_000_000))
        }
    }

    @Test func `a counter is named without what its samples end in, and the text has an end`() {
        metrics.makeCounter(label: "a_total", dimensions: [("b", "c")]).increment(by: 2 as Int64)
        metrics.makeMeter(label: "g_total", dimensions: []).set(1 as Int64)
        #expect(lines(.openMetrics, beginningWith: "# TYPE a") == ["# TYPE a counter"])
        #expect(lines(.openMetrics, beginningWith: "# HELP a ") == ["# HELP a Not described."])
        #expect(lines(.openMetrics, beginningWith: "a_") == [#"a_total{b="c"} 2"#])
        #expect(lines(.openMetrics, beginningWith: "# TYPE g") == ["# TYPE g_total gauge"])
        #expect(lines(.openMetrics).last == "# EOF" && lines(.prometheus, beginningWith: "# EOF") == [])
        #expect(lines(.prometheus, beginningWith: "# TYPE a") == ["# TYPE a_total counter"])
        #expect(MetricsFormat.openMetrics.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }

    @Test func `a bucket has the newest trace that fell into it, and only there`() {
        metrics.rememberTraces()
        recording(nil, 0.02)
        recording(trace, 0.5)
        var other = trace
        other.flags = []
        // Not recorded anywhere, so it would lead nowhere.
        recording(other, 2)
        recording(trace, 100)
        let buckets = lines(.openMetrics, beginningWith: "a_seconds_bucket").filter { $0.contains(" # ") }
        #expect(buckets.count == 2)
        let told = #"# {trace_id="00000000000000ab00000000000000cd",span_id="00000000000000ef"}"#
        #expect(buckets.first?.hasPrefix(#"a_seconds_bucket{b="c",le="0.5"} 2 \#(told) 0.5 "#) == true)
        #expect(buckets.last?.hasPrefix(#"a_seconds_bucket{b="c",le="+Inf"} 4 \#(told) 100 "#) == true)
        #expect(lines(.prometheus).filter { $0.contains("trace_id") } == [])
        #expect(lines(.prometheus, beginningWith: "a_seconds_count") == [#"a_seconds_count{b="c"} 4"#])
    }

    @Test func `the time of a value is written in seconds with three digits`() {
        let series = HistogramSeries(bounds: [1])
        series.record(0.25, in: trace, at: 1_764_400_000_007)
        series.record(0.5, in: nil, at: 9)
        var text = MetricsText(.openMetrics)
        series.write(&text, "x", "", boundTexts: ["1"])
        #expect(String(decoding: text.bytes, as: UTF8.self).contains("} 0.25 1764400000.007\n"))
    }

    @Test func `before the first trace nothing is looked for`() {
        recording(trace, 0.5)
        #expect(lines(.openMetrics).filter { $0.contains("trace_id") } == [])
    }
}
