import SeaworthySchema

/// Members that are no texts. What is missing is nil, and so is what is wrong, of which is told.
extension BodyMembers {
    mutating func texts(_ name: String) -> [String]? {
        guard let value = object[name], value != .null else { return nil }
        guard case .array(let elements) = value else {
            report(name, "wrong_type", "is \(value.kind); expected an array of texts")
            return nil
        }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                report("\(name)/\(index)", "wrong_type", "is \(element.kind); expected a text")
                return nil
            }
            texts.append(text)
        }
        return texts
    }

    mutating func members(_ name: String) -> JSONObject? {
        guard let value = object[name], value != .null else { return nil }
        guard case .object(let members) = value else {
            report(name, "wrong_type", "is \(value.kind); expected an object")
            return nil
        }
        return members
    }

    mutating func flag(_ name: String) -> Bool? {
        guard let value = object[name], value != .null else { return nil }
        guard case .bool(let flag) = value else {
            report(name, "wrong_type", "is \(value.kind); expected true or false")
            return nil
        }
        return flag
    }

    /// Of a merge patch null would take a member away, and these are always there.
    mutating func refuseNulls() {
        for member in object.members where member.value == .null { report(member.name.jsonPointerEscaped, "required", "cannot be null") }
    }
}
