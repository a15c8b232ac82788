import Synchronization
import Tracing

/// A span between its begin and its end.
final class SpanRecording: Sendable {
    private struct State {
        var name: String
        var content = SpanContent()
        var isOpen = true
    }

    private let trace: TraceContext
    private let parent: TraceContext?
    private let kind: SpanKind
    private let start: UInt64
    private let state: Mutex<State>
    private let queue: ExportQueue<FinishedSpan>

    init(
        _ name: String, _ trace: TraceContext, parent: TraceContext?, kind: SpanKind, start: UInt64, queue: ExportQueue<FinishedSpan>
    ) {
        self.trace = trace
        self.parent = parent
        self.kind = kind
        self.start = start
        self.queue = queue
        state = Mutex(State(name: SpanContent.cut(name, to: SpanContent.maximumNameBytes)))
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    var name: String {
        get { state.withLock { $0.name } }
        set {
            let name = SpanContent.cut(newValue, to: SpanContent.maximumNameBytes)
            state.withLock { if $0.isOpen { $0.name = name } }
        }
    }

    var attributes: SpanAttributes {
        get { SpanAttributes(state.withLock { $0.content.attributes }) }
        set { change { $0.set(newValue) } }
    }

    func change(_ body: (inout SpanContent) -> Void) {
        state.withLock { if $0.isOpen { body(&$0.content) } }
    }

    /// The first end counts.
    func end(at time: UInt64) {
        let ended: State? = state.withLock { state in
            guard state.isOpen else { return nil }
            defer {
                state.isOpen = false
                state.content = SpanContent()
            }
            return state
        }
        guard let ended else { return }
        // The system's clock may be set back in between.
        let span = FinishedSpan(
            context: trace, parent: parent, name: ended.name, kind: kind, start: start, end: max(start, time), content: ended.content)
        queue.offer(span, bytes: span.bytes)
    }
}
