/// A filter in words, for people who read what a check or an access rule says: `Status is "open" and Freight is at least "10.00"`.
///
/// Plain text: names as they are declared, values in their JSON form. Whoever puts it into a document escapes it there.
package struct FilterText {
    let entity: Entity
    /// Those that relations lead to.
    let entities: [Entity]

    package init(entity: Entity, entities: [Entity]) {
        self.entity = entity
        self.entities = entities
    }

    package func text(_ filter: Filter) -> String {
        switch filter {
        case .all(let parts): joined(parts, by: " and ", empty: "always")
        case .any(let parts): joined(parts, by: " or ", empty: "never")
        case .not(let part): "not (\(text(part)))"
        case .compare(let field, let comparison, let operand): "\(name(field)) \(words(comparison)) \(text(operand, of: field))"
        case .isNull(let field, true): "\(name(field)) is null"
        case .isNull(let field, false): "\(name(field)) is not null"
        case .isIn(_, let values) where values.isEmpty: "never"
        case .isIn(let field, let values):
            "\(name(field)) is one of \(values.map { value($0, of: field) }.joined(separator: ", "))"
        case .text(let field, let match, let part, .insensitive): "\(name(field)) \(words(match)) \(quoted(part))"
        case .text(let field, let match, let part, .sensitive): "\(name(field)) \(words(match)) \(quoted(part)) in this case"
        case .has(let field, let element): "\(name(field)) has \(atom(element))"
        case .related(let steps, let quantifier, let filter):
            "\(words(quantifier)) \(way(steps).names.joined(separator: ".")) meets (\(FilterText(entity: way(steps).end, entities: entities).text(filter)))"
        }
    }

    /// The parts one after the other, those that are themselves several in parentheses.
    private func joined(_ parts: [Filter], by word: String, empty: String) -> String {
        guard let first = parts.first else { return empty }
        guard parts.count > 1 else { return text(first) }
        return parts.map { isSeveral($0) ? "(\(text($0)))" : text($0) }.joined(separator: word)
    }

    private func isSeveral(_ filter: Filter) -> Bool {
        switch filter {
        case .all(let parts), .any(let parts): parts.count > 1 || parts.first.map(isSeveral) ?? false
        default: false
        }
    }

    private func words(_ comparison: Filter.Comparison) -> String {
        switch comparison {
        case .equals: "is"
        case .not: "is not"
        case .gt: "is more than"
        case .gte: "is at least"
        case .lt: "is less than"
        case .lte: "is at most"
        }
    }

    private func words(_ match: Filter.TextMatch) -> String {
        switch match {
        case .contains: "contains"
        case .startsWith: "starts with"
        case .endsWith: "ends with"
        }
    }

    private func words(_ quantifier: Filter.Quantifier) -> String {
        switch quantifier {
        case .some: "some of"
        case .every: "every one of"
        case .none: "none of"
        }
    }

    private func text(_ operand: Filter.Operand, of field: FieldPath) -> String {
        switch operand {
        case .value(let given): value(given, of: field)
        case .field(let other): name(other)
        case .user(let attribute): "the user's \(attribute)"
        }
    }

    /// The names of the relations that steps follow, and the entity to which they lead.
    private func way(_ steps: [RelationStep]) -> (names: [String], end: Entity) {
        steps.reduce(into: (names: [], end: entity)) { way, step in
            let relation = way.end.relations[step.relation]
            way.names.append(relation.name)
            way.end = entities[relation.target]
        }
    }

    private func name(_ path: FieldPath) -> String {
        let (names, end) = way(path.steps)
        return (names + [end.fields[path.field].name]).joined(separator: ".")
    }

    private func value(_ value: Value, of path: FieldPath) -> String {
        way(path.steps).end.fields[path.field].type.json(value).compactText
    }

    private func quoted(_ text: String) -> String { JSONValue.string(text).compactText }

    /// An element of an array, whose type is not that of the field.
    private func atom(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): String(number)
        case .double: FieldType.double.json(value).compactText
        case .text(let text): quoted(text)
        case .bytes: FieldType.bytes.json(value).compactText
        }
    }
}
