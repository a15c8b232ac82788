/// Why a text is not the canonical form of a schema.
package struct CanonicalSchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `entities[2].fields[0].type`
    package var path: String
    package var reason: String

    package var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// The members of one object of the canonical form, read by name. A member that is not there has its default: older versions wrote fewer.
struct CanonicalMembers {
    let path: String
    private let object: JSONObject

    /// - Parameter known: every member that there can be. Another one was written by a newer version, and would be lost.
    init(_ json: JSONValue, at path: String, known: Set<String>) throws(CanonicalSchemaError) {
        guard case .object(let object) = json else { throw CanonicalSchemaError(path: path, reason: "is \(json.kind), not an object") }
        self.path = path
        self.object = object
        if let other = object.members.first(where: { !known.contains($0.name) }) {
            throw CanonicalSchemaError(path: path, reason: "has «\(other.name.lineExcerpt)», which this version does not know")
        }
    }

    func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func error(_ name: String, _ reason: String) -> CanonicalSchemaError {
        CanonicalSchemaError(path: place(name), reason: reason)
    }

    /// Nil when the member is null or is not there.
    subscript(_ name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    func optionalText(_ name: String) throws(CanonicalSchemaError) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { throw error(name, "is \(value.kind), not a string") }
        return text
    }

    func text(_ name: String) throws(CanonicalSchemaError) -> String {
        guard let text = try optionalText(name) else { throw error(name, "is missing") }
        return text
    }

    func flag(_ name: String) throws(CanonicalSchemaError) -> Bool {
        guard let value = self[name] else { return false }
        guard case .bool(let flag) = value else { throw error(name, "is \(value.kind), not a boolean") }
        return flag
    }

    func integer(_ name: String) throws(CanonicalSchemaError) -> Int? {
        guard let value = self[name] else { return nil }
        guard case .number(let digits) = value, let number = Int(digits) else { throw error(name, "is not a whole number") }
        return number
    }

    func list(_ name: String) throws(CanonicalSchemaError) -> [JSONValue] {
        guard let value = self[name] else { return [] }
        guard case .array(let elements) = value else { throw error(name, "is \(value.kind), not an array") }
        return elements
    }

    func texts(_ name: String) throws(CanonicalSchemaError) -> [String] {
        var texts: [String] = []
        for element in try list(name) {
            guard case .string(let text) = element else { throw error(name, "holds \(element.kind), not a string") }
            texts.append(text)
        }
        return texts
    }
}
