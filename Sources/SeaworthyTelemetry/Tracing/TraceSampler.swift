/// Which traces are recorded; decided once for each, where it begins. <https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampling>
package indirect enum TraceSampler: Sendable, Equatable {
    case alwaysOn
    case alwaysOff
    /// This share of them, 0 to 1, by the trace's name: all servers decide alike.
    case ratio(Double)
    /// As whoever sent the request decided; what begins here by another.
    case parentBased(root: TraceSampler)

    func samples(_ traceID: TraceID, parent: TraceContext?) -> Bool {
        switch self {
        case .alwaysOn: true
        case .alwaysOff: false
        case .ratio(let ratio): Self.samples(traceID, ratio)
        case .parentBased(let root): parent?.isSampled ?? root.samples(traceID, parent: nil)
        }
    }

    /// As the SDKs for Go, Java and Python have it: the last 63 bits but one of the name are below that share of all there are.
    private static func samples(_ traceID: TraceID, _ ratio: Double) -> Bool {
        guard ratio < 1 else { return true }
        return traceID.low >> 1 < UInt64(max(0, ratio) * 0x1p63)
    }
}
