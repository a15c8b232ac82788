import HTTPTypes
import NIOCore

/// Writes the head of an answer (RFC 9112, 4) with the fields that every answer has, straight into the buffer that is sent.
struct ResponseHeadEncoder {
    /// How the end of the body is told.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// To an HTTP/1.0 client: by closing the connection.
        case untilClose
        /// The status has no body (1xx, 204, 304).
        case none
    }

    /// The fields that protect a browser that meets an answer (Fetch, Referrer Policy, RFC 7034).
    private static let fixedFields: StaticString =
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"

    /// What else protects it, where a route says nothing else: data is never a page, so nothing may run in it, frame it, load it from
    /// another origin, or be reached from the window that opened it (CSP Level 3, Fetch, HTML, Permissions Policy).
    private static let policies: [(name: String, field: StaticString)] = [
        ("content-security-policy", "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"),
        ("cross-origin-resource-policy", "Cross-Origin-Resource-Policy: same-origin\r\n"),
        ("cross-origin-opener-policy", "Cross-Origin-Opener-Policy: same-origin\r\n"),
        (
            "permissions-policy",
            "Permissions-Policy: camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()\r\n"
        ),
    ]

    /// Nearly every other field has a shorter name, so that few are compared.
    private static let shortestPolicy = "permissions-policy".utf8.count

    /// Who has been here by HTTPS comes by nothing else for a year, to no host below this one either (RFC 6797).
    private static let strictTransport: StaticString = "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"

    static func framing(status: HTTPResponse.Status, length: Int?, isHTTP10: Bool) -> Framing {
        if status.code == 204 || status.code == 304 || status.code / 100 == 1 { return .none }
        if let length { return .length(length) }
        return isHTTP10 ? .untilClose : .chunked
    }

    /// - Parameter isStrict: whether the client is told to come by HTTPS alone from now on; only over HTTPS (RFC 6797, 7.2).
    static func write(
        status: HTTPResponse.Status, fields: HTTPFields, framing: Framing, connection: StaticString?, requestID: String, date: String,
        isStrict: Bool, into buffer: inout ByteBuffer
    ) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status.code))
        buffer.writeInteger(UInt8(ascii: " "))
        buffer.writeString(status.reasonPhrase)
        buffer.writeStaticString("\r\n")
        var ownPolicies = 0
        for field in fields {
            switch field.name.canonicalName {
            // Framing and the life of the connection belong to the transport.
            case "content-length", "transfer-encoding", "connection", "date", "x-request-id": continue
            case let name:
                if name.utf8.count >= shortestPolicy, let own = policies.firstIndex(where: { $0.name == name }) { ownPolicies |= 1 << own }
            }
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
        switch framing {
        case .length(let length):
            buffer.writeStaticString("Content-Length: ")
            buffer.writeString(String(length))
            buffer.writeStaticString("\r\n")
        case .chunked: buffer.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .untilClose, .none: break
        }
        if let connection {
            buffer.writeStaticString("Connection: ")
            buffer.writeStaticString(connection)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("X-Request-Id: ")
        buffer.writeString(requestID)
        buffer.writeStaticString("\r\nDate: ")
        buffer.writeString(date)
        buffer.writeStaticString("\r\n")
        buffer.writeStaticString(fixedFields)
        for (index, policy) in policies.enumerated() where ownPolicies & 1 << index == 0 {
            buffer.writeStaticString(policy.field)
        }
        if isStrict {
            buffer.writeStaticString(strictTransport)
        }
        buffer.writeStaticString("\r\n")
    }

    /// A piece of a chunked body (RFC 9112, 7.1).
    static func writeChunk(_ chunk: ByteBuffer, into buffer: inout ByteBuffer) {
        guard chunk.readableBytes > 0 else { return }
        buffer.writeString(String(chunk.readableBytes, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeImmutableBuffer(chunk)
        buffer.writeStaticString("\r\n")
    }

    static let lastChunk: StaticString = "0\r\n\r\n"
    static let continueHead: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
}
