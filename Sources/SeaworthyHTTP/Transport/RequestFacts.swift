import HTTPTypes
import NIOHTTP1

/// What the transport and the pipeline need to know of a request's head, gathered in one pass over its fields.
struct RequestFacts: Sendable {
    var method: HTTPRequest.Method
    var path: Substring
    var rawQuery: Substring?
    /// May the connection be kept after the answer? (RFC 9112, 9.3)
    var keepAlive: Bool
    var isHTTP10: Bool
    var expectsContinue = false
    /// Nil when there is no body, or a chunked one.
    var contentLength: Int?
    var isChunked = false
    /// The client's own id for the request, when it is well formed.
    var requestID: String?
    var userAgent: String?
    /// The authority that the client means.
    var host: String?
    /// `X-Forwarded-For` and `X-Forwarded-Proto`, each joined when it was sent several times: anybody can send them.
    var forwardedFor: String?
    var forwardedProto: String?
    /// The trace that the request belongs to, as it came, each joined when it was sent several times.
    var traceParent: String?
    var traceState: String?
    /// The value of `Accept-Encoding`, joined when it was sent several times.
    var acceptEncoding: String?

    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// Looks at a head. The facts are as good as they can be even where a problem is found, for the answer and the log.
    static func examine(_ head: HTTPRequestHead, settings: HTTPSettings) -> (RequestFacts, Problem?) {
        let isHTTP10 = head.version.minor == 0
        var facts = RequestFacts(
            method: method(of: head.method), path: head.uri[...], keepAlive: !isHTTP10, isHTTP10: isHTTP10)
        var problem = facts.readTarget(head.uri, settings: settings)
        var fields = FieldReader(facts: facts)
        for (name, value) in head.headers {
            fields.read(name, value)
        }
        // Both are asked: this also settles whether the connection may be kept.
        let fieldProblem = fields.problem(settings: settings)
        problem = problem ?? fieldProblem
        return (fields.facts, problem)
    }

    private static func method(of method: HTTPMethod) -> HTTPRequest.Method {
        switch method {
        case .GET: .get
        case .HEAD: .head
        case .POST: .post
        case .PUT: .put
        case .PATCH: .patch
        case .DELETE: .delete
        case .OPTIONS: .options
        default: HTTPRequest.Method(rawValue: method.rawValue) ?? .trace
        }
    }

    /// Takes a request target apart: origin form, or absolute form, whose authority does not matter (RFC 9112, 3.2).
    private mutating func readTarget(_ target: String, settings: HTTPSettings) -> Problem? {
        let bytes = target.utf8
        guard bytes.count <= settings.maximumURLBytes else { return .uriTooLong(maximumBytes: settings.maximumURLBytes) }
        guard bytes.allSatisfy(Self.mayStandInTarget) else {
            return .badRequest("The address has characters that must be percent-encoded.")
        }
        var rest = target[...]
        if bytes.first != UInt8(ascii: "/") {
            guard let start = Self.pathOfAbsoluteForm(rest) else {
                return target == "*" && method == .options ? nil : .badRequest("The address must begin with a slash.")
            }
            rest = start
        }
        guard let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            path = rest.isEmpty ? "/" : rest
            return nil
        }
        path = mark == rest.startIndex ? "/" : rest[..<mark]
        rawQuery = rest[rest.utf8.index(after: mark)...]
        return nil
    }

    /// Whether a byte may stand in a request target as it is: spaces, controls, `#` and all beyond ASCII are percent-encoded (RFC 3986).
    static func mayStandInTarget(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
    }

    private static func pathOfAbsoluteForm(_ target: Substring) -> Substring? {
        for scheme in ["http://", "https://"] where target.prefix(scheme.count).isEqualIgnoringASCIICase(to: scheme) {
            let afterScheme = target.dropFirst(scheme.count)
            let end = afterScheme.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? afterScheme.endIndex
            return end == afterScheme.startIndex ? nil : afterScheme[end...]
        }
        return nil
    }
}

/// Reads the fields that bear on framing and on the life of the connection.
private struct FieldReader {
    var facts: RequestFacts
    private var bytes = 0
    private var count = 0
    private var hosts = 0
    private var contentLengths = 0
    private var transferEncodings = 0
    private var isUpgrade = false
    private var wantsClose = false
    private var wantsKeepAlive = false
    private var failure: Problem?

    init(facts: RequestFacts) {
        self.facts = facts
    }

    mutating func read(_ name: String, _ value: String) {
        // A line is the name, a colon and a space, the value, CR and LF.
        bytes += name.utf8.count + value.utf8.count + 4
        count += 1
        // The lengths tell nearly all names apart, so most fields cost one comparison.
        switch name.utf8.count {
        case 4 where name.isEqualIgnoringASCIICase(to: "host"):
            hosts += 1
            facts.host = value
            if value.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "/") || $0 >= 0x7F }) {
                failure = .badRequest("The Host field is not a host.")
            }
        case 6 where name.isEqualIgnoringASCIICase(to: "expect"):
            guard value.isEqualIgnoringASCIICase(to: "100-continue") else {
                failure = .expectationFailed()
                return
            }
            facts.expectsContinue = !facts.isHTTP10
        case 7 where name.isEqualIgnoringASCIICase(to: "upgrade"):
            isUpgrade = true
        case 10 where name.isEqualIgnoringASCIICase(to: "connection"):
            for option in value.elements(separatedBy: ",") {
                wantsClose = wantsClose || option.isEqualIgnoringASCIICase(to: "close")
                wantsKeepAlive = wantsKeepAlive || option.isEqualIgnoringASCIICase(to: "keep-alive")
            }
        case 10 where name.isEqualIgnoringASCIICase(to: "user-agent"):
            facts.userAgent = value
        case 10 where name.isEqualIgnoringASCIICase(to: "tracestate"):
            facts.traceState = facts.traceState.map { "\($0),\(value)" } ?? value
        case 11 where name.isEqualIgnoringASCIICase(to: "traceparent"):
            facts.traceParent = facts.traceParent.map { "\($0),\(value)" } ?? value
        case 12 where name.isEqualIgnoringASCIICase(to: "x-request-id"):
            facts.requestID = facts.requestID ?? (RequestID.isValid(value) ? value : nil)
        case 14 where name.isEqualIgnoringASCIICase(to: "content-length"):
            contentLengths += 1
            guard !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(value) else {
                failure = .badRequest("The Content-Length is not a length.")
                return
            }
            facts.contentLength = length
        case 15 where name.isEqualIgnoringASCIICase(to: "accept-encoding"):
            facts.acceptEncoding = facts.acceptEncoding.map { "\($0), \(value)" } ?? value
        case 15 where name.isEqualIgnoringASCIICase(to: "x-forwarded-for"):
            facts.forwardedFor = facts.forwardedFor.map { "\($0), \(value)" } ?? value
        case 17 where name.isEqualIgnoringASCIICase(to: "x-forwarded-proto"):
            facts.forwardedProto = facts.forwardedProto.map { "\($0), \(value)" } ?? value
        case 17 where name.isEqualIgnoringASCIICase(to: "transfer-encoding"):
            transferEncodings += 1
            facts.isChunked = true
            if !value.isEqualIgnoringASCIICase(to: "chunked") {
                failure = .unsupportedTransferCoding()
            }
        default:
            break
        }
    }

    /// What is wrong with the fields together. Also settles ``RequestFacts/keepAlive``.
    mutating func problem(settings: HTTPSettings) -> Problem? {
        facts.keepAlive = facts.isHTTP10 ? wantsKeepAlive && !wantsClose : !wantsClose
        // The parser takes what follows an upgrade for another protocol, and reads no further request.
        if isUpgrade || facts.method.rawValue == "CONNECT" {
            facts.keepAlive = false
        }
        if bytes > settings.maximumHeaderBytes || count > settings.maximumHeaderCount {
            return .headersTooLarge(maximumBytes: settings.maximumHeaderBytes)
        }
        if hosts > 1 || (hosts == 0 && !facts.isHTTP10) {
            return .badRequest("The request must have exactly one Host field.")
        }
        if contentLengths > 1 || transferEncodings > 1 || (contentLengths > 0 && transferEncodings > 0) {
            return .badRequest("The length of the body is given more than once.")
        }
        if facts.isHTTP10 && transferEncodings > 0 {
            return .badRequest("HTTP/1.0 has no Transfer-Encoding.")
        }
        return failure
    }
}
