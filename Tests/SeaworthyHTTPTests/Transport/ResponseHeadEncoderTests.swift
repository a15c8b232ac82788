import HTTPTypes
import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `Response head` {
    private func head(
        _ status: HTTPResponse.Status = .ok, _ fields: HTTPFields = [:], framing: ResponseHeadEncoder.Framing = .length(2),
        connection: StaticString? = nil, isStrict: Bool = false
    ) -> String {
        var buffer = ByteBuffer()
        ResponseHeadEncoder.write(
            status: status, fields: fields, framing: framing, connection: connection, requestID: "id", date: "now", isStrict: isStrict,
            into: &buffer)
        return String(buffer: buffer)
    }

    private let tail =
        "X-Request-Id: id\r\nDate: now\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
    private static let policies = [
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n", "Cross-Origin-Resource-Policy: same-origin\r\n",
        "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Permissions-Policy: camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()\r\n",
    ]
    private var policy: String { Self.policies.joined() }

    @Test func `has the fixed fields after the route's own`() {
        #expect(
            head(.created, [.contentType: "text/plain", .location: "/x"])
                == "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nLocation: /x\r\nContent-Length: 2\r\n\(tail)\(policy)\r\n")
    }

    @Test func `tells how the body ends and whether the connection does`() {
        #expect(head(framing: .chunked, connection: "close").contains("\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"))
        #expect(head(framing: .none) == "HTTP/1.1 200 OK\r\n\(tail)\(policy)\r\n")
        #expect(head(framing: .untilClose) == head(framing: .none))
    }

    @Test func `leaves framing to the transport`() {
        let fields: HTTPFields = [.contentLength: "99", .transferEncoding: "gzip", .connection: "upgrade", .date: "never"]
        #expect(head(.ok, fields) == head())
    }

    @Test(
        arguments: [.contentSecurityPolicy, .crossOriginResourcePolicy, .crossOriginOpenerPolicy, .permissionsPolicy] as [HTTPField.Name])
    func `lets a route have its own policy`(name: HTTPField.Name) {
        let text = head(.ok, [name: "own"])
        let lines = text.split(separator: "\r\n").filter { $0.hasPrefix("\(name.rawName):") }
        #expect(lines == ["\(name.rawName): own"])
        for policy in Self.policies where !policy.hasPrefix(name.rawName) { #expect(text.contains(policy)) }
    }

    @Test func `tells a client that came by HTTPS to come so again`() {
        let line = "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
        #expect(head(isStrict: true).hasSuffix("\(policy)\(line)\r\n"))
        #expect(!head().contains("Strict-Transport-Security"))
    }

    @Test func `frames by what is known and what the client speaks`() {
        #expect(ResponseHeadEncoder.framing(status: .ok, length: 5, isHTTP10: false) == .length(5))
        #expect(ResponseHeadEncoder.framing(status: .ok, length: nil, isHTTP10: false) == .chunked)
        #expect(ResponseHeadEncoder.framing(status: .ok, length: nil, isHTTP10: true) == .untilClose)
        for status in [HTTPResponse.Status.noContent, .notModified, .continue] {
            #expect(ResponseHeadEncoder.framing(status: status, length: 5, isHTTP10: false) == .none)
        }
    }

    @Test func `writes a chunk with its size in hexadecimal`() {
        var buffer = ByteBuffer()
        ResponseHeadEncoder.writeChunk(ByteBuffer(repeating: UInt8(ascii: "x"), count: 17), into: &buffer)
        ResponseHeadEncoder.writeChunk(ByteBuffer(), into: &buffer)
        #expect(String(buffer: buffer) == "11\r\nxxxxxxxxxxxxxxxxx\r\n")
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ]) func `writes a date as HTTP does`(seconds: Int, expected: String) {
        #expect(HTTPDate.text(seconds: seconds) == expected)
    }

    @Test func `writes a moment as RFC 3339 does`() {
        #expect(HTTPDate.rfc3339(milliseconds: 784_111_777_007) == "1994-11-06T08:49:37.007Z")
        #expect(HTTPDate.rfc3339(milliseconds: 0) == "1970-01-01T00:00:00.000Z")
    }

    @Test func `has a clock that runs`() {
        let clock = HTTPClock()
        #expect(clock.date.hasSuffix(" GMT"))
        #expect(clock.date.count == 29)
    }
}
