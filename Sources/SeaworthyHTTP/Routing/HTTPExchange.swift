package import HTTPTypes
package import NIOCore
package import NIOHTTP1
package import SeaworthyData
package import SeaworthySchema

/// One request as a handler sees it.
package struct HTTPExchange: Sendable {
    /// The head as it was parsed. Field names keep the case in which they came.
    package let head: HTTPRequestHead
    package let method: HTTPRequest.Method
    /// The path as it was sent, not percent-decoded.
    package let path: Substring
    /// What follows the `?`, as it was sent; nil without one.
    package let rawQuery: Substring?
    /// The segments that stand where the route has `{…}`, not percent-decoded.
    package internal(set) var parameters: PathParameters
    /// Names the request in the answer (`X-Request-Id`), in problems and in the log.
    package let requestID: String
    let source: RequestSource
    /// Whether anything comes behind the head.
    let hasBody: Bool
    /// The authority that the client means (RFC 9110, 7.2); nil in HTTP/1.0.
    let host: String?
    /// Who makes the request, as the pipeline found out.
    package var caller = Caller.anonymous
    /// How that was shown; nil for who has not signed in.
    package var authentication: Authentication? {
        didSet { caller = authentication?.caller ?? .anonymous }
    }
    /// The API key that it was shown with; nil for who has signed in, and for who showed nothing.
    package var apiKey: KeyAuthentication? {
        didSet { caller = apiKey?.caller ?? .anonymous }
    }
    /// Whether who makes it was shown by the cookies of a browser.
    var hasSessionCookies = false
    var isIdentified: Bool { authentication != nil || apiKey != nil }
    let acceptEncoding: String?
    let body: RequestBodySource

    init(
        head: HTTPRequestHead, facts: RequestFacts, requestID: String, source: RequestSource, body: RequestBodySource
    ) {
        self.head = head
        self.method = facts.method
        self.path = facts.path
        self.rawQuery = facts.rawQuery
        self.parameters = PathParameters()
        self.requestID = requestID
        self.source = source
        self.host = facts.host
        if case .buffer(let bytes, _) = body {
            hasBody = bytes.readableBytes > 0
        } else {
            hasBody = facts.hasBody
        }
        self.acceptEncoding = facts.acceptEncoding
        self.body = body
    }

    /// A request without a connection: an operation of a batch, or one in a test. What the transport refuses is not looked for.
    package init(
        _ method: HTTPRequest.Method, _ target: String, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer(),
        requestID: String = "test", remoteAddress: String? = nil, isSecure: Bool = false,
        maximumBodyBytes: Int = HTTPSettings().maximumBodyBytes
    ) {
        let head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method.rawValue), uri: target, headers: headers)
        let (facts, _) = RequestFacts.examine(head, settings: HTTPSettings())
        self.init(
            head: head, facts: facts, requestID: requestID, source: RequestSource(address: remoteAddress, isSecure: isSecure),
            body: .buffer(body, maximumBytes: maximumBodyBytes))
    }

    /// Who acts, for the log of security events.
    var actor: SecurityActor {
        let who: SecurityActor.Who =
            if let key = apiKey { .key(key.key, of: key.user.id) } else if let user = authentication?.user { .user(user.id) } else {
                .nobody
            }
        return SecurityActor(who, address: source.address, userAgent: header("user-agent"), requestID: requestID)
    }

    /// The client's address, without its port.
    package var remoteAddress: String? { source.address }

    /// Whether the request came by TLS all the way to here, or to a trusted proxy.
    package var isSecure: Bool { source.isSecure }

    /// The value of a field, joined by `, ` when it was sent several times (RFC 9110, 5.3); nil when it was not sent.
    package func header(_ name: String) -> String? {
        var joined: String?
        for (field, value) in head.headers where field.isEqualIgnoringASCIICase(to: name) {
            joined = joined.map { "\($0), \(value)" } ?? value
        }
        return joined
    }

    /// The query in clear.
    package func queryItems() throws(Problem) -> [QueryItems.Item] {
        try QueryItems.parse(rawQuery)
    }

    /// The whole body. A client that waits for `100 Continue` is told to go on.
    ///
    /// - Throws: ``Problem``: 413 beyond ``HTTPSettings/maximumBodyBytes`` (at once when `Content-Length` says so), 408 when it does
    ///   not arrive in time, 400 when its framing is broken; `CancellationError` when the client is gone.
    package func collectBody() async throws -> ByteBuffer {
        try await body.collect()
    }
}

extension HTTPExchange {
    /// Refuses a body that is not in one of `accepted`. Of the parameters only `charset=utf-8` is taken.
    ///
    /// - Throws: 415 `unsupported_media_type`, also when there is no `Content-Type`.
    @discardableResult
    package func requireMediaType(_ accepted: [MediaType] = [.json]) throws(Problem) -> MediaType {
        func refusal() -> Problem { .unsupportedMediaType(expected: accepted.map(\.essence)) }
        if let coding = header("content-encoding"), !coding.isEqualIgnoringASCIICase(to: "identity") {
            throw Problem(
                status: .unsupportedMediaType, code: .unsupportedMediaType,
                detail: "The body must be sent as it is: a Content-Encoding is not supported.", headers: [.acceptEncoding: "identity"])
        }
        guard let field = header("content-type") else { throw refusal() }
        let pieces = field.elements(separatedBy: ";")
        guard let type = accepted.first(where: { pieces[0].isEqualIgnoringASCIICase(to: $0.essence) }) else { throw refusal() }
        for piece in pieces.dropFirst() {
            guard piece.isEqualIgnoringASCIICase(to: "charset=utf-8") || piece.isEqualIgnoringASCIICase(to: "charset=\"utf-8\"") else {
                throw refusal()
            }
        }
        return type
    }
}

extension HTTPExchange {
    /// The whole body as JSON.
    ///
    /// - Throws: 400 when it is none, and what ``collectBody()`` throws.
    package func jsonBody() async throws -> JSONValue {
        try Self.json(of: try await collectBody())
    }

    /// A body as JSON.
    ///
    /// - Throws: 400 when it is none.
    static func json(of body: ByteBuffer) throws -> JSONValue {
        do {
            return try body.withUnsafeReadableBytes { bytes in try JSONParser.parse(bytes.assumingMemoryBound(to: UInt8.self)) }
        } catch let error as JSONError {
            throw Problem.badRequest("The body cannot be read: \(error).", code: error.problemCode)
        }
    }
}
