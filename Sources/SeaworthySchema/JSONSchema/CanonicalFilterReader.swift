/// Reads the canonical form of filters, whose names lead through the relations of all entities.
struct CanonicalFilterReader {
    private static let known: Set<String> = [
        "all", "any", "not", "field", "is", "value", "other", "user", "values", "text", "mode", "element", "relation", "filter",
    ]
    let entities: [Entity]

    func filter(_ json: JSONValue, of entity: Entity, at path: String) throws(CanonicalSchemaError) -> Filter {
        let members = try CanonicalMembers(json, at: path, known: Self.known)
        if members["all"] != nil { return .all(try filters(members, "all", entity)) }
        if members["any"] != nil { return .any(try filters(members, "any", entity)) }
        if let inner = members["not"] { return .not(try filter(inner, of: entity, at: members.place("not"))) }
        let word = try members.text("is")
        if members["relation"] != nil { return try related(members, word, entity) }
        let (field, type) = try self.field(members, "field", entity)
        if let comparison = Filter.Comparison(rawValue: word) {
            return .compare(field: field, comparison, try operand(members, type, entity))
        }
        if let match = Filter.TextMatch(rawValue: word) {
            let mode: Filter.CaseMode = try members.text("mode") == "sensitive" ? .sensitive : .insensitive
            return .text(field: field, match, try members.text("text"), mode)
        }
        switch word {
        case "isNull": return .isNull(field: field, try members.flag("value"))
        case "in":
            var values: [Value] = []
            for json in try members.list("values") { values.append(try value(json, type, members, "values")) }
            return .isIn(field: field, values)
        case "has": return .has(field: field, try atom(members, type))
        default: throw members.error("is", "«\(word.lineExcerpt)» is not known")
        }
    }

    private func filters(_ members: CanonicalMembers, _ name: String, _ entity: Entity) throws(CanonicalSchemaError) -> [Filter] {
        var filters: [Filter] = []
        for (index, json) in try members.list(name).enumerated() {
            filters.append(try filter(json, of: entity, at: "\(members.place(name))[\(index)]"))
        }
        return filters
    }

    private func related(_ members: CanonicalMembers, _ word: String, _ entity: Entity) throws(CanonicalSchemaError) -> Filter {
        guard let quantifier = Filter.Quantifier(rawValue: word) else { throw members.error("is", "«\(word.lineExcerpt)» is not known") }
        let names = try members.text("relation").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let (steps, end) = try way(names, from: entity, members, "relation")
        guard let inner = members["filter"] else { throw members.error("filter", "is missing") }
        return .related(steps, quantifier, try filter(inner, of: end, at: members.place("filter")))
    }

    private func operand(_ members: CanonicalMembers, _ type: FieldType, _ entity: Entity) throws(CanonicalSchemaError) -> Filter.Operand {
        if members["other"] != nil { return .field(try field(members, "other", entity).path) }
        if let attribute = try members.optionalText("user") { return .user(attribute) }
        guard let json = members["value"] else { throw members.error("value", "is missing") }
        return .value(try value(json, type, members, "value"))
    }

    private func value(
        _ json: JSONValue, _ type: FieldType, _ members: CanonicalMembers, _ name: String
    ) throws(CanonicalSchemaError) -> Value {
        do throws(ValueProblem) {
            return try type.value(from: json)
        } catch {
            throw members.error(name, error.detail)
        }
    }

    /// An element of an array, in the form in which ``Filter/has(field:_:)`` keeps it.
    private func atom(_ members: CanonicalMembers, _ type: FieldType) throws(CanonicalSchemaError) -> Value {
        switch (members["element"], type) {
        case (.number(let digits)?, .array(.double)):
            if let number = Double(digits) { return .double(number) }
        case (.number(let digits)?, _):
            if let number = Int64(digits) { return .integer(number) }
        case (.string(let text)?, _): return .text(text)
        default: break
        }
        throw members.error("element", "is no element of an array")
    }

    private func field(
        _ members: CanonicalMembers, _ name: String, _ entity: Entity
    ) throws(CanonicalSchemaError) -> (path: FieldPath, type: FieldType) {
        let names = try members.text(name).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let (steps, end) = try way(Array(names.dropLast()), from: entity, members, name)
        guard let last = names.last, let index = end.fieldIndex(named: last) else {
            throw members.error(name, "«\(names.joined(separator: ".").lineExcerpt)» is no field")
        }
        return (FieldPath(index, through: steps), end.fields[index].type)
    }

    private func way(
        _ names: [String], from entity: Entity, _ members: CanonicalMembers, _ name: String
    ) throws(CanonicalSchemaError) -> (steps: [RelationStep], end: Entity) {
        var (steps, end): ([RelationStep], Entity) = ([], entity)
        for relation in names {
            guard let index = end.relationIndex(named: relation) else {
                throw members.error(name, "«\(relation.lineExcerpt)» is no relation of \(end.name)")
            }
            steps.append(RelationStep(index))
            end = entities[end.relations[index].target]
        }
        return (steps, end)
    }
}
