import SeaworthySchema

/// The parts of the document that describe problems (RFC 9457).
enum OpenAPIProblem {
    static let schema: JSONValue = [
        "type": "object", "required": ["type", "title", "status", "detail", "code", "requestId"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"], "detail": ["type": "string"],
            "code": ["type": "string", "description": "Stable: a client may switch on it."], "requestId": ["type": "string"],
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

    private static let named: [(name: String, status: Int, description: String)] = [
        ("BadRequest", 400, "The request cannot be understood."),
        ("Unauthorized", 401, "Nobody may do this without signing in."),
        ("Forbidden", 403, "The caller may not do this."),
        ("NotFound", 404, "There is no such record, or the caller may not see it."),
        ("Conflict", 409, "It contradicts other records."),
        ("ContentTooLarge", 413, "The body is too large."),
        ("UnsupportedMediaType", 415, "The body is of another type."),
        ("Invalid", 422, "The record breaks rules; errors has every one."),
        ("Unavailable", 503, "Not now; Retry-After says when."),
    ]

    static var responses: JSONObject {
        JSONObject(
            named.map { name, status, description in
                var response: JSONObject = [
                    "description": .string(description),
                    "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
                ]
                if status == 401 { response.append("headers", ["WWW-Authenticate": ["schema": ["type": "string"]]]) }
                if status == 503 { response.append("headers", ["Retry-After": ["schema": ["type": "integer"]]]) }
                return .init(name: name, value: .object(response))
            })
    }

    /// The members of an operation's `responses` for these statuses.
    static func references(_ statuses: [Int]) -> [JSONObject.Member] {
        named.filter { statuses.contains($0.status) }.map {
            .init(name: String($0.status), value: ["$ref": .string("#/components/responses/\($0.name)")])
        }
    }
}
