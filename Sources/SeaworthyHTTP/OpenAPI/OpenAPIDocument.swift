package import SeaworthyData
package import SeaworthySchema

/// The OpenAPI 3.1 document of everything that this server answers (https://spec.openapis.org/oas/v3.1.1).
package struct OpenAPIDocument: Sendable {
    private let store: RecordStore

    package init(_ store: RecordStore) {
        self.store = store
    }

    package var json: JSONValue {
        var paths = JSONObject(healthPaths)
        var schemas = JSONObject([.init(name: "Problem", value: OpenAPIProblem.schema), .init(name: "PageMeta", value: Self.pageMeta)])
        for records in store.collections {
            let entity = OpenAPIEntity(records, api: store.schema.api)
            for (path, item) in entity.paths { paths.append(path, item) }
            for (name, schema) in entity.schemas { schemas.append(name, schema) }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": .string(store.schema.name), "version": "1",
                "description": .string("The data of \(store.schema.name), served by Seaworthy."),
            ],
            "servers": [["url": "/"]],
            "tags": .array(tags),
            "paths": .object(paths),
            "components": ["schemas": .object(schemas), "responses": .object(OpenAPIProblem.responses)],
        ]
    }

    private var tags: [JSONValue] {
        let health: JSONValue = ["name": "health", "description": "Whether the server lives and may be sent requests."]
        return [health]
            + store.collections.filter { $0.isOffered(.read) || $0.isOffered(.create) }.map { records in
                let description = records.entity.description ?? "Records of \(records.entity.name)."
                return ["name": .string(records.entity.name), "description": .string(description)]
            }
    }

    private var healthPaths: [JSONObject.Member] {
        let health: JSONValue = [
            "type": "object", "required": ["status"],
            "properties": ["status": ["enum": ["pass", "warn", "fail"]], "output": ["type": "string"], "checks": ["type": "object"]],
        ]
        let content: JSONValue = ["application/health+json": ["schema": health]]
        func path(_ name: String, _ operation: String, _ summary: String, isReadiness: Bool) -> JSONObject.Member {
            var responses: JSONObject = [
                "200": ["description": "It is so.", "content": content], "400": ["$ref": "#/components/responses/BadRequest"],
            ]
            var parameters: [JSONValue] = []
            if isReadiness {
                responses.append("503", ["description": "Starting, draining, or without a dependency.", "content": content])
                parameters = [
                    [
                        "name": "verbose", "in": "query", "description": "Lists each check.",
                        "schema": ["type": "boolean"],
                    ]
                ]
            }
            return .init(
                name: name,
                value: [
                    "get": [
                        "operationId": .string(operation), "summary": .string(summary), "tags": ["health"],
                        "parameters": .array(parameters),
                        "responses": .object(responses),
                    ]
                ])
        }
        return [
            path("/health", "getHealth", "Whether the process answers", isReadiness: false),
            path("/livez", "getLiveness", "Whether the process answers", isReadiness: false),
            path("/health/ready", "getHealthReady", "Whether requests may be sent here", isReadiness: true),
            path("/readyz", "getReadiness", "Whether requests may be sent here", isReadiness: true),
            .init(
                name: "/openapi.json",
                value: [
                    "get": [
                        "operationId": "getOpenAPI", "summary": "This document", "tags": ["health"],
                        "responses": [
                            "200": ["description": "This document.", "content": ["application/json": ["schema": ["type": "object"]]]],
                            "400": ["$ref": "#/components/responses/BadRequest"],
                        ],
                    ]
                ]),
        ]
    }

    private static let pageMeta: JSONValue = [
        "type": "object", "required": ["limit", "hasMore", "nextCursor"],
        "properties": [
            "limit": ["type": "integer"], "hasMore": ["type": "boolean"], "nextCursor": ["type": ["string", "null"]],
            "page": ["type": "integer"], "total": ["type": "integer"], "totalPages": ["type": "integer"],
        ],
    ]
}
