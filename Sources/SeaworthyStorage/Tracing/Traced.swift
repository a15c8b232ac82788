package import Tracing

/// Spans within a trace that is recorded, and those of work that the server does by itself.
///
/// Without a trace, one look at the task is all it costs: whether a trace is recorded was decided at its root.
package enum Traced {
    /// As it is when the first trace begins: looking it up takes a lock.
    private static let tracer: any Tracer = InstrumentationSystem.tracer
    private static let isOn = !(tracer is NoOpTracer)

    /// Begins a span of the current trace, which the caller has to end; nil where none is recorded.
    package static func start(_ name: String, _ kind: SpanKind = .internal) -> (any Span)? {
        guard let context = InstrumentationContext.current else { return nil }
        let span: any Span = tracer.startSpan(name, context: context, ofKind: kind)
        return span.isRecording ? span : nil
    }

    /// Runs `body` within a trace of its own.
    package static func job<Result>(_ name: String, _ body: () async throws -> Result) async rethrows -> Result {
        guard isOn else { return try await body() }
        return try await within(tracer.startSpan(name, context: .topLevel, ofKind: .internal), body)
    }

    /// Runs `body` with `span` around what it begins, and ends it.
    ///
    /// - Parameter isFault: whether an error that ends it makes the span one that failed.
    package static func within<Result>(
        _ span: any Span, isFault: (any Error) -> Bool = { _ in true }, _ body: () async throws -> Result
    ) async rethrows -> Result {
        defer { span.end() }
        do {
            return try await InstrumentationContext.$current.withValue(span.context) { try await body() }
        } catch {
            fail(span, error, isFault: isFault(error))
            throw error
        }
    }

    /// Marks a span as failed, by the kind of error alone: what it says may be anybody's data.
    package static func fail(_ span: any Span, _ error: any Error, isFault: Bool = true) {
        let type =
            switch error {
            case let error as StorageError: "\(error.code)"
            case is CancellationError: "cancelled"
            default: String(reflecting: Swift.type(of: error))
            }
        span.updateAttributes { $0["error.type"] = type }
        // That somebody went away is no failure.
        if isFault, !(error is CancellationError) { span.setStatus(SpanStatus(code: .error)) }
    }
}
