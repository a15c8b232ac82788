package import Tracing

/// A span of ``SpanTracer``: one that is recorded, or one that only hands its trace on and costs nothing more.
package struct TraceSpan: Tracing.Span {
    package let context: InstrumentationContext
    let recording: SpanRecording?

    package var isRecording: Bool { recording?.isOpen ?? false }

    package var operationName: String {
        get { recording?.name ?? "" }
        nonmutating set { recording?.name = newValue }
    }

    package var attributes: SpanAttributes {
        get { recording?.attributes ?? [:] }
        nonmutating set { recording?.attributes = newValue }
    }

    package func setStatus(_ status: SpanStatus) {
        recording?.change { $0.status = status }
    }

    package func addEvent(_ event: SpanEvent) {
        recording?.change { $0.add(event: event) }
    }

    /// Keeps the error's type alone: what it says may be anybody's data.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard let recording else { return }
        var attributes = attributes
        attributes["exception.type"] = String(reflecting: type(of: error))
        let event = SpanEvent(name: "exception", at: instant(), attributes: attributes)
        recording.change { $0.add(event: event) }
    }

    package func addLink(_ link: SpanLink) {
        guard let trace = link.context.trace else { return }
        recording?.change { $0.add(link: trace) }
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        recording?.end(at: instant().nanosecondsSinceEpoch)
    }
}
