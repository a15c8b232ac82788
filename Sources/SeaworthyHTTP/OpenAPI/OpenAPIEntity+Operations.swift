import SeaworthyData
import SeaworthySchema

extension OpenAPIEntity {
    /// Every operation that the entity's paths take. One that no role may do is there, too, and says so: the paths answer it by a
    /// refusal, and not by 405.
    var paths: [JSONObject.Member] {
        var collection: JSONObject = ["get": records.isOffered(.read) ? list : refused("list", reading: true, [.read])]
        var record: JSONObject = [
            "parameters": [.reference("parameters", component("key"))],
            "get": records.isOffered(.read) ? read : refused("read", reading: true, [.read]),
        ]
        if !entity.isReadOnly {
            let (creates, updates) = (records.isOffered(.create), records.isOffered(.update))
            collection.append("post", creates ? create : refused("create", [.create], hasBody: true))
            record.append("put", creates || updates ? put : refused("put", reading: true, [.update], hasBody: true))
            record.append("patch", updates ? update : refused("update", reading: true, [.update], hasBody: true))
            record.append("delete", records.isOffered(.delete) ? delete : refused("delete", reading: true, [.delete]))
        }
        var paths: [JSONObject.Member] = [
            .init(name: path, value: .object(collection)),
            .init(
                name: path + "/query",
                value: ["post": records.isOffered(.read) ? query : refused("query", reading: true, [.read], hasBody: true)]),
            .init(
                name: path + "/aggregate",
                value: ["get": records.isOffered(.read) ? aggregate : refused("aggregate", reading: true, [.read])]),
            .init(name: path + "/{key}", value: .object(record)),
        ]
        if !entity.isReadOnly {
            let post = records.isOffered(.create) ? importRows : refused("import", [.create], hasBody: true)
            paths.append(.init(name: path + "/import", value: ["post": post]))
        }
        func below(_ name: String, _ method: String, _ operation: JSONValue) {
            let item: JSONObject = ["parameters": [.reference("parameters", component("key"))]]
            paths.append(
                .init(name: "\(path)/{key}/\(name)", value: .object(JSONObject(item.members + [.init(name: method, value: operation)]))))
        }
        if entity.audit != nil {
            below("history", "get", records.isOffered(.history) ? history : refused("history", reading: true, [.history]))
        }
        if entity.hasSoftDelete, !entity.isReadOnly {
            below("restore", "post", records.isOffered(.restore) ? restore : refused("restore", reading: true, [.restore]))
        }
        return paths
    }

    // MARK: Reading

    private var list: JSONValue {
        let text: JSONValue = ["schema": ["type": "string"]]
        let content: JSONObject = [
            "application/json": media(schema("Page"), example: "page"), "text/csv": text, "application/x-ndjson": text,
        ]
        let page: JSONValue = [
            "description": "The page; as CSV or NDJSON and without limit the whole list.",
            "headers": OpenAPIComponents.headers([("Link", "Link"), ("Vary", "Vary")]), "content": .object(content),
        ]
        return operation(
            "list", "A page of records", nil,
            [
                "parameters": .array(listParameters + [.reference("parameters", "csv")]),
                "responses": responses(
                    [.init(name: "200", value: page)], [406] + refusals(reading: true, entity.hasSoftDelete ? [.delete] : [])),
            ])
    }

    private var query: JSONValue {
        operation(
            "query", "A page of records, the query in the body", nil,
            [
                "requestBody": body([("application/json", schema("Query"))], example: "query"),
                "responses": responses(
                    [answer(200, "The page.", schema("Page"), headers: [("Vary", "Vary")], example: "page")],
                    OpenAPIProblem.withBody + [406] + refusals(reading: true, entity.hasSoftDelete ? [.delete] : [])),
            ])
    }

    private var read: JSONValue {
        let body: JSONValue = [
            "type": "object", "required": ["data"], "properties": ["data": schema(), "meta": .reference("schemas", "Record.Meta")],
        ]
        let notModified = JSONObject.Member(
            name: "304",
            value: [
                "description": "The record is one that If-None-Match names.",
                "headers": OpenAPIComponents.headers([("ETag", "ETag"), ("Vary", "Vary")]),
            ])
        return operation(
            "read", "One record", "Or 304, when its entity tag is among those of If-None-Match.",
            [
                "parameters": .array(recordParameters + [.reference("parameters", "IfNoneMatchRead")]),
                "responses": responses(
                    [answer(200, "The record.", body, headers: [("ETag", "ETag"), ("Vary", "Vary")], example: "record"), notModified],
                    [404, 406] + refusals(reading: true, entity.hasSoftDelete ? [.delete] : [])),
            ])
    }

    private var history: JSONValue {
        operation(
            "history", "Every change of a record, the newest first", nil,
            [
                "parameters": [.reference("parameters", "limit"), .reference("parameters", "cursor")],
                "responses": responses(
                    [.init(name: "200", value: .reference("responses", "Changes"))], [404, 406] + refusals(reading: true, [.history])),
            ])
    }

    // MARK: Writing

    private var create: JSONValue {
        let nested = allNested.flatMap { $0.refusals(reading: false, [.create]) }
        return operation(
            "create", "Makes a record", nested.isEmpty && self.nested.isEmpty ? nil : "With records of its relations to many, all or none.",
            [
                "parameters": [.reference("parameters", "IdempotencyKey"), .reference("parameters", "Prefer")],
                "requestBody": body([("application/json", input(requiring: required(by: [.create])))], example: "input"),
                "responses": responses(
                    [made],
                    OpenAPIProblem.withBody + [409, 422, 507] + refusals(reading: false, [.create]) + nested),
            ])
    }

    private var put: JSONValue {
        let creates = records.isOffered(.create)
        let required = required(by: [.create, .update], without: entity.key)
        let nested = creates ? allNested.flatMap { $0.refusals(reading: false, [.create]) } : []
        return operation(
            "put", creates ? "Replaces a record, or makes it" : "Replaces a record",
            "What is not named gets its default. What is read-only may stand with its stored value.",
            [
                "parameters": [
                    .reference("parameters", "IfMatch"), .reference("parameters", "IfNoneMatch"), .reference("parameters", "Prefer"),
                ],
                "requestBody": body([("application/json", input(requiring: required))], example: "input"),
                "responses": responses(
                    [written] + (creates ? [made] : []) + [minimal],
                    OpenAPIProblem.withBody + [404, 409, 412, 422, 507] + refusals(reading: true, [.create, .update]) + nested),
            ])
    }

    private var update: JSONValue {
        let patch = schema("Patch")
        return operation(
            "update", "Changes fields of a record", "A JSON Merge Patch (RFC 7396); {\"$increment\":1} adds to a number.",
            [
                "parameters": [
                    .reference("parameters", "IfMatch"), .reference("parameters", "IfNoneMatch"), .reference("parameters", "Prefer"),
                ],
                "requestBody": body([("application/merge-patch+json", patch), ("application/json", patch)], example: "patch"),
                "responses": responses(
                    [written, minimal],
                    OpenAPIProblem.withBody + [404, 409, 412, 422, 507] + refusals(reading: true, [.update])),
            ])
    }

    private var delete: JSONValue {
        let purges = entity.hasSoftDelete ? [JSONValue.reference("parameters", "purge")] : []
        return operation(
            "delete", "Deletes a record", entity.hasSoftDelete ? "It stays and can be restored, until it is purged." : nil,
            [
                "parameters": .array(purges + [.reference("parameters", "IfMatch"), .reference("parameters", "IfNoneMatch")]),
                "responses": responses(
                    [.init(name: "204", value: .reference("responses", "Deleted"))],
                    [404, 409, 412, 507] + refusals(reading: true, [.delete] + (entity.hasSoftDelete ? [.purge] : []))),
            ])
    }

    private var restore: JSONValue {
        operation(
            "restore", "Brings a deleted record back", "What was deleted along with it stays deleted.",
            [
                "parameters": [
                    .reference("parameters", "IfMatch"), .reference("parameters", "IfNoneMatch"), .reference("parameters", "Prefer"),
                ],
                "responses": responses(
                    [written, minimal], [404, 409, 412, 507] + refusals(reading: true, [.restore])),
            ])
    }

    /// What a path takes, and no role of the schema may do.
    private func refused(_ verb: String, reading: Bool = false, _ operations: [Operation], hasBody: Bool = false) -> JSONValue {
        var members = JSONObject()
        if hasBody { members.append("requestBody", body([("application/json", ["type": "object"])], example: nil)) }
        let isRead = ["list", "query", "aggregate", "read", "history"].contains(verb)
        let statuses = refusals(reading: reading, operations) + (hasBody ? OpenAPIProblem.withBody : []) + (isRead ? [406] : [])
        members.append("responses", responses([], statuses))
        return operation(verb, "Refused", "No role may do this.", members)
    }

    // MARK: Parts

    func operation(_ verb: String, _ summary: String, _ description: String?, _ rest: JSONObject) -> JSONValue {
        var members: JSONObject = ["operationId": .string(verb + name), "summary": .string(summary), "tags": [.string(name)]]
        if let description { members.append("description", .string(description)) }
        members.members += rest.members
        return .object(members)
    }

    func responses(_ successes: [JSONObject.Member], _ problems: [Int]) -> JSONValue {
        .object(JSONObject(successes + OpenAPIProblem.references(OpenAPIProblem.anywhere + problems)))
    }

    func answer(
        _ status: Int, _ description: String, _ schema: JSONValue, headers: [(String, String)], example: String? = nil
    ) -> JSONObject.Member {
        .init(
            name: String(status),
            value: [
                "description": .string(description), "headers": OpenAPIComponents.headers(headers),
                "content": ["application/json": media(schema, example: example)],
            ])
    }

    private var written: JSONObject.Member { .init(name: "200", value: .reference("responses", component("written"))) }

    private var made: JSONObject.Member { .init(name: "201", value: .reference("responses", component("made"))) }

    /// The answers that several operations share.
    var answers: [JSONObject.Member] {
        let (creates, updates) = (records.isOffered(.create), records.isOffered(.update))
        let headers = [("ETag", "ETag"), ("Vary", "Vary")]
        var answers: [JSONObject.Member] = []
        if creates || updates || (entity.hasSoftDelete && records.isOffered(.restore)) {
            let written = answer(200, "The record.", schema("Answer"), headers: headers, example: "record")
            answers.append(.init(name: component("written"), value: written.value))
        }
        if creates {
            let made = answer(
                201, "It is made. With return=minimal there is no body.", schema("Answer"),
                headers: headers + [
                    ("Location", "Location"), ("Preference-Applied", "PreferenceApplied"), ("Idempotency-Replayed", "IdempotencyReplayed"),
                ], example: "record")
            answers.append(.init(name: component("made"), value: made.value))
        }
        return answers
    }

    private var minimal: JSONObject.Member {
        .init(name: "204", value: .reference("responses", "Minimal"))
    }

    private func body(_ types: [(name: String, schema: JSONValue)], example: String?) -> JSONValue {
        [
            "required": true,
            "content": .object(JSONObject(types.map { .init(name: $0.name, value: media($0.schema, example: example)) })),
        ]
    }

    private func media(_ schema: JSONValue, example: String?) -> JSONValue {
        var media: JSONObject = ["schema": schema]
        if let example, examples.contains(where: { $0.name == component(example) }) {
            media.append("examples", .object(JSONObject([.init(name: example, value: .reference("examples", component(example)))])))
        }
        return .object(media)
    }
}
