import Tracing

/// What OTLP has numbers for, in both of its forms. <https://opentelemetry.io/docs/specs/otlp/>
enum OTLPNumbers {
    static func kind(_ kind: SpanKind) -> UInt64 {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    static func status(_ code: SpanStatus.Code) -> UInt64 {
        switch code {
        case .ok: 1
        case .error: 2
        }
    }

    /// The trace's flags, and whether it is known that the parent is another server's.
    static func flags(_ context: TraceContext, parent: TraceContext?) -> UInt32 {
        UInt32(context.flags.rawValue) | 0x100 | (parent?.isRemote == true ? 0x200 : 0)
    }
}
