package import Logging
import Tracing

/// What names a trace in lines of the log.
package enum TraceMetadata {
    package static let traceKey = "traceId"
    package static let spanKey = "spanId"

    /// Adds trace and span to every line that is written within one.
    package static let provider = Logger.MetadataProvider {
        guard let trace = InstrumentationContext.current?.trace else { return [:] }
        return [traceKey: "\(trace.traceID.text)", spanKey: "\(trace.spanID.text)"]
    }
}
