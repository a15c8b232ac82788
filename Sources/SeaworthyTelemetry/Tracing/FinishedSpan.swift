import Tracing

/// A span that has ended, as it is exported.
struct FinishedSpan: Sendable {
    var context: TraceContext
    var parent: TraceContext?
    var name: String
    var kind: SpanKind
    /// Nanoseconds since 1970.
    var start: UInt64
    var end: UInt64
    var content: SpanContent

    /// About what it takes in memory.
    var bytes: Int {
        let attributes = content.attributes.count * 96
        return 320 + name.utf8.count + context.state.utf8.count + attributes + content.valueBytes
            + content.events.count * 192 + content.links.count * 192
    }
}
