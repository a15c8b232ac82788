/// Reads the filter language: from the JSON of `filter=`, of access rules and of checks. Every problem is collected, not only the first.
package struct FilterParser {
    /// Who wrote the filter.
    package enum Author: Sendable {
        /// A client: no variables, and fields that the caller does not see are unknown.
        case client
        /// The schema file: `$record.Field` names another field of the same record, `$user.id` what is known of the caller.
        case schema
        /// A check in the schema file: only the record itself can be looked at.
        case check
    }

    /// The deepest nesting of AND, OR and NOT.
    package static let maximumDepth = 8
    /// The most comparisons in one filter. An empty object or list counts as one: it becomes a condition too.
    package static let maximumTerms = 64
    /// The most values in one `in` or `notIn`.
    package static let maximumListedValues = 1000
    /// The most ways to many records in one filter: each may read their list for every record, once for `some`, `every` and `none`.
    package static let maximumQuantifiers = 8
    /// The most relations between the record and a field that a condition names, quantifiers included.
    package static let maximumRelations = 3

    static let operators = [
        "equals", "not", "in", "notIn", "gt", "gte", "lt", "lte", "contains", "startsWith", "endsWith", "isNull", "has",
    ]

    let author: Author
    private let entities: [Entity]
    private let identity: Schema.Identity
    /// Whether the author may know of a field, by the entity's position among all and the field's.
    private let isVisible: (Int, Int) -> Bool
    private let position: Int
    package internal(set) var problems: [FilterProblem] = []
    /// Whether a name is a field's as it stands, and leads through no relation: that of an aggregate's column, `sum(customer.Credit)`.
    package var takesNamesWhole = false
    private var terms = 0
    private var quantifiers = 0

    /// - Parameters:
    ///   - position: the position among the schema's entities of the one whose records are filtered.
    ///   - isVisible: whether the author may know of a field, by the entity's position and the field's.
    package init(
        at position: Int, in entities: [Entity], identity: Schema.Identity = Schema.Identity(), author: Author,
        isVisible: @escaping (Int, Int) -> Bool = { _, _ in true }
    ) {
        self.position = position
        self.entities = entities
        self.identity = identity
        self.author = author
        self.isVisible = isVisible
    }

    /// For an entity that stands alone.
    package init(entity: Entity, author: Author, isVisible: @escaping (Int) -> Bool = { _ in true }) {
        self.init(at: 0, in: [entity], author: author) { _, field in isVisible(field) }
    }

    /// The filter that the JSON stands for; what of it was wrong is in ``problems``.
    package mutating func parse(_ json: JSONValue) -> Filter {
        filter(json, from: start, at: "", depth: 1)
    }

    /// Where a part of a filter begins: the entity whose fields its names are, and the way there.
    struct Place {
        var position: Int
        var steps: [RelationStep]
        /// Relations between the filtered record and the one at which the steps begin.
        var relationsBefore: Int
    }

    var start: Place { Place(position: position, steps: [], relationsBefore: 0) }

    private mutating func filter(_ json: JSONValue, from place: Place, at pointer: String, depth: Int) -> Filter {
        guard case .object(let object) = json else {
            problems.append(FilterProblem(.invalidFilter, at: pointer, "is \(json.kind); expected an object like {\"Field\": value}"))
            return .all([])
        }
        guard depth <= Self.maximumDepth else {
            problems.append(FilterProblem(.tooDeep, at: pointer, "is nested deeper than \(Self.maximumDepth) levels"))
            return .all([])
        }
        if object.isEmpty { _ = countTerm() }
        let parts = object.members.map { member in
            let next = pointer + "/" + member.name.jsonPointerEscaped.excerpt
            switch member.name {
            case "AND": return Filter.all(list(member.value, from: place, at: next, depth: depth, allowsSingle: true))
            case "OR": return .any(list(member.value, from: place, at: next, depth: depth, allowsSingle: false))
            case "NOT": return .all(list(member.value, from: place, at: next, depth: depth, allowsSingle: true).map(Filter.not))
            default: return condition(on: member.name, member.value, from: place, at: next, depth: depth)
            }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func list(
        _ json: JSONValue, from place: Place, at pointer: String, depth: Int, allowsSingle: Bool
    ) -> [Filter] {
        switch json {
        case .array(let elements):
            if elements.isEmpty { _ = countTerm() }
            return elements.enumerated().map { index, element in
                filter(element, from: place, at: "\(pointer)/\(index)", depth: depth + 1)
            }
        case .object where allowsSingle: return [filter(json, from: place, at: pointer, depth: depth + 1)]
        default:
            problems.append(FilterProblem(.invalidFilter, at: pointer, "is \(json.kind); expected a list of filters"))
            return []
        }
    }

    // MARK: Names

    /// What a name in a filter stands for.
    enum Meaning {
        case field(FieldPath, FieldType)
        /// The record at the end of to-one relations: a filter of its fields follows.
        case record(Place)
        /// The records at the end of a to-many relation: a quantifier follows.
        case records(steps: [RelationStep], Place)
        /// The same with its quantifier, and what follows it in the name; empty when a filter follows.
        case quantified(steps: [RelationStep], Place, Filter.Quantifier, rest: String)
    }

    /// What a name means where a part of the filter begins; nil when the author may know of no such thing, which is a problem.
    mutating func meaning(of name: String, from place: Place, at pointer: String) -> Meaning? {
        var position = place.position
        var steps = place.steps
        let parts = takesNamesWhole ? [name] : name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            if isLast, let field = entities[position].fieldIndex(named: part), isVisible(position, field) {
                return .field(FieldPath(field, through: steps), entities[position].fields[field].type)
            }
            guard let relation = visibleRelation(named: part, of: position) else {
                report(unknown: part, of: position, in: name, at: pointer, isRelation: !isLast)
                return nil
            }
            guard author != .check else {
                problems.append(
                    FilterProblem(
                        .invalidFilter, at: pointer, "«\(part.excerpt)» leads to other records, and a check looks at the record alone"))
                return nil
            }
            guard place.relationsBefore + steps.count < Self.maximumRelations else {
                problems.append(
                    FilterProblem(.tooDeep, at: pointer, "leads through more than \(Self.maximumRelations) relations"))
                return nil
            }
            steps.append(RelationStep(relation))
            let target = entities[position].relations[relation]
            position = target.target
            if target.isToMany {
                quantifiers += 1
                guard quantifiers <= Self.maximumQuantifiers else {
                    if quantifiers == Self.maximumQuantifiers + 1 {
                        problems.append(
                            FilterProblem(.tooManyTerms, at: pointer, "has more than \(Self.maximumQuantifiers) ways to many records"))
                    }
                    return nil
                }
                let end = Place(position: position, steps: [], relationsBefore: place.relationsBefore + steps.count)
                if isLast { return .records(steps: steps, end) }
                guard let quantifier = Filter.Quantifier(rawValue: parts[index + 1]) else {
                    problems.append(
                        FilterProblem(
                            .invalidFilter, at: pointer,
                            "«\(part.excerpt)» leads to many records: say some, every or none behind it, as in «\(part.excerpt).some.Field»"
                        ))
                    return nil
                }
                return .quantified(steps: steps, end, quantifier, rest: parts[(index + 2)...].joined(separator: "."))
            }
            if isLast {
                return .record(Place(position: position, steps: steps, relationsBefore: place.relationsBefore))
            }
        }
        return nil
    }

    /// A relation exists for the author when the fields that it is made of do, on both sides.
    private func visibleRelation(named name: String, of position: Int) -> Int? {
        guard let index = entities[position].relationIndex(named: name) else { return nil }
        let relation = entities[position].relations[index]
        guard relation.fields.allSatisfy({ isVisible(position, $0) }), relation.targetFields.allSatisfy({ isVisible(relation.target, $0) })
        else { return nil }
        return index
    }

    /// - Parameter isRelation: whether only a relation may stand there.
    private mutating func report(unknown part: String, of position: Int, in name: String, at pointer: String, isRelation: Bool) {
        guard problems.count < FilterProblem.maximumCount else { return }
        let entity = entities[position]
        let fields = isRelation ? [] : entity.fields.indices.filter { isVisible(position, $0) }.map { entity.fields[$0].name }
        let known =
            fields
            + entity.relations.indices.map { entity.relations[$0].name }.filter { visibleRelation(named: $0, of: position) != nil }
        let hint = known.nearest(to: part).map { "; did you mean «\($0)»?" } ?? ""
        let within = part.utf8.count == name.utf8.count ? "" : " in «\(name.excerpt)»"
        problems.append(
            FilterProblem(
                .unknownField, at: pointer,
                "«\(part.excerpt)»\(within) is not a \(isRelation ? "relation" : "field") of \(entity.name)\(hint)"))
    }

    // MARK: Conditions

    private mutating func condition(on name: String, _ json: JSONValue, from place: Place, at pointer: String, depth: Int) -> Filter {
        switch meaning(of: name, from: place, at: pointer) {
        case nil: return .all([])
        case .field(let path, let type):
            if case .object(let operators) = json { return conditions(on: path, type, operators, from: place, at: pointer, depth: depth) }
            return condition(on: path, type, "equals", json, mode: .insensitive, from: place, at: pointer, depth: depth)
        case .record(let place): return filter(json, from: place, at: pointer, depth: depth + 1)
        case .quantified(let steps, let end, let quantifier, let rest):
            return .related(
                steps, quantifier,
                rest.isEmpty
                    ? filter(json, from: end, at: pointer, depth: depth + 1)
                    : condition(on: rest, json, from: end, at: pointer, depth: depth))
        case .records(let steps, let end):
            guard case .object(let object) = json, !object.isEmpty else {
                problems.append(
                    FilterProblem(.invalidFilter, at: pointer, "is \(json.kind); expected an object like {\"some\": {\"Field\": value}}"))
                return .all([])
            }
            let parts = object.members.map { member in
                let next = pointer + "/" + member.name.jsonPointerEscaped.excerpt
                guard let quantifier = Filter.Quantifier(rawValue: member.name) else {
                    problems.append(
                        FilterProblem(.unknownOperator, at: next, "«\(member.name.excerpt)» is none of some, every and none"))
                    return Filter.all([])
                }
                return .related(steps, quantifier, filter(member.value, from: end, at: next, depth: depth + 1))
            }
            return parts.count == 1 ? parts[0] : .all(parts)
        }
    }

    /// One condition of the bracket form: a name, an operator and its value.
    mutating func condition(
        on name: String, from place: Place, at pointer: String, operatorName: String, mode: Filter.CaseMode,
        json: (FieldType) -> JSONValue
    ) -> Filter {
        switch meaning(of: name, from: place, at: pointer) {
        case nil: return .all([])
        case .field(let path, let type):
            return condition(on: path, type, operatorName, json(type), mode: mode, from: place, at: pointer, depth: 1)
        case .quantified(let steps, let end, let quantifier, let rest) where !rest.isEmpty:
            return .related(
                steps, quantifier,
                condition(on: rest, from: end, at: pointer, operatorName: operatorName, mode: mode, json: json))
        case .record, .records, .quantified:
            problems.append(
                FilterProblem(.invalidFilter, at: pointer, "«\(name.excerpt)» leads to records; name a field of theirs behind it"))
            return .all([])
        }
    }

    private mutating func conditions(
        on path: FieldPath, _ type: FieldType, _ operators: JSONObject, from place: Place, at pointer: String, depth: Int
    ) -> Filter {
        var mode = Filter.CaseMode.insensitive
        if let json = operators["mode"] {
            if case .string(let word) = json, let named = Filter.CaseMode(rawValue: word) {
                mode = named
            } else {
                problems.append(FilterProblem(.invalidFilter, at: pointer + "/mode", "is neither \"insensitive\" nor \"sensitive\""))
            }
        }
        let parts = operators.members.filter { $0.name != "mode" }.map { member in
            let next = pointer + "/" + member.name.jsonPointerEscaped.excerpt
            if member.name == "not", case .object(let operators) = member.value {
                guard depth < Self.maximumDepth else {
                    problems.append(FilterProblem(.tooDeep, at: next, "is nested deeper than \(Self.maximumDepth) levels"))
                    return Filter.all([])
                }
                return .not(conditions(on: path, type, operators, from: place, at: next, depth: depth + 1))
            }
            return condition(on: path, type, member.name, member.value, mode: mode, from: place, at: next, depth: depth)
        }
        if parts.isEmpty {
            // Taken for true it would match every record, which is hardly ever what a client that left the value out had in mind.
            problems.append(FilterProblem(.invalidFilter, at: pointer, "has no operator; expected one like {\"equals\": value}"))
        } else if operators["mode"] != nil, !operators.members.contains(where: { Filter.TextMatch(rawValue: $0.name) != nil }) {
            problems.append(FilterProblem(.invalidFilter, at: pointer + "/mode", "goes only with contains, startsWith or endsWith"))
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    /// False beyond the last term that is allowed; the first beyond it is a problem.
    mutating func countTerm() -> Bool {
        terms += 1
        if terms == Self.maximumTerms + 1 {
            problems.append(FilterProblem(.tooManyTerms, at: "", "has more than \(Self.maximumTerms) conditions"))
        }
        return terms <= Self.maximumTerms
    }

    /// The type of what is known of the caller under this name; nil when nothing is.
    func userAttribute(named name: String) -> FieldType? {
        identity.attribute(named: name)?.type
    }

    func userAttributeNames() -> [String] {
        (Schema.Identity.builtIn + identity.attributes).map(\.name)
    }
}
