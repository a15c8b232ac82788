package import Tracing

/// Where in a trace something happens: what a span hands on to those within it, and to other servers.
package struct TraceContext: Sendable, Hashable {
    package var traceID: TraceID
    package var spanID: SpanID
    package var flags: TraceFlags
    /// What other tracing systems say, handed on as it came; empty without.
    var state = ""
    /// Whether another server said so.
    var isRemote = false

    /// Whether spans of the trace are recorded here.
    package var isSampled: Bool { flags.contains(.sampled) }
}

/// The bits of `traceparent`. <https://www.w3.org/TR/trace-context-2/#trace-flags>
package struct TraceFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Whoever hands it on may have recorded it.
    package static let sampled = TraceFlags(rawValue: 1)
    /// The last 56 bits of the trace's name are by chance.
    static let random = TraceFlags(rawValue: 2)
    static let known: TraceFlags = [.sampled, .random]
}

private enum TraceContextKey: InstrumentationContextKey {
    typealias Value = TraceContext
    static let nameOverride: String? = "trace"
}

extension InstrumentationContext {
    /// Nil outside of a trace.
    package var trace: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }
}
