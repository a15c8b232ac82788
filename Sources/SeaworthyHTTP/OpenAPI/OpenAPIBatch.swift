import SeaworthyData
import SeaworthySchema

/// What the document says of `POST /v1/batch`.
struct OpenAPIBatch {
    private let entities: [OpenAPIEntity]

    init(_ entities: [OpenAPIEntity]) {
        self.entities = entities
    }

    static let tag: JSONValue = ["name": "batch", "description": "Several operations together, or none of them."]

    var path: JSONObject.Member {
        let refusals = entities.flatMap { $0.refusals(reading: true, [.create, .update, .delete, .restore, .purge]) }
        // A view has no writes, which by themselves would be 405.
        let views = entities.contains { $0.entity.isReadOnly } ? [405] : []
        var request: JSONObject = ["schema": .reference("schemas", "Batch.Request")]
        var answer: JSONObject = ["schema": .reference("schemas", "Batch.Answer")]
        if let example {
            request.append("example", example.request)
            answer.append("example", example.answer)
        }
        return .init(
            name: "/v1/batch",
            value: [
                "post": [
                    "operationId": "batch", "summary": "Operations together, or none", "tags": ["batch"],
                    "parameters": [.reference("parameters", "IdempotencyKey")],
                    "description": .string(
                        "They run in their order in one transaction; the first that fails undoes all, and its index stands in the problem. "
                            + "{\"$ref\":\"0.data.Field\"} within a body stands for a value of an earlier answer."),
                    "requestBody": ["required": true, "content": ["application/json": .object(request)]],
                    "responses": .object(
                        JSONObject(
                            [
                                .init(
                                    name: "200",
                                    value: [
                                        "description": "Every operation is done.",
                                        "headers": OpenAPIComponents.headers([
                                            ("Vary", "Vary"), ("Idempotency-Replayed", "IdempotencyReplayed"),
                                        ]),
                                        "content": ["application/json": .object(answer)],
                                    ])
                            ]
                                + OpenAPIProblem.references(
                                    OpenAPIProblem.anywhere + OpenAPIProblem.withBody + [404, 406, 409, 412, 422, 507] + refusals + views))),
                ]
            ])
    }

    let schemas: [JSONObject.Member] = [
        .init(
            name: "Batch.Request",
            value: [
                "type": "object", "required": ["operations"], "additionalProperties": false,
                "properties": [
                    "operations": [
                        "type": "array", "minItems": 1, "maxItems": .number(String(RecordStore.maximumBatch)),
                        "items": .reference("schemas", "Batch.Operation"),
                    ]
                ],
            ]),
        .init(
            name: "Batch.Operation",
            value: [
                "type": "object", "required": ["method", "path"], "additionalProperties": false,
                "properties": [
                    "method": ["type": "string", "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]],
                    "path": [
                        "type": "string", "pattern": "^/v1/[^/]+(/[^/]+(/restore)?)?$",
                        "description": "Of records: as by itself, without a query but purge.",
                    ],
                    "body": ["description": "What the same request would have by itself; a reference may stand anywhere in it."],
                    "headers": [
                        "type": "object", "additionalProperties": false,
                        "properties": [
                            "If-Match": ["type": "string"], "If-None-Match": ["type": "string"], "Prefer": ["type": "string"],
                        ],
                    ],
                ],
            ]),
        .init(
            name: "Batch.Answer",
            value: [
                "type": "object", "required": ["data"],
                "properties": [
                    "data": [
                        "type": "array",
                        "items": [
                            "type": "object", "required": ["status", "data"],
                            "properties": [
                                "status": ["type": "integer", "enum": [200, 201, 204]],
                                "data": ["type": ["object", "null"], "description": "The record; null where there is none to tell."],
                            ],
                        ],
                    ]
                ],
            ]),
    ]

    /// One record made, of an entity that refers to no other.
    private var example: (request: JSONValue, answer: JSONValue)? {
        for entity in entities where entity.entity.references.isEmpty {
            let examples = JSONObject(entity.examples)
            guard case .object(let input)? = examples[entity.component("input")], let body = input["value"],
                case .object(let record)? = examples[entity.component("record")], case .object(let answer)? = record["value"],
                let data = answer["data"]
            else { continue }
            return (
                ["operations": [["method": "POST", "path": .string(entity.path), "body": body]]], ["data": [["status": 201, "data": data]]]
            )
        }
        return nil
    }
}
