import CoreMetrics
import PostgresServing
import Testing

@testable import SeaworthyTelemetry

@Suite struct `Metrics for Prometheus` {
    private let metrics = PrometheusMetrics()

    private func lines(_ metrics: PrometheusMetrics? = nil) -> [String] {
        String(decoding: (metrics ?? self.metrics).render(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The lines of one metric, without its help.
    private func samples(_ name: String, of metrics: PrometheusMetrics? = nil) -> [String] {
        lines(metrics).filter { line in line.hasPrefix("# TYPE \(name) ") || line.hasPrefix("\(name)") }
    }

    private func rejected(_ reason: String) -> String {
        lines().first { $0.hasPrefix("metrics_rejected_handles_total{reason=\"\(reason)\"}") }?.split(separator: " ").last.map(String.init)
            ?? ""
    }

    @Test func `counters add up, and never fall`() {
        let counter = metrics.makeCounter(label: "a_total", dimensions: [])
        counter.increment(by: 2 as Int64)
        counter.increment(by: -5 as Int64)
        counter.increment(by: 9_007_199_254_740_993 as Int64)
        #expect(samples("a_total") == ["# TYPE a_total counter", "a_total 9007199254740995"])
        let fractions = metrics.makeFloatingPointCounter(label: "a_total", dimensions: [])
        for amount in [0.5, -1, .nan, .infinity, 0] { fractions.increment(by: amount) }
        let other = metrics.makeFloatingPointCounter(label: "b_total", dimensions: [])
        for amount in [0.5, -1, .nan, .infinity, 0] { other.increment(by: amount) }
        #expect(samples("b_total").last == "b_total 0.5")
        counter.reset()
        #expect(samples("a_total").last == "a_total 0")
        fractions.increment(by: 0.25)
        counter.increment(by: 1 as Int64)
        #expect(samples("a_total").last == "a_total 1.25")
        fractions.reset()
        #expect(samples("a_total").last == "a_total 0")
    }

    @Test func `gauges are what they were last set to`() {
        let recorder = metrics.makeRecorder(label: "g", dimensions: [], aggregate: false)
        recorder.record(7 as Int64)
        recorder.record(-2.5)
        #expect(samples("g") == ["# TYPE g gauge", "g -2.5"])
        let meter = metrics.makeMeter(label: "g", dimensions: [])
        meter.increment(by: 4)
        meter.decrement(by: 1)
        #expect(samples("g").last == "g 0.5")
        for (value, text) in [(Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"), (3, "3")] {
            meter.set(value)
            #expect(samples("g").last == "g \(text)")
        }
        meter.set(12 as Int64)
        #expect(samples("g").last == "g 12")
    }

    @Test func `times are histograms in seconds`() {
        let timer = metrics.makeTimer(label: "t_seconds", dimensions: [("pool", "a")])
        for nanoseconds: Int64 in [50_000, 50_001, 5_000_000, 5_000_001, 10_000_000_000, 11_000_000_000, -7_000_000_000] {
            timer.recordNanoseconds(nanoseconds)
        }
        let found = samples("t_seconds")
        #expect(found.first == "# TYPE t_seconds histogram" && found.count == 1 + HistogramBounds.seconds.count + 3)
        for line in [
            #"t_seconds_bucket{pool="a",le="5e-05"} 2"#, #"t_seconds_bucket{pool="a",le="0.0001"} 3"#,
            #"t_seconds_bucket{pool="a",le="0.0025"} 3"#, #"t_seconds_bucket{pool="a",le="0.005"} 4"#,
            #"t_seconds_bucket{pool="a",le="0.01"} 5"#, #"t_seconds_bucket{pool="a",le="7.5"} 5"#,
            #"t_seconds_bucket{pool="a",le="10"} 6"#, #"t_seconds_bucket{pool="a",le="+Inf"} 7"#, #"t_seconds_count{pool="a"} 7"#,
        ] { #expect(found.contains(line), "\(line) is not in \(found)") }
        #expect(found.contains { $0.hasPrefix(#"t_seconds_sum{pool="a"} 21.010"#) })
    }

    @Test func `recorders that aggregate are histograms of their unit`() {
        let bytes = metrics.makeRecorder(label: "size_bytes", dimensions: [], aggregate: true)
        bytes.record(256 as Int64)
        bytes.record(257.0)
        for value in [Double.nan, .infinity, -.infinity] { bytes.record(value) }
        let found = samples("size_bytes")
        #expect(found[1] == #"size_bytes_bucket{le="256"} 1"# && found[2] == #"size_bytes_bucket{le="1024"} 2"#)
        #expect(
            found.suffix(4) == [
                #"size_bytes_bucket{le="1073741824"} 2"#, #"size_bytes_bucket{le="+Inf"} 2"#, "size_bytes_sum 513", "size_bytes_count 2",
            ])
        metrics.makeRecorder(label: "rows", dimensions: [], aggregate: true).record(30 as Int64)
        #expect(samples("rows").contains(#"rows_bucket{le="25"} 0"#) && samples("rows").contains(#"rows_bucket{le="50"} 1"#))
    }

    @Test func `the same name and labels are the same number, in whatever order`() {
        metrics.makeCounter(label: "c_total", dimensions: [("b", "2"), ("a", "1")]).increment(by: 1 as Int64)
        let again = metrics.makeCounter(label: "c_total", dimensions: [("a", "1"), ("b", "2")])
        again.increment(by: 2 as Int64)
        metrics.destroyCounter(again)
        metrics.makeCounter(label: "c_total", dimensions: [("a", "0"), ("b", "2")]).increment(by: 9 as Int64)
        #expect(samples("c_total") == ["# TYPE c_total counter", #"c_total{a="0",b="2"} 9"#, #"c_total{a="1",b="2"} 3"#])
    }

    @Test func `values of labels may be any text`() {
        metrics.makeCounter(label: "c_total", dimensions: [("a", "q\"b\\s\nn é")]).increment(by: 1 as Int64)
        #expect(samples("c_total").last == #"c_total{a="q\"b\\s\nn é"} 1"#)
    }

    @Test func `help is one line`() {
        var text = MetricsText(.prometheus)
        text.head("a", .gauge, help: "a \\ \"b\"\nc")
        #expect(String(decoding: text.bytes, as: UTF8.self) == "# HELP a a \\\\ \"b\"\\nc\n# TYPE a gauge\n")
    }

    @Test(arguments: ["", "1a", "a-b", "http.requests", "é", String(repeating: "a", count: 201)])
    func `what is no name is left out`(_ name: String) {
        metrics.makeCounter(label: name, dimensions: []).increment(by: 1 as Int64)
        #expect(!lines().contains { !$0.hasPrefix("#") && !$0.hasPrefix("metrics_") && !$0.hasPrefix("process_") })
        #expect(rejected("name") == "1")
    }

    @Test func `what is a name is not`() {
        for name in ["a", "_a:9Z", String(repeating: "a", count: 200)] { _ = metrics.makeMeter(label: name, dimensions: []) }
        #expect(rejected("name") == "0" && samples("_a:9Z").last == "_a:9Z 0")
    }

    @Test(
        arguments: [
            [("1a", "")], [("", "")], [("a:b", "")], [("__a", "")], [("le", "1")], [("quantile", "1")], [("a", "1"), ("a", "2")],
            [("a", String(repeating: "x", count: 1025))],
            [(String(repeating: "x", count: 201), "")], [("é", "")], (0..<17).map { ("l\($0)", "") },
        ] as [[(String, String)]])
    func `what are no labels is left out`(_ labels: [(String, String)]) {
        metrics.makeTimer(label: "t_seconds", dimensions: labels).recordNanoseconds(1)
        #expect(samples("t_seconds").isEmpty && rejected("labels") == "1")
    }

    @Test func `labels up to their bounds are kept`() {
        _ = metrics.makeMeter(label: "g", dimensions: (0..<16).map { ("l\($0)", String(repeating: "x", count: 1024)) })
        #expect(samples("g").count == 2 && rejected("labels") == "0")
    }

    @Test func `the first of a name says what it is`() {
        metrics.makeCounter(label: "x", dimensions: [("a", "1")]).increment(by: 1 as Int64)
        metrics.makeMeter(label: "x", dimensions: [("a", "1")]).set(5.0)
        metrics.makeRecorder(label: "x", dimensions: [("a", "1")], aggregate: true).record(5.0)
        metrics.makeTimer(label: "x", dimensions: [("a", "1")]).recordNanoseconds(5)
        #expect(rejected("kind") == "3")
        metrics.makeCounter(label: "x", dimensions: []).increment(by: 5 as Int64)
        metrics.makeCounter(label: "x", dimensions: [("b", "1")]).increment(by: 5 as Int64)
        metrics.makeFloatingPointCounter(label: "x", dimensions: [("a", "1"), ("b", "1")]).increment(by: 5.0)
        #expect(rejected("labels") == "3")
        #expect(samples("x") == ["# TYPE x counter", #"x{a="1"} 1"#])
        _ = metrics.makeMeter(label: "g", dimensions: [])
        _ = metrics.makeFloatingPointCounter(label: "g", dimensions: [])
        #expect(rejected("kind") == "4")
    }

    @Test func `no sample has the name of another's`() {
        _ = metrics.makeMeter(label: "h_count", dimensions: [])
        _ = metrics.makeTimer(label: "h", dimensions: [])
        #expect(rejected("name") == "1" && samples("h_count").count == 2 && !lines().contains { $0.hasPrefix("h_bucket") })
        _ = metrics.makeTimer(label: "k", dimensions: [])
        for name in ["k_sum", "k_bucket", "k_count", "process_open_fds", "metrics_dropped_series_total"] {
            _ = metrics.makeCounter(label: name, dimensions: [])
        }
        #expect(rejected("name") == "6")
    }

    @Test func `there is a bound on what a scrape has`() {
        let small = PrometheusMetrics(maximumSeries: 25)
        _ = small.makeTimer(label: "t_seconds", dimensions: [("a", "1")])
        small.makeTimer(label: "t_seconds", dimensions: [("a", "2")]).recordNanoseconds(1)
        for name in ["a", "b", "c"] { small.makeMeter(label: name, dimensions: []).set(1.0) }
        // 23 lines of the first histogram leave room for two.
        #expect(samples("a", of: small).count == 2 && samples("b", of: small).count == 2 && samples("c", of: small).isEmpty)
        #expect(lines(small).contains("metrics_dropped_series_total 2"))
        #expect(lines(small).filter { $0.hasPrefix("t_seconds") }.count == 23)
        // What is there goes on.
        small.makeMeter(label: "a", dimensions: []).set(2.0)
        #expect(samples("a", of: small).last == "a 2" && lines(small).contains("metrics_dropped_series_total 2"))
        #expect(PrometheusMetrics.maximumSeries == 50_000)
    }

    @Test func `nothing is lost when many record at once`() async {
        let (metrics, tasks, each) = (metrics, 8, 20_000)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    let counter = metrics.makeCounter(label: "c_total", dimensions: [("a", "1")])
                    let fraction = metrics.makeFloatingPointCounter(label: "f_total", dimensions: [])
                    let meter = metrics.makeMeter(label: "sum_of_all", dimensions: [])
                    let timer = metrics.makeTimer(label: "t_seconds", dimensions: [])
                    for _ in 0..<each {
                        counter.increment(by: 1 as Int64)
                        fraction.increment(by: 0.5)
                        meter.increment(by: task.isMultiple(of: 2) ? 3 : -3)
                        timer.recordNanoseconds(500_000_000)
                    }
                }
            }
        }
        let count = tasks * each
        #expect(samples("c_total").last == #"c_total{a="1"} \#(count)"#)
        #expect(samples("f_total").last == "f_total \(count / 2)")
        #expect(samples("sum_of_all").last == "sum_of_all 0")
        #expect(samples("t_seconds").suffix(2) == ["t_seconds_sum \(count / 2)", "t_seconds_count \(count)"])
    }

    @Test func `every metric has its help and type before its samples, sorted`() throws {
        _ = metrics.makeMeter(label: "z", dimensions: [])
        _ = metrics.makeMeter(label: "mail_queue_length", dimensions: [])
        let text = lines()
        #expect(text.contains("# HELP z Not described."))
        let place = try #require(text.firstIndex(of: "# HELP mail_queue_length Mails that wait to be handed on."))
        #expect(text[(place + 1)...(place + 2)] == ["# TYPE mail_queue_length gauge", "mail_queue_length 0"])
        let names = text.filter { $0.hasPrefix("# HELP ") }.map { $0.split(separator: " ")[2] }
        #expect(names == names.sorted() && Set(names).count == names.count)
        #expect(MetricsFormat.prometheus.contentType == "text/plain; version=0.0.4; charset=utf-8")
    }

    @Test func `it is the metrics system's own however often it is asked for`() {
        // The system of this process is left alone by all other tests.
        #expect(PrometheusMetrics.bootstrapped === PrometheusMetrics.bootstrapped)
        Counter(label: "bootstrapped_total").increment()
        #expect(samples("bootstrapped_total", of: .bootstrapped).last == "bootstrapped_total 1")
    }

    /// Every metric that is described, as it is made; by Prometheus' own judge.
    @Test func `promtool finds nothing to complain of`() async throws {
        for description in MetricDescription.all where !MetricDescription.own.contains(where: { $0.name == description.name }) {
            let labels = description.labels.map { ($0, "a \"b\"\\\n") }
            switch description.kind {
            case .counter: metrics.makeCounter(label: description.name, dimensions: labels).increment(by: 3 as Int64)
            case .gauge: metrics.makeMeter(label: description.name, dimensions: labels).set(0.1)
            case .histogram: metrics.makeTimer(label: description.name, dimensions: labels).recordNanoseconds(1_234_567)
            }
        }
        let text = metrics.render()
        #expect(rejected("name") == "0" && rejected("kind") == "0" && rejected("labels") == "0")
        #expect(try await Promtool.complaints(of: String(decoding: text, as: UTF8.self)) == "")
        #expect(try await Promtool.complaints(of: "# TYPE a counter\na 1\n") != "")
    }

    @Test func `the table has each metric once`() {
        let names = MetricDescription.all.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        #expect(MetricDescription.all.allSatisfy { !$0.help.contains("|") && !$0.help.contains("\n") && $0.help.hasSuffix(".") })
        #expect(
            MetricDescription.table().contains(
                "| `mail_sent_total` | counter | mails | `outcome` | What became of mails, and of attempts to send them. |\n"))
    }
}
