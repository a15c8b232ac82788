extension Schema {
    /// The whole model as JSON: equal schemas give the same text, whatever their files look like. It is what is stored and hashed, so
    /// its form only changes together with `format`.
    package var canonicalJSON: JSONValue {
        [
            "format": 1, "name": .string(name),
            "api": ["pageSize": number(api.pageSize), "maxPageSize": number(api.maxPageSize)],
            "entities": .array(entities.map(\.canonicalJSON)),
        ]
    }
}

extension Entity {
    fileprivate var canonicalJSON: JSONValue {
        [
            "name": .string(name), "table": .string(table), "path": .string(path), "description": text(description),
            "key": names(key), "fields": .array(fields.map(\.canonicalJSON)), "references": .array(references.map(json)),
            "checks": .array(checks.map { ["name": .string($0.name), "filter": json($0.filter)] }),
            "indexes": .array(indexes.map(names)), "unique": .array(unique.map(names)), "access": .array(access.roles.map(json)),
            "readOnly": .bool(isReadOnly),
        ]
    }

    private func name(_ field: Int) -> JSONValue { .string(fields[field].name) }

    private func names(_ indexes: [Int]) -> JSONValue { .array(indexes.map(name)) }

    private func json(_ reference: Reference) -> JSONValue {
        [
            "name": .string(reference.name), "inverse": text(reference.inverse), "target": .string(reference.target),
            "fields": names(reference.fields), "onDelete": .string(reference.onDelete.rawValue),
        ]
    }

    private func json(_ role: RoleAccess) -> JSONValue {
        [
            "role": .string(role.role), "read": json(role.read), "create": json(role.create), "update": json(role.update),
            "delete": json(role.delete), "hide": names(role.hidden.sorted()),
        ]
    }

    private func json(_ rule: Rule) -> JSONValue {
        switch rule {
        case .never: false
        case .always: true
        case .when(let filter): json(filter)
        }
    }

    /// One form for every part, with the canonical values: not the filter language, which writes the same condition in many ways.
    private func json(_ filter: Filter) -> JSONValue {
        switch filter {
        case .all(let filters): ["all": .array(filters.map(json))]
        case .any(let filters): ["any": .array(filters.map(json))]
        case .not(let filter): ["not": json(filter)]
        case .compare(let field, let comparison, .value(let value)):
            ["field": name(field), "is": .string(comparison.rawValue), "value": fields[field].type.json(value)]
        case .compare(let field, let comparison, .field(let other)):
            ["field": name(field), "is": .string(comparison.rawValue), "other": name(other)]
        case .isNull(let field, let flag): ["field": name(field), "is": "isNull", "value": .bool(flag)]
        case .isIn(let field, let values):
            ["field": name(field), "is": "in", "values": .array(values.map(fields[field].type.json))]
        case .text(let field, let match, let part, let mode):
            [
                "field": name(field), "is": .string(match.rawValue), "text": .string(part),
                "mode": mode == .sensitive ? "sensitive" : "insensitive",
            ]
        case .has(let field, let value): ["field": name(field), "is": "has", "element": atom(value)]
        }
    }

    /// An element of an array, which is kept in its JSON form.
    private func atom(_ value: Value) -> JSONValue {
        switch value {
        case .null: .null
        case .integer(let number): FieldType.integer.json(.integer(number))
        case .double: FieldType.double.json(value)
        case .text(let text): .string(text)
        case .bytes: FieldType.bytes.json(value)
        }
    }
}

extension Field {
    fileprivate var canonicalJSON: JSONValue {
        [
            "name": .string(name), "column": .string(column), "type": type.canonicalJSON, "description": text(description),
            "required": .bool(isRequired), "generated": .bool(isGenerated), "readOnly": .bool(isReadOnly), "default": defaultJSON,
            "minLength": number(minLength), "maxLength": number(maxLength), "minimum": minimum.map(type.json) ?? .null,
            "maximum": maximum.map(type.json) ?? .null, "pattern": text(pattern?.source), "search": number(searchWeight),
        ]
    }

    private var defaultJSON: JSONValue {
        switch defaultValue {
        case nil: .null
        case .now: ["now": true]
        case .value(let value): ["value": type.json(value)]
        }
    }
}

extension FieldType {
    fileprivate var canonicalJSON: JSONValue {
        switch self {
        case .decimal(let precision, let scale): ["type": "decimal", "precision": number(precision), "scale": number(scale)]
        case .enum(let values): ["type": "enum", "values": .array(values.map { .string($0) })]
        case .array(let element): ["type": "array", "items": element.canonicalJSON]
        default: ["type": .string(name)]
        }
    }
}

private func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

private func number(_ number: Int?) -> JSONValue { number.map { .number(String($0)) } ?? .null }
