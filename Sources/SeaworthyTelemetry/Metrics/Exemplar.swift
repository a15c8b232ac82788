import Synchronization
import Tracing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One value of a histogram, with the trace in which it came to be: from a slow bucket straight to a slow request.
struct Exemplar: Sendable, Equatable {
    let traceID: TraceID
    let spanID: SpanID
    let value: Double
    /// Milliseconds since 1970.
    let time: Int64
}

/// Whether histograms remember traces, and the one that is recorded now.
final class ExemplarSource: Sendable {
    private let isOn = Atomic(false)

    /// From the first trace on; before, nothing is looked for.
    func begin() { isOn.store(true, ordering: .relaxed) }

    /// Nil where no trace is recorded.
    var trace: TraceContext? {
        guard isOn.load(ordering: .relaxed), let trace = InstrumentationContext.current?.trace, trace.isSampled else { return nil }
        return trace
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
