import Logging
import MetricsTestKit
import NIOHTTP1
import PostgresServing
import Synchronization
import Testing
import Tracing

@testable import SeaworthyTelemetry

@Suite(.serialized, .timeLimit(.minutes(3))) struct `Traces to a receiver` {
    private struct SomeError: Error {}

    private static let resource = TraceResource(
        service: "shop", version: "1.2.3", instance: "i", environment: "test", further: ["team": "blue", "service.version": "9"])

    private func exporter(
        _ url: String, _ form: OTLPProtocol = .protobuf, headers: HTTPHeaders = [:], sampler: TraceSampler = .alwaysOn,
        attempts: Int = 1, metrics: TestMetrics = TestMetrics(), logger: Logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() },
        _ change: (inout ExportLimits) -> Void = { _ in }
    ) -> TraceExporter {
        var schedule = RetrySchedule()
        (schedule.maximumAttempts, schedule.pause) = (attempts, .milliseconds(1))
        var limits = ExportLimits()
        limits.flushTime = .seconds(60)
        change(&limits)
        return TraceExporter(
            url: url, headers: headers, form: form, sampler: sampler, resource: Self.resource, limits: limits, schedule: schedule,
            metrics: metrics, logger: logger)
    }

    private func dropped(_ loss: ExportLoss, _ metrics: TestMetrics) throws -> Int64 {
        try metrics.expectCounter("telemetry_dropped_total", [("exporter", "otlp"), ("reason", loss.rawValue)]).totalValue
    }

    /// Sends what `body` makes to a receiver that is strict.
    private func sent(
        _ form: OTLPProtocol, headers: HTTPHeaders = [:], sampler: TraceSampler = .alwaysOn, _ body: (SpanTracer) throws -> Void
    ) async throws -> [OTLPReceiver.Batch] {
        let receiver = try OTLPReceiver()
        defer { receiver.stop() }
        let metrics = TestMetrics()
        let exporter = exporter(
            receiver.endpoint() + "/v1/traces", form, headers: headers, sampler: sampler, metrics: metrics)
        try body(exporter.tracer)
        exporter.close()
        await exporter.run()
        for loss in ExportLoss.allCases { #expect(try dropped(loss, metrics) == 0, "\(loss)") }
        let batches = try receiver.batches()
        #expect(batches.compactMap(\.fault) == [])
        return batches
    }

    @Test(arguments: OTLPProtocol.allCases) func `arrive whole, in both forms`(form: OTLPProtocol) async throws {
        let batches = try await sent(form, headers: ["x-scope": "tenant"]) { tracer in
            let root = tracer.startSpan("root \"ünïcode\"\u{1}", context: .topLevel, ofKind: .server)
            root.attributes = [
                "text": .string("é\n\"\u{1F600}"), "empty": .string(""), "truth": .bool(true), "untruth": .bool(false), "small": .int32(-7),
                "large": .int64(.max), "least": .int64(.min), "zero": .int64(0), "share": .double(0.25), "naught": .double(0),
                "texts": .stringArray(["a", "", "b"]), "numbers": .int64Array([1, -1]), "none": .stringArray([]),
                "truths": .boolArray([false, true]), "shares": .doubleArray([0.5]), "other": .stringConvertible(7),
            ]
            let child = tracer.startSpan("child", context: root.context, ofKind: .client)
            child.addEvent(SpanEvent(name: "event", attributes: ["n": 3]))
            child.recordError(SomeError(), attributes: ["more": "x"])
            child.setStatus(SpanStatus(code: .error, message: "why"))
            child.addLink(SpanLink(context: root.context, attributes: [:]))
            child.end()
            let sibling = tracer.startSpan("sibling", context: root.context, ofKind: .producer)
            sibling.setStatus(SpanStatus(code: .ok))
            sibling.end()
            root.end()
        }
        #expect(batches.count == 1)
        let batch: OTLPReceiver.Batch = try #require(batches.first)
        #expect(batch.fields["x-scope"] == "tenant")
        #expect(batch.fields["content-type"] == (form == .json ? "application/json" : "application/x-protobuf"))
        #expect(batch.scope == ["seaworthy", "1.2.3"])
        let resource: [String: OTLPReceiver.Value] = [
            "service.name": .text("shop"), "service.version": .text("9"), "service.instance.id": .text("i"),
            "deployment.environment.name": .text("test"), "telemetry.sdk.name": .text("seaworthy"),
            "telemetry.sdk.language": .text("swift"), "telemetry.sdk.version": .text("1.2.3"), "team": .text("blue"),
        ]
        #expect(batch.resource == resource)
        let spans: [OTLPReceiver.Span] = try #require(batch.spans)
        #expect(spans.map(\.name) == ["child", "sibling", "root \"ünïcode\"\u{1}"])
        #expect(spans.map(\.kind) == [3, 4, 2])
        #expect(spans.map(\.status) == [2, 1, 0])
        let (child, root) = (spans[0], spans[2])
        #expect(Set(spans.map(\.trace)).count == 1)
        #expect(spans.map(\.parent) == [root.id, root.id, ""])
        let attributes: [String: OTLPReceiver.Value] = [
            "text": .text("é\n\"\u{1F600}"), "empty": .text(""), "truth": .truth(true), "untruth": .truth(false), "small": .number(-7),
            "large": .number(0x1p63), "least": .number(-0x1p63), "zero": .number(0), "share": .number(0.25), "naught": .number(0),
            "texts": .list([.text("a"), .text(""), .text("b")]), "numbers": .list([.number(1), .number(-1)]), "none": .list([]),
            "truths": .list([.truth(false), .truth(true)]), "shares": .list([.number(0.5)]), "other": .text("7"),
        ]
        #expect(root.attributes == attributes)
        #expect(child.events.map(\.name) == ["event", "exception"])
        #expect(child.events[0].attributes == ["n": .number(3)])
        #expect(child.events[1].attributes["more"] == .text("x"))
        guard case .text(let type)? = child.events[1].attributes["exception.type"] else {
            Issue.record("no type")
            return
        }
        #expect(type.hasSuffix("SomeError"))
        #expect(child.links.map(\.trace) == [root.trace] && child.links.map(\.id) == [root.id])
        #expect(root.start <= child.start && child.end <= root.end)
    }

    @Test(arguments: OTLPProtocol.allCases) func `are cut at their bounds, and say so`(form: OTLPProtocol) async throws {
        let spans = try await sent(form) { tracer in
            let span = tracer.startSpan(String(repeating: "n", count: 300), context: .topLevel)
            var attributes: SpanAttributes = [:]
            for number in 0..<130 { attributes["k\(number)"] = number }
            span.attributes = attributes
            for number in 0..<130 { span.addEvent(SpanEvent(name: "e\(number)")) }
            for _ in 0..<34 { span.addLink(SpanLink(context: span.context, attributes: [:])) }
            span.addLink(SpanLink(context: .topLevel, attributes: [:]))
            span.end()
            let long = tracer.startSpan("long", context: .topLevel)
            long.attributes = ["long": .string(String(repeating: "x", count: 4095) + "é")]
            long.end()
        }.flatMap { $0.spans ?? [] }
        #expect(spans[0].name.utf8.count == 256)
        #expect(spans[0].attributes.count == 128)
        #expect(spans[0].events.count == 128)
        #expect(spans[0].links.count == 32)
        #expect(spans[0].dropped == [2, 2, 2])
        #expect(spans[1].text("long") == String(repeating: "x", count: 4095))
    }

    @Test func `of another server's go on there`() async throws {
        struct Fields: Extractor, Injector {
            func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
            func inject(_ value: String, forKey name: String, into carrier: inout [String: String]) { carrier[name] = value }
        }
        var outgoing: [String: String] = [:]
        let spans = try await sent(.protobuf, sampler: .parentBased(root: .alwaysOff)) { tracer in
            var context = InstrumentationContext.topLevel
            tracer.extract(
                ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=1, b=2"], into: &context,
                using: Fields())
            let root = tracer.startSpan("root", context: context, ofKind: .server)
            let child = tracer.startSpan("child", context: root.context)
            tracer.inject(child.context, into: &outgoing, using: Fields())
            child.end()
            root.end()
            // Neither recorded nor sent, and handed on all the same.
            let other = tracer.startSpan("other", context: .topLevel)
            let within = tracer.startSpan("within", context: other.context)
            #expect(!other.isRecording && !within.isRecording)
            #expect(within.context.trace == other.context.trace)
            var carrier: [String: String] = [:]
            tracer.inject(within.context, into: &carrier, using: Fields())
            #expect(carrier["traceparent"]?.hasSuffix("-02") == true)
            #expect(carrier["tracestate"] == nil)
            other.attributes = ["a": 1]
            #expect(other.attributes.isEmpty && other.operationName == "")
            within.end()
            other.end()
            carrier = [:]
            tracer.inject(.topLevel, into: &carrier, using: Fields())
            #expect(carrier.isEmpty)
        }.flatMap { $0.spans ?? [] }
        #expect(spans.map(\.name) == ["child", "root"])
        #expect(spans.map(\.isRemote) == [false, true])
        #expect(spans.allSatisfy { $0.trace == "4bf92f3577b34da6a3ce929d0e0e4736" && $0.state == "a=1,b=2" })
        #expect(spans[1].parent == "00f067aa0ba902b7")
        #expect(outgoing == ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-\(spans[0].id)-01", "tracestate": "a=1,b=2"])
    }

    @Test func `a span ends once, and takes nothing in afterwards`() async throws {
        let spans = try await sent(.protobuf) { tracer in
            let span = tracer.startSpan("before", context: .topLevel)
            #expect(span.isRecording)
            span.end()
            #expect(!span.isRecording)
            span.operationName = "after"
            span.attributes = ["a": 1]
            span.end()
        }.flatMap { $0.spans ?? [] }
        #expect(spans.map(\.name) == ["before"])
        #expect(spans[0].attributes.isEmpty)
    }

    @Test func `a receiver that has a fault, or is away, costs the traces and one line of the log`() async throws {
        let receiver = try OTLPReceiver()
        defer { receiver.stop() }
        let lines = Mutex<[String]>([])
        struct Handler: LogHandler {
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace
            let write: @Sendable (String) -> Void
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) { write("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
        let logger = Logger(label: "t") { _ in Handler { line in lines.withLock { $0.append(line) } } }
        let metrics = TestMetrics()
        let exporter = exporter(
            receiver.endpoint("refusing") + "/v1/traces", headers: ["x-key": "hidden"], attempts: 2, metrics: metrics,  // not-a-secret
            logger: logger
        ) { $0.batchItems = 2 }
        for _ in 0..<6 { exporter.tracer.startSpan("s", context: .topLevel).end() }
        exporter.close()
        await exporter.run()
        #expect(try dropped(.unreachable, metrics) == 6)
        #expect(lines.withLock { $0 } == [#"warning traces are not taken, and dropped ["reason": it answers with status 503]"#])
    }

    @Test func `what a receiver refuses is counted as that`() async throws {
        let receiver = try OTLPReceiver()
        defer { receiver.stop() }
        let metrics = TestMetrics()
        let exporter = exporter(receiver.endpoint() + "/elsewhere", metrics: metrics)
        exporter.tracer.startSpan("s", context: .topLevel).end()
        exporter.close()
        await exporter.run()
        #expect(try dropped(.refused, metrics) == 1)
        #expect(try receiver.batches().map(\.fault) == ["Fault: the path /elsewhere"])
    }

    @Test(arguments: [
        (OTLPProtocol.json, #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"x"}}"#, 2),
        (.json, #"{"partialSuccess":{"rejectedSpans":1}}"#, 1),
        (.json, "{}", 0), (.json, "nonsense", 0), (.json, #"{"partialSuccess":{"rejectedSpans":"-4"}}"#, 0),
        (.protobuf, "\u{0A}\u{02}\u{08}\u{03}", 3), (.protobuf, "\u{0A}\u{05}\u{12}\u{01}x\u{08}\u{01}", 1), (.protobuf, "", 0),
        (.protobuf, "\u{0A}\u{02}\u{08}", 0), (.protobuf, "\u{0A}\u{00}", 0), (.protobuf, "\u{0F}", 0),
    ]) func `a receiver may say that it refused some`(form: OTLPProtocol, body: String, count: Int) {
        #expect(OTLPAnswer.rejectedSpans(Array(body.utf8), form) == count)
    }

    @Test func `a receiver that hangs costs what is beyond the bound, and no time of anybody's`() async throws {
        let receiver = try OTLPReceiver()
        defer { receiver.stop() }
        let metrics = TestMetrics()
        let exporter = exporter(receiver.endpoint("hanging") + "/v1/traces", metrics: metrics) {
            ($0.maximumItems, $0.batchItems, $0.flushTime) = (10, 5, .milliseconds(100))
        }
        async let running: Void = exporter.run()
        for _ in 0..<30 { exporter.tracer.startSpan("s", context: .topLevel).end() }
        #expect(try dropped(.queueFull, metrics) == 20)
        exporter.close()
        await running
        #expect(try dropped(.shutdown, metrics) == 10)
    }

    @Test func `lines of the log name trace and span`() throws {
        #expect(TraceMetadata.provider.get().isEmpty)
        let tracer = exporter("http://127.0.0.1:1").tracer
        let span = tracer.startSpan("s", context: .topLevel)
        let trace = try #require(span.context.trace)
        InstrumentationContext.$current.withValue(span.context) {
            #expect(TraceMetadata.provider.get() == ["traceId": "\(trace.traceID.text)", "spanId": "\(trace.spanID.text)"])
        }
    }
}
