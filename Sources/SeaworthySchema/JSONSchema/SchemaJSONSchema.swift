/// The language of the schema file as JSON Schema 2020-12, for editors: made from the same tables that the parser reads by.
///
/// What this version refuses is left out, so an editor refuses it too.
package enum SchemaJSONSchema {
    package static let document: JSONValue = {
        guard case .object(var root) = object(.document) else { return .null }
        root.members.insert(contentsOf: head, at: 0)
        let definitions = SchemaSection.allCases.filter { $0 != .document }.map { section in
            JSONObject.Member(name: section.rawValue, value: object(section))
        }
        root.append("$defs", .object(JSONObject(definitions + [JSONObject.Member(name: "filter", value: filter)])))
        return .object(root)
    }()

    private static let head: [JSONObject.Member] = [
        JSONObject.Member(name: "$schema", value: "https://json-schema.org/draft/2020-12/schema"),
        JSONObject.Member(name: "title", value: "seaworthy.yaml"),
    ]

    private static let filter: JSONValue = [
        "type": "object", "minProperties": 1, "description": "A condition on one record, as docs/schema.md describes it.",
    ]

    private static func object(_ section: SchemaSection) -> JSONValue {
        let keys = section.keys.filter(\.isSupported)
        var properties = JSONObject()
        for key in keys { properties.append(key.name, described(schema(of: key), key)) }
        var object: JSONObject = ["type": "object", "properties": .object(properties), "additionalProperties": false]
        let required = keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { object.append("required", .array(required)) }
        if section == .field { object.append("anyOf", [["required": ["type"]], ["required": ["references"]]]) }
        return .object(object)
    }

    private static func described(_ schema: JSONValue, _ key: SchemaKey) -> JSONValue {
        guard case .object(var object) = schema else { return schema }
        object.append("description", .string(key.absent.isEmpty ? key.meaning : "\(key.meaning) Without it: \(key.absent)."))
        return .object(object)
    }

    private static func schema(of key: SchemaKey) -> JSONValue {
        switch key.shape {
        case .anything: [:]
        case .text: text
        case .boolean: ["type": "boolean"]
        case .integer(let range): ["type": "integer", "minimum": number(range.lowerBound), "maximum": number(range.upperBound)]
        case .word(let words): ["enum": .array(words.map { .string($0) })]
        case .names: ["anyOf": [text, texts(atLeast: 1)]]
        case .nameList: texts(atLeast: 0)
        case .texts: texts(atLeast: 1)
        case .nameLists: ["type": "array", "items": texts(atLeast: 1)]
        case .section(let section): reference(section.rawValue)
        case .named(let section):
            [
                "type": "object", "minProperties": number(key.isRequired ? 1 : 0), "propertyNames": names(of: section),
                "additionalProperties": reference(section.rawValue),
            ]
        case .namedWords(let words):
            [
                "type": "object", "propertyNames": ["pattern": memberPattern],
                "additionalProperties": ["enum": .array(words.map { .string($0) })],
            ]
        case .filters: ["type": "object", "propertyNames": ["pattern": memberPattern], "additionalProperties": reference("filter")]
        case .rule: ["anyOf": [["type": "boolean"], reference("filter")]]
        case .flagOr(let section): ["anyOf": [["type": "boolean"], reference(section.rawValue)]]
        case .duration: duration
        case .durationOr(_, let section): ["anyOf": [duration, reference(section.rawValue)]]
        case .rate: rate
        case .rateOr(let section): ["anyOf": [rate, reference(section.rawValue)]]
        case .namedRates(let section):
            [
                "type": "object", "propertyNames": ["pattern": .string(NameRules.rolePattern)],
                "additionalProperties": ["anyOf": [rate, reference(section.rawValue)]],
            ]
        case .bound: ["type": ["number", "string"]]
        case .entityOr(let section): ["anyOf": [text, reference(section.rawValue)]]
        }
    }

    private static let duration: JSONValue = ["type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"]
    private static let rate: JSONValue = ["type": "string", "pattern": "^([1-9][0-9]{0,6}/([1-9][0-9]{0,4})?[smhd]|none)$"]
    private static let text: JSONValue = ["type": "string", "minLength": 1]
    private static let memberPattern: JSONValue = "^[A-Za-z_][A-Za-z0-9_]*$"

    private static func names(of section: SchemaSection) -> JSONValue {
        let longest = number(NameRules.longestName)
        return switch section {
        case .entity: ["pattern": "^[A-Za-z][A-Za-z0-9]*$", "maxLength": longest]
        case .provider: ["pattern": "^[a-z0-9-]+$", "maxLength": longest]
        case .role: ["pattern": .string(NameRules.rolePattern), "maxLength": longest, "not": ["const": .string(RoleAccess.admin)]]
        default:
            ["pattern": memberPattern, "maxLength": longest, "not": ["enum": .array(NameRules.reservedNames.map { .string($0) })]]
        }
    }

    private static func texts(atLeast count: Int) -> JSONValue {
        ["type": "array", "items": ["type": "string"], "minItems": number(count)]
    }

    private static func reference(_ definition: String) -> JSONValue {
        ["$ref": .string("#/$defs/\(definition)")]
    }

    private static func number(_ value: Int) -> JSONValue { .number(String(value)) }
}
