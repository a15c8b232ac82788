extension Schema {
    /// The whole model as JSON: equal schemas give the same text, whatever their files look like. It is what is stored and hashed, so
    /// its form only changes together with `format`.
    package var canonicalJSON: JSONValue {
        [
            "format": 1, "name": .string(name),
            "api": ["pageSize": number(api.pageSize), "maxPageSize": number(api.maxPageSize)],
            "identity": identityJSON,
            "entities": .array(entities.map { CanonicalEntity(entity: $0, entities: entities).json }),
        ]
    }

    /// What is not as it is by default stands only where it is so: the text of schemas that were stored before stays as it was.
    private var identityJSON: JSONValue {
        var members: JSONObject = [
            "attributes": .array(identity.attributes.map { ["name": .string($0.name), "type": .string($0.type.name)] })
        ]
        if identity.registers { members.append("register", true) }
        if !identity.providers.isEmpty {
            members.append(
                "providers",
                .array(
                    identity.providers.map { provider in
                        var members: JSONObject = [
                            "name": .string(provider.name), "issuer": .string(provider.issuer), "clientId": .string(provider.clientID),
                        ]
                        if let scopes = provider.scopes { members.append("scopes", .array(scopes.map(JSONValue.string))) }
                        if let tenants = provider.tenants { members.append("tenants", .array(tenants.map(JSONValue.string))) }
                        if let claim = provider.verifiedClaim { members.append("verifiedClaim", .string(claim)) }
                        if let registers = provider.registers { members.append("register", .bool(registers)) }
                        return .object(members)
                    }))
        }
        return .object(members)
    }
}

/// One entity in canonical form; of the others only what filters lead to.
private struct CanonicalEntity {
    let entity: Entity
    let entities: [Entity]

    private var fields: [Field] { entity.fields }

    private var filters: FilterNames { FilterNames(entity: entity, entities: entities) }

    /// `dbSchema` stands only where there is one.
    var json: JSONValue {
        guard let dbSchema = entity.dbSchema, case .object(var object) = members else { return members }
        object.append("dbSchema", .string(dbSchema))
        return .object(object)
    }

    private var members: JSONValue {
        [
            "name": .string(entity.name), "table": .string(entity.table), "path": .string(entity.path),
            "description": text(entity.description), "key": names(entity.key), "fields": .array(fields.map(\.canonicalJSON)),
            "references": .array(entity.references.map(json)),
            "checks": .array(entity.checks.map { ["name": .string($0.name), "filter": json($0.filter)] }),
            "indexes": .array(entity.indexes.map(names)), "unique": .array(entity.unique.map(names)),
            "access": .array(entity.access.roles.map(json)), "readOnly": .bool(entity.isReadOnly),
            "audit": entity.audit.map { ["keepSeconds": number($0.keepSeconds)] } ?? .null,
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
            "delete": json(role.delete), "restore": json(role.restore), "purge": json(role.purge), "history": json(role.history),
            "hide": names(role.hidden.sorted()), "readOnly": names(role.readOnly.sorted()),
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
        case .compare(let path, let comparison, .value(let value)):
            ["field": name(path), "is": .string(comparison.rawValue), "value": type(path).json(value)]
        case .compare(let path, let comparison, .field(let other)):
            ["field": name(path), "is": .string(comparison.rawValue), "other": name(other)]
        case .compare(let path, let comparison, .user(let attribute)):
            ["field": name(path), "is": .string(comparison.rawValue), "user": .string(attribute)]
        case .isNull(let path, let flag): ["field": name(path), "is": "isNull", "value": .bool(flag)]
        case .isIn(let path, let values): ["field": name(path), "is": "in", "values": .array(values.map(type(path).json))]
        case .text(let path, let match, let part, let mode):
            [
                "field": name(path), "is": .string(match.rawValue), "text": .string(part),
                "mode": mode == .sensitive ? "sensitive" : "insensitive",
            ]
        case .has(let path, let value): ["field": name(path), "is": "has", "element": atom(value)]
        case .related(let steps, let quantifier, let filter):
            [
                "relation": .string(filters.way(steps).names.joined(separator: ".")), "is": .string(quantifier.rawValue),
                "filter": CanonicalEntity(entity: filters.way(steps).end, entities: entities).json(filter),
            ]
        }
    }

    private func type(_ path: FieldPath) -> FieldType { filters.type(path) }

    private func name(_ path: FieldPath) -> JSONValue { .string(filters.name(path)) }

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
            "managed": text(managed?.rawValue),
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
