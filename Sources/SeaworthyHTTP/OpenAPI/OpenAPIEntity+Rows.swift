import SeaworthyData
import SeaworthySchema

/// Rows rather than records: aggregates and imports.
extension OpenAPIEntity {
    var aggregate: JSONValue {
        var parameters: [JSONValue] = [own("groupBy"), own("measures")]
        parameters += ["having", "aggregateSort", "filter"].map { .reference("parameters", $0) }
        if isSearched { parameters.append(.reference("parameters", "search")) }
        parameters += ["limit", "page"].map { .reference("parameters", $0) }
        if entity.hasSoftDelete { parameters.append(.reference("parameters", "deleted")) }
        if isDated { parameters += ["dateFrom", "dateTo"].map { .reference("parameters", $0) } }
        return operation(
            "aggregate", "Groups of records and measures of them", nil,
            [
                "parameters": .array(parameters),
                "responses": responses(
                    [.init(name: "200", value: .reference("responses", "Aggregated"))],
                    [406] + refusals(reading: true, entity.hasSoftDelete ? [.delete] : [])),
            ])
    }

    var importRows: JSONValue {
        operation(
            "import", "Makes the records of a body, all or none",
            "Rows as for a POST, without nested records; a key that the server makes may be given. At most 1 GiB.",
            [
                "parameters": [.reference("parameters", "onError"), .reference("parameters", "IdempotencyKey")],
                "requestBody": .reference("requestBodies", "Import"),
                "responses": responses(
                    [.init(name: "200", value: .reference("responses", "Imported"))],
                    OpenAPIProblem.withBody + [409, 422, 507] + refusals(reading: false, [.create])),
            ])
    }

    /// The patterns of what an aggregate groups by and measures.
    var aggregatePatterns: [JSONObject.Member] {
        let toOne = relations.filter { !$0.isToMany }
        let path = path(names(), toOne)
        let times = fields.map { entity.fields[$0] }.filter { $0.type == .date || $0.type == .timestamp }.map(\.name)
        let part = times.isEmpty && toOne.isEmpty ? "" : "|(year|quarter|month|week|day|hour)\\(\(self.path(times, toOne))\\)"
        let group = "(\(path)\(part))"
        let measure = "(count|(count|countDistinct|sum|avg|min|max)\\(\(path)\\))"
        return [
            query("groupBy", "What makes the groups: fields and parts of times, separated by commas.", "^\(group)(,\(group)){0,7}$"),
            query("measures", "What is told of each group; count by default.", "^\(measure)(,\(measure)){0,15}$"),
        ]
    }

    private func query(_ name: String, _ description: String, _ pattern: String) -> JSONObject.Member {
        .init(
            name: component(name),
            value: [
                "name": .string(name), "in": "query", "description": .string(description),
                "schema": ["type": "string", "pattern": .string(pattern)],
            ])
    }

    static let importBody: JSONValue = [
        "required": true,
        "content": [
            "text/csv": ["schema": ["type": "string", "description": "A header that names the fields, then a row each."]],
            "application/x-ndjson": ["schema": ["type": "string", "description": "A JSON object a line."]],
            "application/json": ["schema": ["type": "array", "items": ["type": "object"]]],
        ],
    ]

    /// The answers that are the same for every entity.
    static let rowAnswers: [JSONObject.Member] = [
        answer("Aggregated", "The rows.", "Aggregate.Page", [("Link", "Link"), ("Vary", "Vary")]),
        answer("Imported", "What was imported.", "Import.Report", [("Idempotency-Replayed", "IdempotencyReplayed")]),
        answer("Changes", "The changes.", "History.Page", [("Link", "Link"), ("Vary", "Vary")]),
    ]

    private static func answer(
        _ name: String, _ description: String, _ schema: String, _ headers: [(String, String)]
    ) -> JSONObject.Member {
        .init(
            name: name,
            value: [
                "description": .string(description), "headers": OpenAPIComponents.headers(headers),
                "content": ["application/json": ["schema": .reference("schemas", schema)]],
            ])
    }

    static let rowSchemas: JSONObject = [
        "Aggregate.Page": [
            "type": "object", "required": ["data", "meta"],
            "properties": [
                "data": [
                    "type": "array",
                    "items": [
                        "type": "object", "description": "Members named as asked: groups first, then measures.",
                        "additionalProperties": [:],
                    ],
                ],
                "meta": [
                    "type": "object", "required": ["limit", "hasMore"],
                    "properties": ["limit": ["type": "integer"], "hasMore": ["type": "boolean"], "page": ["type": "integer"]],
                ],
            ],
        ],
        "Import.Report": [
            "type": "object", "required": ["data"],
            "properties": [
                "data": [
                    "type": "object", "required": ["imported", "bad", "badRows"],
                    "properties": [
                        "imported": ["type": "integer"], "bad": ["type": "integer"],
                        "badRows": [
                            "type": "array", "description": "The first 100.",
                            "items": [
                                "type": "object", "required": ["line", "errors"],
                                "properties": [
                                    "line": ["type": "integer"],
                                    "errors": [
                                        "type": "array",
                                        "items": [
                                            "type": "object", "required": ["pointer", "code", "detail"],
                                            "properties": [
                                                "pointer": ["type": "string"], "code": ["type": "string"], "detail": ["type": "string"],
                                            ],
                                        ],
                                    ],
                                ],
                            ],
                        ],
                    ],
                ]
            ],
        ],
    ]
}
