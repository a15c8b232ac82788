import SeaworthyData
import SeaworthySchema

/// An explanation of access as it is printed.
struct AccessExplanationText {
    let explanation: AccessExplanation
    let subject: AccessExplanation.Subject
    let entity: Entity
    let identity: Schema.Identity

    // MARK: For people

    var text: String {
        var lines = ["\(entity.name), for \(name)"]
        lines += facts.map { "  \($0)" }
        for operation in explanation.operations {
            let obstacle = operation.obstacle.map { ", since \($0)" } ?? ""
            lines += ["", "\(operation.name): \(words(operation.extent))\(obstacle)"]
            lines += operation.grants.map { "  \($0.role): \(words($0))" }
        }
        let restricted = explanation.fields.compactMap(words)
        lines += ["", "fields: \(restricted.isEmpty ? "none is hidden or read-only" : "all but these are as the record")"]
        return (lines + restricted.map { "  \($0)" }).joined(separator: "\n")
    }

    private var name: String {
        switch subject {
        case .anyone: "nobody who has signed in"
        case .role(let role): "whoever has the role \(role)"
        case .user(let user): user.email
        }
    }

    /// What is known of whose access it is.
    private var facts: [String] {
        var facts = [
            explanation.roles.isEmpty
                ? "none of their roles is given anything of \(entity.name)" : "roles: \(explanation.roles.joined(separator: ", "))"
        ]
        guard case .user(let user) = subject else { return facts }
        if user.disabledAt != nil { facts.append("disabled: cannot sign in, and so has only what anyone has") }
        facts += known(of: user).map { name, value in "$user.\(name) is \(value?.compactText ?? "not known")" }
        return facts
    }

    /// As rules see them: an address that is not verified is none.
    private func known(of user: User) -> [(name: String, value: JSONValue?)] {
        let caller = user.caller.user
        return [("id", .string(user.id)), ("email", caller?.email.map(JSONValue.string))]
            + identity.attributes.map { attribute in (attribute.name, caller?.attributes[attribute.name].map(attribute.type.json)) }
    }

    private func words(_ extent: AccessExplanation.Extent) -> String {
        switch extent {
        case .never: "never"
        case .sometimes: "on a condition"
        case .always: "always"
        }
    }

    private func words(_ grant: AccessExplanation.Grant) -> String {
        guard let condition = grant.condition else { return words(grant.extent) }
        let written = "when \(condition)"
        guard grant.unknown.isEmpty else {
            return "\(written) — \(grant.unknown.map { "$user.\($0)" }.joined(separator: ", ")) not known, so never"
        }
        return grant.known.map { "\(written) — that is, \($0)" } ?? written
    }

    /// Nil for a field that is seen and set like the record.
    private func words(_ field: AccessExplanation.FieldAccess) -> String? {
        guard !field.hiddenBy.isEmpty || !field.readOnlyBy.isEmpty else { return nil }
        let seen =
            switch field.seen {
            case .never: "never seen"
            case .sometimes: "seen in some records"
            case .always: "seen"
            }
        let operations = [field.isSetByCreate ? "create" : nil, field.isSetByUpdate ? "update" : nil].compactMap(\.self)
        let set = operations.isEmpty ? "never set" : "set by \(operations.joined(separator: " and "))"
        let why = [
            field.hiddenBy.isEmpty ? nil : "hidden by \(field.hiddenBy.joined(separator: ", "))",
            field.readOnlyBy.isEmpty ? nil : "read-only by \(field.readOnlyBy.joined(separator: ", "))",
        ].compactMap(\.self)
        return "\(field.name): \(seen), \(set) (\(why.joined(separator: "; ")))"
    }

    // MARK: For programs

    var json: JSONValue {
        [
            "entity": .string(entity.name), "subject": who, "roles": list(explanation.roles),
            "operations": .array(
                explanation.operations.map { operation in
                    [
                        "operation": .string(operation.name), "allowed": .string(operation.extent.rawValue),
                        "obstacle": text(operation.obstacle), "grants": .array(operation.grants.map(json)),
                    ]
                }),
            "fields": .array(
                explanation.fields.map { field in
                    [
                        "field": .string(field.name), "seen": .string(field.seen.rawValue), "hiddenBy": list(field.hiddenBy),
                        "readOnlyBy": list(field.readOnlyBy), "isSetByCreate": .bool(field.isSetByCreate),
                        "isSetByUpdate": .bool(field.isSetByUpdate),
                    ]
                }),
        ]
    }

    private var who: JSONValue {
        switch subject {
        case .anyone: return ["kind": "anyone"]
        case .role(let role): return ["kind": "role", "role": .string(role)]
        case .user(let user):
            let known = known(of: user).map { JSONObject.Member(name: $0.name, value: $0.value ?? .null) }
            return ["kind": "user", "isDisabled": .bool(user.disabledAt != nil), "known": .object(JSONObject(known))]
        }
    }

    private func json(_ grant: AccessExplanation.Grant) -> JSONValue {
        [
            "role": .string(grant.role), "allowed": .string(grant.extent.rawValue), "condition": text(grant.condition),
            "known": text(grant.known), "notKnown": list(grant.unknown),
        ]
    }

    private func list(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
    private func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
