import Tracing

/// Spans as `ExportTraceServiceRequest` in Protocol Buffers.
/// <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto>
enum OTLPProtobuf {
    static func encode(_ spans: [FinishedSpan], _ resource: TraceResource) -> [UInt8] {
        var request = ProtobufWriter()
        request.write(1) { resourceSpans in
            resourceSpans.write(1) { message in
                for (name, value) in resource.attributes { attribute(1, name, .string(value), into: &message) }
            }
            resourceSpans.write(2) { scopeSpans in
                scopeSpans.write(1) { scope in
                    scope.write(1, text: "seaworthy")
                    scope.write(2, text: resource.version)
                }
                for span in spans { scopeSpans.write(2) { write(span, into: &$0) } }
            }
        }
        return request.bytes
    }

    private static func write(_ span: FinishedSpan, into message: inout ProtobufWriter) {
        let (context, content) = (span.context, span.content)
        message.write(1, words: context.traceID.high, context.traceID.low)
        message.write(2, words: context.spanID.bits)
        message.write(3, text: context.state)
        if let parent = span.parent { message.write(4, words: parent.spanID.bits) }
        message.write(5, text: span.name)
        message.write(6, varint: OTLPNumbers.kind(span.kind))
        message.write(7, fixed64: span.start)
        message.write(8, fixed64: span.end)
        for (name, value) in content.attributes { attribute(9, name, value, into: &message) }
        message.write(10, varint: UInt64(content.droppedAttributes))
        for event in content.events {
            message.write(11) { inner in
                inner.write(1, fixed64: event.time)
                inner.write(2, text: event.name)
                for (name, value) in event.attributes { attribute(3, name, value, into: &inner) }
            }
        }
        message.write(12, varint: UInt64(content.droppedEvents))
        for link in content.links {
            message.write(13) { inner in
                inner.write(1, words: link.traceID.high, link.traceID.low)
                inner.write(2, words: link.spanID.bits)
                inner.write(3, text: link.state)
                inner.write(6, fixed32: OTLPNumbers.flags(link, parent: link))
            }
        }
        message.write(14, varint: UInt64(content.droppedLinks))
        if let status = content.status {
            message.write(15) { inner in
                inner.write(2, text: status.message ?? "")
                inner.write(3, varint: OTLPNumbers.status(status.code))
            }
        }
        message.write(16, fixed32: OTLPNumbers.flags(context, parent: span.parent))
    }

    private static func attribute(_ field: UInt64, _ name: String, _ value: SpanAttribute, into message: inout ProtobufWriter) {
        message.write(field) { pair in
            pair.write(1, text: name)
            pair.write(2) { write(value, into: &$0) }
        }
    }

    private static func write(_ value: SpanAttribute, into message: inout ProtobufWriter) {
        switch value {
        case .string(let text): message.write(1, text: text, isOneOf: true)
        case .bool(let truth): message.write(2, varint: truth ? 1 : 0, isOneOf: true)
        case .int32(let number): message.write(3, varint: UInt64(bitPattern: Int64(number)), isOneOf: true)
        case .int64(let number): message.write(3, varint: UInt64(bitPattern: number), isOneOf: true)
        case .double(let number): message.write(4, fixed64: number.bitPattern, isOneOf: true)
        default:
            message.write(5) { array in for element in SpanValues.elements(of: value) { array.write(1) { write(element, into: &$0) } } }
        }
    }
}
