import Tracing

/// Spans as `ExportTraceServiceRequest` in JSON: names of traces and spans in hexadecimal digits, numbers of 64 bits as texts.
/// <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>
enum OTLPJSON {
    static func encode(_ spans: [FinishedSpan], _ resource: TraceResource) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 * (spans.count + 1))
        bytes += #"{"resourceSpans":[{"resource":{"attributes":"#.utf8
        list(resource.attributes, into: &bytes) { pair($0.name, .string($0.value), into: &$1) }
        bytes += #"},"scopeSpans":[{"scope":{"name":"seaworthy","version":"#.utf8
        LogText.appendQuoted(resource.version, to: &bytes)
        bytes += #"},"spans":"#.utf8
        list(spans, into: &bytes, write)
        bytes += "}]}]}".utf8
        return bytes
    }

    private static func list<Elements: Sequence>(
        _ elements: Elements, into bytes: inout [UInt8], _ write: (Elements.Element, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(element, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private static func write(_ span: FinishedSpan, into bytes: inout [UInt8]) {
        let content = span.content
        bytes += #"{"traceId":"\#(span.context.traceID.text)","spanId":"\#(span.context.spanID.text)""#.utf8
        if let parent = span.parent { bytes += #","parentSpanId":"\#(parent.spanID.text)""#.utf8 }
        if !span.context.state.isEmpty {
            bytes += #","traceState":"#.utf8
            LogText.appendQuoted(span.context.state, to: &bytes)
        }
        bytes += #","flags":\#(OTLPNumbers.flags(span.context, parent: span.parent)),"name":"#.utf8
        LogText.appendQuoted(span.name, to: &bytes)
        bytes += #","kind":\#(OTLPNumbers.kind(span.kind)),"#.utf8
        bytes += #""startTimeUnixNano":"\#(span.start)","endTimeUnixNano":"\#(span.end)","attributes":"#.utf8
        list(content.attributes, into: &bytes) { pair($0.key, $0.value, into: &$1) }
        count("droppedAttributesCount", content.droppedAttributes, into: &bytes)
        if !content.events.isEmpty {
            bytes += #","events":"#.utf8
            list(content.events, into: &bytes) { event, bytes in
                bytes += #"{"timeUnixNano":"\#(event.time)","name":"#.utf8
                LogText.appendQuoted(event.name, to: &bytes)
                bytes += #","attributes":"#.utf8
                list(event.attributes, into: &bytes) { pair($0.key, $0.value, into: &$1) }
                bytes += "}".utf8
            }
        }
        count("droppedEventsCount", content.droppedEvents, into: &bytes)
        if !content.links.isEmpty {
            bytes += #","links":"#.utf8
            list(content.links, into: &bytes, write(link:into:))
        }
        count("droppedLinksCount", content.droppedLinks, into: &bytes)
        if let status = content.status {
            bytes += #","status":{"code":\#(OTLPNumbers.status(status.code))"#.utf8
            if let message = status.message {
                bytes += #","message":"#.utf8
                LogText.appendQuoted(message, to: &bytes)
            }
            bytes += "}".utf8
        }
        bytes += "}".utf8
    }

    private static func write(link: TraceContext, into bytes: inout [UInt8]) {
        bytes += #"{"traceId":"\#(link.traceID.text)","spanId":"\#(link.spanID.text)","traceState":"#.utf8
        LogText.appendQuoted(link.state, to: &bytes)
        bytes += #","flags":\#(OTLPNumbers.flags(link, parent: link))}"#.utf8
    }

    private static func count(_ name: String, _ count: Int, into bytes: inout [UInt8]) {
        if count > 0 { bytes += #","\#(name)":\#(count)"#.utf8 }
    }

    private static func pair(_ name: String, _ value: SpanAttribute, into bytes: inout [UInt8]) {
        bytes += #"{"key":"#.utf8
        LogText.appendQuoted(name, to: &bytes)
        bytes += #","value":"#.utf8
        write(value, into: &bytes)
        bytes += "}".utf8
    }

    private static func write(_ value: SpanAttribute, into bytes: inout [UInt8]) {
        switch value {
        case .string(let text):
            bytes += #"{"stringValue":"#.utf8
            LogText.appendQuoted(text, to: &bytes)
        case .bool(let truth): bytes += #"{"boolValue":\#(truth)"#.utf8
        case .int32(let number): bytes += #"{"intValue":"\#(number)""#.utf8
        case .int64(let number): bytes += #"{"intValue":"\#(number)""#.utf8
        case .double(let number):
            // What JSON has no number for is a text (proto3's mapping).
            let text = number.isFinite ? "\(number)" : number.isNaN ? #""NaN""# : number > 0 ? #""Infinity""# : #""-Infinity""#
            bytes += #"{"doubleValue":\#(text)"#.utf8
        default:
            bytes += #"{"arrayValue":{"values":"#.utf8
            list(SpanValues.elements(of: value), into: &bytes, write(_:into:))
            bytes += "}".utf8
        }
        bytes += "}".utf8
    }
}
