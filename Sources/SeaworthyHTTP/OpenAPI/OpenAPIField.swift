import SeaworthySchema

/// The JSON Schema (2020-12) of one field, as it is sent and as it is taken.
struct OpenAPIField {
    private let field: Field
    private let isKey: Bool

    init(_ entity: Entity, _ index: Int) {
        field = entity.fields[index]
        isKey = entity.key.contains(index)
    }

    private var isNullable: Bool { !field.isRequired && !isKey }

    /// Whether a create that does not name it is refused.
    var mustBeGiven: Bool {
        (field.isRequired || isKey) && !field.isGenerated && field.defaultValue == nil
    }

    // MARK: Forms

    var output: JSONValue { finished(Self.output(of: field.type)) }

    /// What a client may send back as it is, and not change.
    var readOnly: JSONValue {
        var schema = Self.output(of: field.type)
        schema.append("readOnly", true)
        return finished(schema)
    }

    var input: JSONValue {
        var schema = bounded
        if case .value(let value)? = field.defaultValue { schema.append("default", field.type.json(value)) }
        return finished(schema)
    }

    /// In a merge patch: a value, or for a number what is added to it.
    var change: JSONValue {
        let increment: String
        switch field.type {
        case .integer: increment = "Increment.Integer"
        case .double: increment = "Increment.Number"
        case .decimal, .bigint: increment = "Increment.Text"
        default: return finished(bounded)
        }
        let step = JSONValue.reference("schemas", increment)
        // What the schema says of itself already, like the alternatives of a decimal, stays together.
        var alternatives: [JSONValue] = [.object(bounded), step]
        if isNullable { alternatives.append(["type": "null"]) }
        return described(["anyOf": .array(alternatives)])
    }

    /// As a part of the key in a path.
    var path: JSONObject {
        var schema = bounded
        switch field.type {
        case .bigint: return ["type": "integer", "minimum": Self.smallest64, "maximum": Self.largest64]
        case .string, .text, .email, .url, .enum:
            if field.minLength ?? 0 < 1 { schema.replace("minLength", 1) }
            if schema["maxLength"] == nil { schema.replace("maxLength", 2048) }
        case .decimal: if case .array(let forms)? = schema["anyOf"], case .object(let text)? = forms.first { return text }
        default: break
        }
        return schema
    }

    // MARK: Parts

    private func finished(_ schema: JSONObject) -> JSONValue { described(nullable(schema)) }

    private func described(_ schema: JSONObject) -> JSONValue {
        guard let description = field.description else { return .object(schema) }
        var schema = schema
        schema.replace("description", .string(description))
        return .object(schema)
    }

    private func nullable(_ schema: JSONObject) -> JSONObject {
        guard isNullable else { return schema }
        var schema = schema
        if case .string(let type)? = schema["type"] { schema.replace("type", [.string(type), "null"]) }
        if case .array(let values)? = schema["enum"] { schema.replace("enum", .array(values + [nil])) }
        if case .array(let values)? = schema["anyOf"] { schema.replace("anyOf", .array(values + [["type": "null"]])) }
        return schema
    }

    /// The type with the field's own bounds.
    private var bounded: JSONObject {
        var schema = Self.input(of: field)
        switch field.type {
        case .array:
            if let length = field.minLength { schema.append("minItems", .number(String(length))) }
            if let length = field.maxLength { schema.append("maxItems", .number(String(length))) }
        case .bytes:
            // Four characters for three bytes, the last ones padded.
            if let length = field.minLength { schema.append("minLength", .number(String((length + 2) / 3 * 4))) }
            if let length = field.maxLength { schema.append("maxLength", .number(String((length + 2) / 3 * 4))) }
        case .string, .text, .email, .url:
            if let length = field.minLength { schema.append("minLength", .number(String(length))) }
            if let length = field.maxLength { schema.append("maxLength", .number(String(length))) }
            if let pattern = field.pattern { schema.replace("pattern", .string(pattern.source)) }
        case .integer, .double:
            if let value = field.minimum { schema.replace("minimum", field.type.json(value)) }
            if let value = field.maximum { schema.replace("maximum", field.type.json(value)) }
        default: break
        }
        return schema
    }

    // MARK: Types

    private static let smallest64 = JSONValue.number(String(Int64.min))
    private static let largest64 = JSONValue.number(String(Int64.max))
    private static let integer: JSONObject = [
        "type": "integer", "minimum": .number(String(-FieldType.largestInteger)), "maximum": .number(String(FieldType.largestInteger)),
    ]
    private static let base64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
    static let timestamp =
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?([Zz]|[+-][0-2][0-9]:[0-5][0-9])$"
    /// U+0000 is in no text.
    static let text = "^[^\\u0000]*$"

    private static func output(of type: FieldType) -> JSONObject {
        switch type {
        case .string, .text: ["type": "string"]
        case .email: ["type": "string", "format": "email"]
        case .url: ["type": "string", "format": "uri"]
        case .integer: integer
        case .bigint: ["type": "string", "pattern": "^-?[0-9]{1,19}$"]
        case .double: ["type": "number"]
        case .decimal(let precision, let scale):
            ["type": "string", "pattern": .string(decimal(precision, scale, isNegative: true, isExact: true))]
        case .boolean: ["type": "boolean"]
        case .date: ["type": "string", "format": "date"]
        case .timestamp: ["type": "string", "format": "date-time"]
        case .uuid: ["type": "string", "format": "uuid"]
        case .enum(let values): ["type": "string", "enum": .array(values.map(JSONValue.string))]
        case .json: [:]
        case .array(let element): ["type": "array", "items": .object(output(of: element))]
        case .bytes: ["type": "string", "contentEncoding": "base64"]
        }
    }

    private static func input(of field: Field) -> JSONObject {
        switch field.type {
        case .bigint:
            return [
                "anyOf": [
                    ["type": "string", "pattern": "^-?([0-9]{1,18}|[1-8][0-9]{18}|9[01][0-9]{17}|92[01][0-9]{16}|922[0-2][0-9]{15})$"],
                    [
                        "type": "integer", "minimum": field.minimum.map(field.type.number) ?? smallest64,
                        "maximum": field.maximum.map(field.type.number) ?? largest64,
                    ],
                ]
            ]
        case .decimal(let precision, let scale):
            let isNegative = field.minimum.map { $0.isOrdered(before: .integer(0)) } ?? true
            // Beyond 15 digits a reader's floating-point number would round the bound up to what is refused.
            let nines = { (count: Int) in String(repeating: "9", count: count) }
            let whole = precision == scale ? "0" : nines(precision - scale)
            let bound = scale == 0 || precision > 15 ? whole : "\(whole).\(nines(scale))"
            return [
                "anyOf": [
                    ["type": "string", "pattern": .string(decimal(precision, scale, isNegative: isNegative, isExact: false))],
                    [
                        "type": "number", "minimum": field.minimum.map(field.type.number) ?? .number("-\(bound)"),
                        "maximum": field.maximum.map(field.type.number) ?? .number(bound),
                        "multipleOf": .number(scale == 0 ? "1" : "0.\(String(repeating: "0", count: scale - 1))1"),
                    ],
                ]
            ]
        default: return input(of: field.type)
        }
    }

    private static func input(of type: FieldType) -> JSONObject {
        switch type {
        case .string, .text: ["type": "string", "pattern": .string(text)]
        case .email: ["type": "string", "format": "email", "maxLength": 254]
        case .url:
            [
                "type": "string", "format": "uri",
                "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^\\u0000-\\u0020\\u007f/?#:][^\\u0000-\\u0020\\u007f]*$",
            ]
        case .bytes: ["type": "string", "contentEncoding": "base64", "pattern": .string(base64)]
        case .array(let element):
            ["type": "array", "items": .object(input(of: Field(name: "element", column: "element", type: element)))]
        default: output(of: type)
        }
    }

    private static func decimal(_ precision: Int, _ scale: Int, isNegative: Bool, isExact: Bool) -> String {
        let whole = precision == scale ? "0" : "[0-9]{1,\(precision - scale)}"
        let fraction = scale == 0 ? "" : isExact ? "\\.[0-9]{\(scale)}" : "(\\.[0-9]{1,\(scale)})?"
        return "^\(isNegative ? "-?" : "")\(whole)\(fraction)$"
    }
}

extension FieldType {
    /// A value as a JSON number, also where it is sent as text.
    fileprivate func number(_ value: Value) -> JSONValue {
        if case .string(let text) = json(value) { .number(text) } else { json(value) }
    }
}
