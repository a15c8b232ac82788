import SeaworthyData
import SeaworthySchema

/// The paths and schemas of one entity.
struct OpenAPIEntity {
    private let records: RecordCollection
    private let entity: Entity
    private let api: Schema.API
    private let fields: [Field]

    init(_ records: RecordCollection, api: Schema.API) {
        self.records = records
        self.api = api
        entity = records.entity
        fields = records.entity.fields.indices.filter(records.isOffered(field:)).map { records.entity.fields[$0] }
    }

    /// Only what some caller may do: an operation that is always refused tells nothing but names.
    var paths: [(String, JSONValue)] {
        var collection = JSONObject()
        if records.isOffered(.read) { collection.append("get", operation("list", "A page of records", list)) }
        if records.isOffered(.create) { collection.append("post", operation("create", "Makes a record", create)) }
        var record: JSONObject = ["parameters": [keyParameter]]
        if records.isOffered(.read) { record.append("get", operation("read", "One record by its key", read)) }
        if records.isOffered(.update) {
            record.append("patch", operation("update", "Changes a record by a merge patch (RFC 7396)", update))
        }
        if records.isOffered(.delete) { record.append("delete", operation("delete", "Deletes a record", delete)) }
        var paths: [(String, JSONValue)] = []
        if !collection.isEmpty { paths.append(("/v1/\(entity.path)", .object(collection))) }
        if record.members.count > 1 { paths.append(("/v1/\(entity.path)/{key}", .object(record))) }
        return paths
    }

    var schemas: [(String, JSONValue)] {
        var schemas: [(String, JSONValue)] = []
        if records.isOffered(.read) || records.isOffered(.create) { schemas.append((entity.name, recordSchema)) }
        if records.isOffered(.create) { schemas.append(("\(entity.name)Create", inputSchema(isNew: true))) }
        if records.isOffered(.update) { schemas.append(("\(entity.name)Update", inputSchema(isNew: false))) }
        return schemas
    }

    // MARK: Operations

    private func operation(_ verb: String, _ summary: String, _ rest: JSONObject) -> JSONValue {
        var members: JSONObject = ["operationId": .string(verb + entity.name), "summary": .string(summary), "tags": [.string(entity.name)]]
        members.members += rest.members
        return .object(members)
    }

    private func responses(_ success: JSONObject.Member, _ problems: [Int]) -> JSONValue {
        .object(JSONObject([success] + OpenAPIProblem.references(problems)))
    }

    private var reference: JSONValue { ["$ref": .string("#/components/schemas/\(entity.name)")] }

    private func recordAnswer(_ status: Int, _ description: String, mayBeNull: Bool, headers: JSONValue? = nil) -> JSONObject.Member {
        let data: JSONValue = mayBeNull ? ["anyOf": [reference, ["type": "null"]]] : reference
        var answer: JSONObject = [
            "description": .string(description),
            "content": ["application/json": ["schema": ["type": "object", "required": ["data"], "properties": ["data": data]]]],
        ]
        if let headers { answer.append("headers", headers) }
        return .init(name: String(status), value: .object(answer))
    }

    private var list: JSONObject {
        let page: JSONValue = [
            "type": "object", "required": ["data", "meta"],
            "properties": ["data": ["type": "array", "items": reference], "meta": ["$ref": "#/components/schemas/PageMeta"]],
        ]
        let success = JSONObject.Member(
            name: "200",
            value: [
                "description": "The page.", "content": ["application/json": ["schema": page]],
                "headers": ["Link": ["description": "The next page, rel=\"next\" (RFC 8288).", "schema": ["type": "string"]]],
            ])
        return ["parameters": .array(listParameters), "responses": responses(success, [400, 401, 503])]
    }

    private var read: JSONObject {
        [
            "parameters": [parameter("select", "Names of the fields to send, separated by commas.", ["type": "string"])],
            "responses": responses(recordAnswer(200, "The record.", mayBeNull: false), [400, 401, 404, 503]),
        ]
    }

    private var create: JSONObject {
        let headers: JSONValue = ["Location": ["description": "The record's path.", "schema": ["type": "string"]]]
        return [
            "requestBody": body("application/json", "Create"),
            "responses": responses(
                recordAnswer(201, "The record; null when the caller may make it but not see it.", mayBeNull: true, headers: headers),
                [400, 401, 403, 409, 413, 415, 422, 503]),
        ]
    }

    private var update: JSONObject {
        [
            "requestBody": body("application/merge-patch+json", "Update"),
            "responses": responses(
                recordAnswer(200, "The record; null when the caller may no longer see it.", mayBeNull: true),
                [400, 401, 403, 404, 409, 413, 415, 422, 503]),
        ]
    }

    private var delete: JSONObject {
        ["responses": responses(.init(name: "204", value: ["description": "It is deleted."]), [400, 401, 403, 404, 409, 503])]
    }

    private func body(_ type: String, _ suffix: String) -> JSONValue {
        [
            "required": true,
            "content": .object(
                JSONObject([.init(name: type, value: ["schema": ["$ref": .string("#/components/schemas/\(entity.name)\(suffix)")]])])),
        ]
    }

    // MARK: Parameters

    private func parameter(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
    }

    private var keyParameter: JSONValue {
        let names = entity.keyFields.map(\.name).joined(separator: ",")
        return [
            "name": "key", "in": "path", "required": true, "description": .string("The key: \(names), each part percent-encoded."),
            "schema": ["type": "string"],
        ]
    }

    private var listParameters: [JSONValue] {
        var parameters = [
            parameter(
                "filter",
                "A filter in JSON, like {\"\(fields.first?.name ?? "Field")\":{\"isNull\":false}}. Also as filter[Field][operator]=value.",
                ["type": "string"]),
            parameter("sort", "Names of fields, separated by commas; a minus in front sorts descending.", ["type": "string"]),
            parameter("select", "Names of the fields to send, separated by commas.", ["type": "string"]),
            parameter(
                "limit", "Records on the page.",
                ["type": "integer", "minimum": 1, "maximum": .number(String(api.maxPageSize)), "default": .number(String(api.pageSize))]),
            parameter("cursor", "nextCursor of the page before.", ["type": "string"]),
            parameter("page", "The number of the page, instead of a cursor.", ["type": "integer", "minimum": 1, "maximum": 1_000_000]),
            parameter(
                "count", "Whether to count all records: exact with page, otherwise none.",
                ["type": "string", "enum": ["none", "exact", "estimated"]]),
        ]
        if fields.contains(where: { $0.searchWeight != nil }) {
            parameters.append(parameter("search", "Words that all stand in some searched field.", ["type": "string"]))
        }
        return parameters
    }

    // MARK: Schemas

    private var recordSchema: JSONValue {
        .object([
            "type": "object", "description": .string(entity.description ?? "A record of \(entity.name)."),
            "properties": .object(JSONObject(fields.map { .init(name: $0.name, value: OpenAPIField(entity, $0).output) })),
        ])
    }

    private func inputSchema(isNew: Bool) -> JSONValue {
        let writable = fields.filter { field in
            !field.isReadOnly && (isNew ? !field.isGenerated : !entity.keyFields.contains { $0.name == field.name })
        }
        var schema: JSONObject = [
            "type": "object", "additionalProperties": false,
            "properties": .object(JSONObject(writable.map { .init(name: $0.name, value: OpenAPIField(entity, $0).input) })),
        ]
        let required = writable.filter { isNew && OpenAPIField(entity, $0).mustBeGiven }
        if !required.isEmpty { schema.append("required", .array(required.map { .string($0.name) })) }
        return .object(schema)
    }
}
