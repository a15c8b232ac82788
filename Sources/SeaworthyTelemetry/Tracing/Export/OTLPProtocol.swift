/// In which form spans are sent. From `OTEL_EXPORTER_OTLP_PROTOCOL`.
package enum OTLPProtocol: String, Sendable, CaseIterable {
    case protobuf = "http/protobuf"
    case json = "http/json"

    var contentType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    func encode(_ spans: [FinishedSpan], _ resource: TraceResource) -> [UInt8] {
        switch self {
        case .protobuf: OTLPProtobuf.encode(spans, resource)
        case .json: OTLPJSON.encode(spans, resource)
        }
    }
}
