import SeaworthySchema

/// As much of JSON Schema 2020-12 as the schema file's own document uses, to hold files against it.
struct JSONSchemaCheck {
    let root: JSONValue

    /// The keywords met that this check does not know; it must stay empty, or a check would pass unseen.
    private static let known: Set<String> = [
        "$schema", "title", "description", "$defs", "$ref", "type", "properties", "required", "additionalProperties", "propertyNames",
        "minProperties", "items", "minItems", "minimum", "maximum", "minLength", "maxLength", "pattern", "enum", "const", "anyOf", "not",
    ]

    func accepts(_ value: JSONValue) -> Bool { accepts(value, root) }

    private func accepts(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        if case .bool(let flag) = schema { return flag }
        guard case .object(let object) = schema else { return false }
        return object.members.allSatisfy { Self.known.contains($0.name) && holds($0.name, $0.value, value, object) }
    }

    private func holds(_ keyword: String, _ rule: JSONValue, _ value: JSONValue, _ schema: JSONObject) -> Bool {
        switch (keyword, rule, value) {
        case ("$ref", .string(let path), _):
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            guard case .object(let root) = root, case .object(let definitions) = root["$defs"], let definition = definitions[name] else {
                return false
            }
            return accepts(value, definition)
        case ("type", .string(let type), _): return isType(value, type)
        case ("type", .array(let types), _): return types.contains { if case .string(let type) = $0 { isType(value, type) } else { false } }
        case ("properties", .object(let properties), .object(let object)):
            return object.members.allSatisfy { member in properties[member.name].map { accepts(member.value, $0) } ?? true }
        case ("required", .array(let names), .object(let object)):
            return names.allSatisfy { if case .string(let name) = $0 { object[name] != nil } else { false } }
        case ("additionalProperties", _, .object(let object)):
            guard case .object(let properties) = schema["properties"] ?? [:] else { return false }
            return object.members.allSatisfy { properties[$0.name] != nil || accepts($0.value, rule) }
        case ("propertyNames", _, .object(let object)): return object.members.allSatisfy { accepts(.string($0.name), rule) }
        case ("minProperties", .number(let count), .object(let object)): return object.members.count >= Int(count) ?? 0
        case ("items", _, .array(let elements)): return elements.allSatisfy { accepts($0, rule) }
        case ("minItems", .number(let count), .array(let elements)): return elements.count >= Int(count) ?? 0
        case ("minimum", .number(let bound), .number(let number)): return Double(number) ?? 0 >= Double(bound) ?? 0
        case ("maximum", .number(let bound), .number(let number)): return Double(number) ?? 0 <= Double(bound) ?? 0
        case ("minLength", .number(let count), .string(let text)): return text.unicodeScalars.count >= Int(count) ?? 0
        case ("maxLength", .number(let count), .string(let text)): return text.unicodeScalars.count <= Int(count) ?? 0
        case ("pattern", .string(let pattern), .string(let text)): return (try? Pattern(pattern).matches(text)) ?? false
        case ("enum", .array(let values), _): return values.contains(value)
        case ("const", _, _): return value == rule
        case ("anyOf", .array(let schemas), _): return schemas.contains { accepts(value, $0) }
        case ("not", _, _): return !accepts(value, rule)
        default: return true
        }
    }

    private func isType(_ value: JSONValue, _ type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let digits): type == "number" || (type == "integer" && Int(digits) != nil)
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
