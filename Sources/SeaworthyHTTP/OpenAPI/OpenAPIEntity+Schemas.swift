import SeaworthyData
import SeaworthySchema

extension OpenAPIEntity {
    /// The entity's schemas by their names among the components.
    var schemas: [JSONObject.Member] {
        var schemas: [JSONObject.Member] = []
        func add(_ kind: String?, _ schema: JSONValue) { schemas.append(.init(name: kind.map(component) ?? name, value: schema)) }
        let (reads, creates, updates) = (records.isOffered(.read), records.isOffered(.create), records.isOffered(.update))
        let restores = entity.hasSoftDelete && records.isOffered(.restore)
        if reads || creates || updates || restores { add(nil, recordSchema) }
        if reads {
            add("Page", pageSchema)
            add("Query", querySchema)
            for pattern in patterns { add(pattern.parameter, pattern.schema) }
        }
        if creates || updates || restores { add("Answer", answerSchema) }
        if creates || updates { add("Input", inputSchema) }
        if updates { add("Patch", patchSchema) }
        return schemas
    }

    // MARK: Answers

    /// A record as it is read. `select` leaves fields out and `include` puts relations in, so that none of them is required here.
    private var recordSchema: JSONValue {
        var properties = JSONObject(fields.map { .init(name: entity.fields[$0].name, value: OpenAPIField(entity, $0).output) })
        for relation in relations where entity.fieldIndex(named: relation.name) == nil {
            let target = other(relation.target)
            let one = target.schema()
            let schema: JSONValue =
                relation.isToMany
                ? ["type": "array", "items": target.isReadableByAll ? one : ["anyOf": [one, ["type": "null"]]]]
                : ["anyOf": [one, ["type": "null"]]]
            properties.append(relation.name, schema)
        }
        return [
            "type": "object", "description": .string(entity.description ?? "A record of \(name)."), "properties": .object(properties),
        ]
    }

    private var pageSchema: JSONValue {
        [
            "type": "object", "required": ["data", "meta"],
            "properties": ["data": ["type": "array", "items": schema()], "meta": .reference("schemas", "Page.Meta")],
        ]
    }

    /// What a write answers with: the record whole.
    private var answerSchema: JSONValue {
        let always = fields.filter(isSentToAll).map { JSONValue.string(entity.fields[$0].name) }
        let whole: JSONValue = always.isEmpty ? schema() : ["allOf": [schema(), ["required": .array(always)]]]
        return [
            "type": "object", "required": ["data"],
            "properties": ["data": isReadableByAll ? whole : ["anyOf": [whole, ["type": "null"]]]],
        ]
    }

    // MARK: Requests

    /// The parameters of a list as members of a body.
    private var querySchema: JSONValue {
        var properties = JSONObject()
        for pattern in patterns {
            let one = schema(pattern.parameter)
            properties.append(pattern.parameter, ["anyOf": [one, ["type": "array", "minItems": 1, "items": one], ["type": "null"]]])
        }
        for parameter in listParameters {
            guard case .object(let object) = parameter, case .string(let reference)? = object["$ref"] else { continue }
            // Those of the entity's own have a dot, and stand above.
            let name = String(reference.split(separator: "/").last ?? "")
            if !name.contains(".") { properties.append(name, .reference("schemas", "Query.\(name)")) }
        }
        return ["type": "object", "additionalProperties": false, "properties": .object(properties)]
    }

    /// The members that POST, PUT and a list within another record take; which of them must stand differs.
    private var inputSchema: JSONValue {
        var properties = JSONObject(
            fields.map { index in
                let field = OpenAPIField(entity, index)
                let isTaken = !entity.fields[index].isGenerated && isSettable(index, by: [.create, .update])
                return .init(name: entity.fields[index].name, value: isTaken ? field.input : field.readOnly)
            })
        for relation in nested {
            let target = other(relation.target)
            properties.append(
                relation.name,
                [
                    "type": "array", "maxItems": .number(String(RecordCollection.maximumNested)),
                    "description": "Made along with the record, up to three levels deep; a PUT takes it only where it makes the record.",
                    "items": target.input(requiring: target.required(by: [.create], without: relation.targetFields)),
                ])
        }
        return ["type": "object", "additionalProperties": false, "properties": .object(properties)]
    }

    /// The input schema with what must stand.
    func input(requiring names: [String]) -> JSONValue {
        names.isEmpty ? schema("Input") : ["allOf": [schema("Input"), ["required": .array(names.map(JSONValue.string))]]]
    }

    /// The fields that must be given.
    func required(by operations: [Operation], without given: [Int] = []) -> [String] {
        fields.filter { OpenAPIField(entity, $0).mustBeGiven && isSettable($0, by: operations) && !given.contains($0) }
            .map { entity.fields[$0].name }
    }

    private var patchSchema: JSONValue {
        var properties = JSONObject()
        for index in fields {
            let field = OpenAPIField(entity, index)
            if entity.key.contains(index) {
                properties.append(entity.fields[index].name, field.readOnly)
            } else if isSettable(index, by: [.update]), !entity.fields[index].isGenerated {
                properties.append(entity.fields[index].name, field.change)
            }
        }
        return ["type": "object", "additionalProperties": false, "properties": .object(properties)]
    }
}
