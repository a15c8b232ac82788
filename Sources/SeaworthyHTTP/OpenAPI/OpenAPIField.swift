import SeaworthySchema

/// The JSON Schema (2020-12) of one field, as it is sent and as it is taken.
struct OpenAPIField {
    private let field: Field
    private let isKey: Bool

    init(_ entity: Entity, _ field: Field) {
        self.field = field
        isKey = entity.keyFields.contains { $0.name == field.name }
    }

    private var isNullable: Bool { !field.isRequired && !isKey }

    /// Whether a create that does not name it is refused.
    var mustBeGiven: Bool {
        (field.isRequired || isKey) && !field.isGenerated && field.defaultValue == nil
    }

    var output: JSONValue { nullable(described(Self.schema(of: field.type, isInput: false))) }

    var input: JSONValue {
        var schema = described(Self.schema(of: field.type, isInput: true))
        let lengths: (minimum: String, maximum: String)
        switch field.type {
        case .array: lengths = ("minItems", "maxItems")
        case .bytes: return nullable(schema)
        default: lengths = ("minLength", "maxLength")
        }
        if let length = field.minLength { schema.append(lengths.minimum, .number(String(length))) }
        if let length = field.maxLength { schema.append(lengths.maximum, .number(String(length))) }
        if let pattern = field.pattern { schema.append("pattern", .string(pattern.source)) }
        if field.type == .integer || field.type == .double {
            if let value = field.minimum { schema.replace("minimum", field.type.json(value)) }
            if let value = field.maximum { schema.replace("maximum", field.type.json(value)) }
        }
        if case .value(let value)? = field.defaultValue { schema.append("default", field.type.json(value)) }
        return nullable(schema)
    }

    private func described(_ schema: JSONObject) -> JSONObject {
        guard let description = field.description else { return schema }
        var schema = schema
        schema.append("description", .string(description))
        return schema
    }

    private func nullable(_ schema: JSONObject) -> JSONValue {
        guard isNullable else { return .object(schema) }
        var schema = schema
        switch schema["type"] {
        case .string(let type)?: schema.replace("type", [.string(type), "null"])
        case .array(let types)?: schema.replace("type", .array(types + ["null"]))
        default: break
        }
        if case .array(let values)? = schema["enum"] { schema.replace("enum", .array(values + [nil])) }
        return .object(schema)
    }

    private static func schema(of type: FieldType, isInput: Bool) -> JSONObject {
        switch type {
        case .string, .text: ["type": "string"]
        case .email: ["type": "string", "format": "email"]
        case .url: ["type": "string", "format": "uri"]
        case .integer: ["type": "integer", "minimum": -9_007_199_254_740_991, "maximum": 9_007_199_254_740_991]
        case .bigint: ["type": isInput ? ["string", "integer"] : "string", "description": "A 64-bit integer."]
        case .double: ["type": "number"]
        case .decimal(let precision, let scale):
            [
                "type": isInput ? ["string", "number"] : "string",
                "description": .string("A decimal of at most \(precision) digits, \(scale) of them after the point."),
            ]
        case .boolean: ["type": "boolean"]
        case .date: ["type": "string", "format": "date"]
        case .timestamp: ["type": "string", "format": "date-time"]
        case .uuid: ["type": "string", "format": "uuid"]
        case .enum(let values): ["type": "string", "enum": .array(values.map(JSONValue.string))]
        case .json: [:]
        case .array(let element): ["type": "array", "items": .object(schema(of: element, isInput: isInput))]
        case .bytes: ["type": "string", "contentEncoding": "base64"]
        }
    }
}

extension JSONObject {
    fileprivate mutating func replace(_ name: String, _ value: JSONValue) {
        if let index = members.firstIndex(where: { $0.name == name }) { members[index].value = value } else { append(name, value) }
    }
}
