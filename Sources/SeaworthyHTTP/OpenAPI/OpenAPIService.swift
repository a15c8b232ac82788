import SeaworthySchema

/// What the document says of the routes that are not about records: health, and the document itself.
enum OpenAPIService {
    static let tag: JSONValue = ["name": "health", "description": "Whether the server lives and may be sent requests, and this document."]

    static let paths: [JSONObject.Member] = [
        health("/health", "getHealth", isReadiness: false), health("/livez", "getLiveness", isReadiness: false),
        health("/health/ready", "getHealthReady", isReadiness: true), health("/readyz", "getReadiness", isReadiness: true),
        .init(name: "/openapi.json", value: ["get": document]),
    ]

    /// `application/health+json` (draft-inadarei-api-health-check).
    static let schema: JSONValue = [
        "type": "object", "required": ["status"],
        "properties": [
            "status": ["type": "string", "enum": ["pass", "warn", "fail"]],
            "output": ["type": "string", "description": "Why not: starting or draining."],
            "checks": [
                "type": "object", "description": "With verbose, each check by its name.",
                "additionalProperties": [
                    "type": "array",
                    "items": [
                        "type": "object", "required": ["status", "time"],
                        "properties": [
                            "status": ["type": "string", "enum": ["pass", "warn", "fail"]],
                            "observedValue": ["type": ["number", "string"]],
                            "observedUnit": ["type": "string"], "time": ["type": "string", "format": "date-time"],
                            "output": ["type": "string"],
                        ],
                    ],
                ],
            ],
        ],
    ]

    private static func health(_ path: String, _ operation: String, isReadiness: Bool) -> JSONObject.Member {
        let headers = [("Vary", "Vary")]
        let media: JSONValue = ["schema": .reference("schemas", "Health.Status")]
        func answer(_ description: String, _ headers: [(String, String)], isProblemToo: Bool = false) -> JSONValue {
            var content: JSONObject = ["application/health+json": media, "application/json": media]
            if isProblemToo { content.append("application/problem+json", ["schema": .reference("schemas", "Problem.Details")]) }
            return ["description": .string(description), "headers": OpenAPIComponents.headers(headers), "content": .object(content)]
        }
        var members: JSONObject = [
            "operationId": .string(operation),
            "summary": isReadiness ? "Whether requests may be sent here" : "Whether the process answers", "tags": ["health"],
        ]
        var responses = JSONObject([.init(name: "200", value: answer("It is so.", headers))])
        // Who looks after the server is not counted.
        responses.members += OpenAPIProblem.references(OpenAPIProblem.anywhere.filter { $0 != 429 } + [406])
        if isReadiness {
            members.append("parameters", [verbose])
            responses.replace(
                "503",
                answer("Starting, draining, or without a dependency.", headers + [("Retry-After", "RetryAfter")], isProblemToo: true))
        }
        members.append("responses", .object(responses))
        return .init(name: path, value: ["get": .object(members)])
    }

    private static let verbose: JSONValue = [
        "name": "verbose", "in": "query", "description": "Lists each check.", "allowEmptyValue": true,
        "schema": ["type": "string", "enum": ["", "true", "1", "false", "0"]],
    ]

    private static let document: JSONValue = [
        "operationId": "getOpenAPI", "summary": "This document", "tags": ["health"],
        "responses": .object(
            JSONObject(
                [
                    .init(
                        name: "200",
                        value: [
                            "description": "This document.", "headers": OpenAPIComponents.headers([("Vary", "Vary")]),
                            "content": ["application/json": ["schema": ["type": "object", "required": ["openapi"]]]],
                        ])
                ] + OpenAPIProblem.references(OpenAPIProblem.anywhere + [406]))),
    ]
}
