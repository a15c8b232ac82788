/// A filter in the language of the schema file, as the parser reads it back.
struct FilterJSON {
    let entity: Entity
    /// Those that relations lead to.
    let entities: [Entity]

    private var names: FilterNames { FilterNames(entity: entity, entities: entities) }

    func json(_ filter: Filter) -> JSONValue {
        switch filter {
        // The parser has every object as its members together.
        case .all(let parts) where parts.count == 1: json(parts[0])
        case .all(let parts): ["AND": .array(parts.map(json))]
        case .any(let parts): ["OR": .array(parts.map(json))]
        case .not(let part): ["NOT": json(part)]
        case .compare(let path, let comparison, let operand): condition(path, comparison.rawValue, self.operand(operand, path))
        case .isNull(let path, let flag): condition(path, "isNull", .bool(flag))
        case .isIn(let path, let values): condition(path, "in", .array(values.map(names.type(path).json)))
        case .text(let path, let match, let text, .insensitive): condition(path, match.rawValue, .string(text))
        case .text(let path, let match, let text, .sensitive):
            member(
                names.name(path),
                .object(JSONObject([.init(name: match.rawValue, value: .string(text)), .init(name: "mode", value: "sensitive")])))
        case .has(let path, let element): condition(path, "has", atom(element))
        case .related(let steps, let quantifier, let inner):
            member(
                names.way(steps).names.joined(separator: "."),
                member(quantifier.rawValue, FilterJSON(entity: names.way(steps).end, entities: entities).json(inner)))
        }
    }

    private func operand(_ operand: Filter.Operand, _ path: FieldPath) -> JSONValue {
        switch operand {
        case .value(let value): names.type(path).json(value)
        case .field(let other):
            .string("$record." + names.name(FieldPath(other.field, through: Array(other.steps.dropFirst(path.steps.count)))))
        case .user(let attribute): .string("$user." + attribute)
        }
    }

    private func condition(_ path: FieldPath, _ name: String, _ value: JSONValue) -> JSONValue {
        member(names.name(path), member(name, value))
    }

    private func member(_ name: String, _ value: JSONValue) -> JSONValue {
        .object(JSONObject([JSONObject.Member(name: name, value: value)]))
    }

    private func atom(_ value: Value) -> JSONValue {
        switch value {
        case .null: .null
        case .integer(let number): .number(String(number))
        case .double: FieldType.double.json(value)
        case .text(let text): .string(text)
        case .bytes: FieldType.bytes.json(value)
        }
    }
}
