import SeaworthySchema

/// Holds JSON to the part of JSON Schema (2020-12) that the OpenAPI document uses.
///
/// Stricter than the standard in one thing: where a schema names members, every member has to be named.
struct SchemaCheck {
    let document: JSONValue

    /// What is wrong with a value, by its place in the answer.
    func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "", isWhole: Bool = true) -> [String] {
        guard case .object(let rules) = resolved(schema) else { return schema == .bool(false) ? ["\(place): nothing may be here"] : [] }
        var problems: [String] = []
        func report(_ text: String) { problems.append("\(place.isEmpty ? "/" : place): \(text)") }
        if let type = rules["type"], !types(type).contains(where: { isOf($0, value) }) {
            report("is \(value.kind), not \(type.compactText)")
            return problems
        }
        if case .array(let allowed)? = rules["enum"], !allowed.contains(value) { report("\(value.compactText) is not in the enum") }
        if case .array(let alternatives)? = rules["anyOf"] {
            let found = alternatives.map { self.problems(value, $0, at: place) }
            if !found.contains(where: \.isEmpty) { report("none of anyOf: \(found.joined().joined(separator: "; "))") }
        }
        if case .array(let parts)? = rules["allOf"] {
            for part in parts { problems += self.problems(value, part, at: place, isWhole: false) }
        }
        switch value {
        case .object(let object): problems += members(of: object, rules, at: place, isWhole: isWhole)
        case .array(let elements):
            if let items = rules["items"] {
                for (index, element) in elements.enumerated() { problems += self.problems(element, items, at: "\(place)/\(index)") }
            }
        case .string(let text):
            if case .string(let source)? = rules["pattern"], let pattern = try? Pattern(source), !pattern.matches(text) {
                report("«\(text)» does not match \(source)")
            }
        case .number(let digits):
            if let number = Double(digits), let least = bound(rules["minimum"]), number < least { report("\(digits) is below \(least)") }
            if let number = Double(digits), let most = bound(rules["maximum"]), number > most { report("\(digits) is above \(most)") }
        case .null, .bool: break
        }
        return problems
    }

    private func members(of object: JSONObject, _ rules: JSONObject, at place: String, isWhole: Bool) -> [String] {
        var problems: [String] = []
        if case .array(let required)? = rules["required"] {
            for case .string(let name) in required where object[name] == nil { problems.append("\(place)/\(name): is missing") }
        }
        let known = names(.object(rules))
        for member in object.members {
            if case .object(let properties)? = rules["properties"], let schema = properties[member.name] {
                problems += self.problems(member.value, schema, at: "\(place)/\(member.name)")
            } else if let rest = rules["additionalProperties"], rest != .bool(true) {
                problems += self.problems(member.value, rest, at: "\(place)/\(member.name)")
            } else if isWhole, !known.isEmpty, !known.contains(member.name) {
                problems.append("\(place)/\(member.name): is not in the document")
            }
        }
        return problems
    }

    /// The members that a schema and what it is composed of name.
    private func names(_ schema: JSONValue) -> Set<String> {
        guard case .object(let rules) = resolved(schema) else { return [] }
        var names: Set<String> = []
        if case .object(let properties)? = rules["properties"] { names.formUnion(properties.members.map(\.name)) }
        if case .array(let parts)? = rules["allOf"] { for part in parts { names.formUnion(self.names(part)) } }
        return names
    }

    /// What a `$ref` leads to, with what stands beside it.
    func resolved(_ value: JSONValue) -> JSONValue {
        guard case .object(let object) = value, case .string(let reference)? = object["$ref"] else { return value }
        var target = document
        for step in reference.dropFirst(2).split(separator: "/") {
            guard case .object(let next) = target, let member = next[String(step)] else { return .bool(false) }
            target = member
        }
        return resolved(target)
    }

    private func types(_ type: JSONValue) -> [String] {
        switch type {
        case .string(let name): [name]
        case .array(let names): names.compactMap { if case .string(let name) = $0 { name } else { nil } }
        default: []
        }
    }

    private func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object), ("number", .number): true
        case ("integer", .number(let digits)): Double(digits).map { $0 == $0.rounded() } ?? false
        default: false
        }
    }

    private func bound(_ value: JSONValue?) -> Double? {
        if case .number(let digits)? = value { Double(digits) } else { nil }
    }
}
