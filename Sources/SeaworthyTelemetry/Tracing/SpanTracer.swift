package import Tracing

/// The tracer behind swift-distributed-tracing: decides where a trace begins whether it is recorded, and hands ended spans to a queue.
package final class SpanTracer: Tracer {
    private let sampler: TraceSampler
    private let queue: ExportQueue<FinishedSpan>
    private let ids = TraceIDGenerator()

    init(sampler: TraceSampler, queue: ExportQueue<FinishedSpan>) {
        self.sampler = sampler
        self.queue = queue
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> TraceSpan {
        var context = context()
        let parent = context.trace
        // Within this server everything is as its root: a part of a trace would tell little.
        if let parent, !parent.isRemote, !parent.isSampled { return TraceSpan(context: context, recording: nil) }
        let traceID = parent?.traceID ?? ids.traceID()
        let isSampled = parent.map { !$0.isRemote } ?? false || sampler.samples(traceID, parent: parent)
        var trace = TraceContext(
            traceID: traceID, spanID: ids.spanID(), flags: parent?.flags ?? .random, state: parent?.state ?? "")
        if isSampled { trace.flags.insert(.sampled) } else { trace.flags.remove(.sampled) }
        context.trace = trace
        guard isSampled else { return TraceSpan(context: context, recording: nil) }
        let recording = SpanRecording(
            operationName, trace, parent: parent, kind: kind, start: instant().nanosecondsSinceEpoch, queue: queue)
        return TraceSpan(context: context, recording: recording)
    }

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: TraceParent.name, from: carrier), var trace = TraceParent.parse(text) else { return }
        trace.state = extractor.extract(key: TraceState.name, from: carrier).map(TraceState.parse) ?? ""
        context.trace = trace
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.trace else { return }
        injector.inject(TraceParent.text(trace), forKey: TraceParent.name, into: &carrier)
        if !trace.state.isEmpty { injector.inject(trace.state, forKey: TraceState.name, into: &carrier) }
    }

    @available(*, deprecated)
    package func startAnySpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> any Tracing.Span {
        startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line) as TraceSpan
    }

    /// Nothing to do: the exporter hands on what waits by itself, and at its end.
    @available(*, deprecated)
    package func forceFlush() {}
}
