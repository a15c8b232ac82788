import HTTPTypes
import NIOCore
import Tracing

/// The span of a request, from the end of its head to the end of its answer, by OpenTelemetry's conventions for HTTP.
/// <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>
///
/// Neither path nor query is told, since both hold data of somebody's; nor is who asked.
struct RequestTrace: Sendable {
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]

    private let span: any Span

    var context: InstrumentationContext { span.context }

    var isRecorded: Bool { span.isRecording }

    init(_ facts: RequestFacts?, by tracer: any Tracer) {
        var context = InstrumentationContext.topLevel
        if let facts, facts.traceParent != nil { tracer.extract(facts, into: &context, using: FactsExtractor()) }
        span = tracer.startSpan("HTTP", context: context, ofKind: .server)
    }

    func end(_ record: AccessRecord, _ facts: RequestFacts?, isSecure: Bool) {
        defer { span.end() }
        guard span.isRecording else { return }
        // Of few, so that a client cannot make up as many as it likes.
        let method = facts.flatMap { Self.methods.contains($0.method) ? $0.method.rawValue : nil }
        span.operationName = [method ?? "HTTP", record.routeTemplate].compactMap(\.self).joined(separator: " ")
        var attributes: SpanAttributes = [
            "http.request.method": .string(method ?? "_OTHER"), "url.scheme": .string(isSecure ? "https" : "http"),
            "network.protocol.version": .string(facts?.isHTTP10 == true ? "1.0" : "1.1"),
            "http.response.body.size": .int64(Int64(record.responseBytes)), "seaworthy.request.id": .string(record.requestID),
        ]
        if let route = record.routeTemplate { attributes["http.route"] = route }
        if let (name, port) = facts?.host.flatMap(Self.address) {
            attributes["server.address"] = name
            if let port { attributes["server.port"] = port }
        }
        if record.status == AccessRecord.clientClosedRequest {
            // Nothing was sent.
            attributes["error.type"] = "client_closed_request"
        } else {
            attributes["http.response.status_code"] = record.status
            if record.status >= 500 {
                attributes["error.type"] = "\(record.status)"
                span.setStatus(SpanStatus(code: .error))
            }
        }
        span.attributes = attributes
    }

    /// A host and its port; an IPv6 address stands in brackets.
    static func address(_ host: String) -> (name: String, port: Int?)? {
        let end = host.utf8.lastIndex(of: UInt8(ascii: "]")) ?? host.startIndex
        let colon = host.utf8[end...].lastIndex(of: UInt8(ascii: ":"))
        var name = host[..<(colon ?? host.endIndex)]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        guard !name.isEmpty else { return nil }
        return (String(name), colon.flatMap { Int(host[host.utf8.index(after: $0)...]) })
    }
}

private struct FactsExtractor: Extractor {
    func extract(key: String, from facts: RequestFacts) -> String? {
        switch key {
        case "traceparent": facts.traceParent
        case "tracestate": facts.traceState
        default: nil
        }
    }
}
