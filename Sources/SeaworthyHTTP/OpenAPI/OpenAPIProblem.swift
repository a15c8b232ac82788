import HTTPTypes
import NIOCore
import SeaworthyData
import SeaworthySchema

/// The parts of the document that describe problems (RFC 9457).
struct OpenAPIProblem {
    /// The entity of which the examples speak: one that can be read and made.
    let entity: Entity?

    static let schema: JSONValue = [
        "type": "object", "required": ["type", "title", "status", "detail", "code", "requestId", "errors"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"], "detail": ["type": "string"],
            "code": ["type": "string", "description": "Stable: a client may switch on it."], "requestId": ["type": "string"],
            "index": ["type": "integer", "description": "The operation of a batch that failed, counted from 0."],
            "lock": .reference("schemas", "Locks.Lock"),
            "errors": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["code", "detail"],
                    "properties": [
                        "pointer": ["type": "string", "description": "A JSON Pointer into the body."],
                        "parameter": ["type": "string", "description": "The name of a parameter."],
                        "header": ["type": "string", "description": "The name of a header field."],
                        "code": ["type": "string"], "detail": ["type": "string"],
                    ],
                ],
            ],
        ],
    ]

    /// What any request can meet. 417 and 501, which no usual client provokes, are told once, in the document's description.
    static let anywhere = [400, 414, 429, 431, 500, 503]
    /// What a request with a body can meet besides.
    static let withBody = [408, 413, 415]

    private static let named: [(name: String, status: Int, description: String)] = [
        ("BadRequest", 400, "The request cannot be understood."),
        ("Unauthorized", 401, "Nobody may do this without signing in."),
        ("Forbidden", 403, "The caller may not do this."),
        ("NotFound", 404, "There is no such record, or the caller may not see it."),
        ("MethodNotAllowed", 405, "The path takes other methods."),
        ("NotAcceptable", 406, "Accept takes none of the media types that there are."),
        ("RequestTimeout", 408, "The request did not arrive in time."),
        (
            "Conflict", 409,
            "It contradicts other records; somebody else has the lock; or a request with its Idempotency-Key is under way, where Retry-After is sent."
        ),
        ("PreconditionFailed", 412, "The record is not the one that If-Match or If-None-Match names."),
        ("ContentTooLarge", 413, "The body is too large."),
        ("URITooLong", 414, "The address is too long."),
        ("UnsupportedMediaType", 415, "The body is of another type."),
        ("ExpectationFailed", 417, "An Expect other than 100-continue."),
        ("Invalid", 422, "The record breaks rules, and errors has every one; or its Idempotency-Key cannot be taken for it."),
        ("TooManyRequests", 429, "The limit that holds here is used up, or too many attempts have failed; Retry-After says when."),
        ("HeadersTooLarge", 431, "The header fields are too large or too many."),
        ("ServerFault", 500, "A fault of the server; its log has it under the request's id."),
        ("NotImplemented", 501, "A transfer coding other than chunked."),
        ("Unavailable", 503, "Not now; Retry-After says when."),
        ("InsufficientStorage", 507, "There is no space left to store this."),
    ]

    var responses: JSONObject {
        JSONObject(
            Self.named.map { name, status, description in
                var media: JSONObject = ["schema": .reference("schemas", "Problem.Details")]
                if let example = example(status) { media.append("example", example) }
                return .init(
                    name: name,
                    value: [
                        "description": .string(description), "headers": Self.headers(status),
                        "content": ["application/problem+json": .object(media)],
                    ])
            })
    }

    private static func headers(_ status: Int) -> JSONValue {
        var names = [("Vary", "Vary")]
        switch status {
        case 401: names += [("WWW-Authenticate", "WWWAuthenticate"), ("Set-Cookie", "SetCookie")]
        case 405: names.append(("Allow", "Allow"))
        case 415: names.append(("Accept-Encoding", "AcceptEncoding"))
        case 409, 429, 503: names.append(("Retry-After", "RetryAfter"))
        default: break
        }
        return OpenAPIComponents.headers(names)
    }

    /// A problem as the server renders it.
    private func example(_ status: Int) -> JSONValue? {
        let problem: Problem? =
            switch status {
            case 400: .unknownParameter("colour")
            case 404: entity.map { ProblemMapping.problem(RecordError(.notFound, "There is no such \($0.name).")) }
            case 405: .methodNotAllowed(allow: [.get, .head, .post, .options])
            case 406: .notAcceptable(offered: [.json])
            case 412:
                entity.map {
                    ProblemMapping.problem(
                        RecordError(
                            .preconditionFailed,
                            "The \($0.name) is not the one that If-Match or If-None-Match names: it has changed, or is there already."))
                }
            case 415: .unsupportedMediaType(expected: ["application/json"])
            case 422:
                entity.map { entity in
                    ProblemMapping.problem(
                        RecordError(
                            .invalidRecord, "The \(entity.name) breaks a rule.",
                            problems: [
                                RecordProblem(
                                    pointer: "", code: RecordProblem.Code.wrongType, detail: "is an array; expected an object")
                            ]))
                }
            default: nil
            }
        guard let problem else { return nil }
        return try? JSONParser.parse(String(buffer: problem.rendered(requestID: "0123456789abcdef0123456789abcdef")))
    }

    /// The members of an operation's `responses` for these statuses, in their order.
    static func references(_ statuses: [Int]) -> [JSONObject.Member] {
        named.filter { statuses.contains($0.status) }.map {
            .init(name: String($0.status), value: .reference("responses", $0.name))
        }
    }
}
