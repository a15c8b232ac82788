/// Reads the filter language: from the JSON of `filter=`, of access rules and of checks. Every problem is collected, not only the first.
package struct FilterParser {
    /// Who wrote the filter.
    package enum Author: Sendable {
        /// A client: no variables, and fields that the caller does not see are unknown.
        case client
        /// The schema file: `$record.Field` names another field of the same record.
        case schema
    }

    /// The deepest nesting of AND, OR and NOT.
    package static let maximumDepth = 8
    /// The most comparisons in one filter. An empty object or list counts as one: it becomes a condition too.
    package static let maximumTerms = 64
    /// The most values in one `in` or `notIn`.
    package static let maximumListedValues = 1000

    static let operators = [
        "equals", "not", "in", "notIn", "gt", "gte", "lt", "lte", "contains", "startsWith", "endsWith", "isNull", "has",
    ]

    let entity: Entity
    private let author: Author
    private let isVisible: (Int) -> Bool
    package internal(set) var problems: [FilterProblem] = []
    private var terms = 0

    package init(entity: Entity, author: Author, isVisible: @escaping (Int) -> Bool = { _ in true }) {
        self.entity = entity
        self.author = author
        self.isVisible = isVisible
    }

    /// The filter that the JSON stands for; what of it was wrong is in ``problems``.
    package mutating func parse(_ json: JSONValue) -> Filter {
        filter(json, at: "", depth: 1)
    }

    private mutating func filter(_ json: JSONValue, at pointer: String, depth: Int) -> Filter {
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
            let place = pointer + "/" + member.name.jsonPointerEscaped
            switch member.name {
            case "AND": return Filter.all(list(member.value, at: place, depth: depth, allowsSingle: true))
            case "OR": return .any(list(member.value, at: place, depth: depth, allowsSingle: false))
            case "NOT": return .all(list(member.value, at: place, depth: depth, allowsSingle: true).map(Filter.not))
            default: return condition(on: member.name, member.value, at: place, depth: depth)
            }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func list(_ json: JSONValue, at pointer: String, depth: Int, allowsSingle: Bool) -> [Filter] {
        switch json {
        case .array(let elements):
            if elements.isEmpty { _ = countTerm() }
            return elements.enumerated().map { index, element in filter(element, at: "\(pointer)/\(index)", depth: depth + 1) }
        case .object where allowsSingle: return [filter(json, at: pointer, depth: depth + 1)]
        default:
            problems.append(FilterProblem(.invalidFilter, at: pointer, "is \(json.kind); expected a list of filters"))
            return []
        }
    }

    /// The index of a field that the author may name; a problem otherwise.
    mutating func field(named name: String, at pointer: String) -> Int? {
        if let index = entity.fieldIndex(named: name), isVisible(index) { return index }
        if name.contains(".") || ["some", "every", "none"].contains(name) || entity.references.contains(where: { $0.name == name }) {
            problems.append(FilterProblem(.notSupported, at: pointer, "filtering through relations is not supported in this version"))
        } else {
            let known = entity.fields.indices.filter(isVisible).map { entity.fields[$0].name }
            let hint = known.nearest(to: name).map { "; did you mean «\($0)»?" } ?? ""
            problems.append(FilterProblem(.unknownField, at: pointer, "«\(name.excerpt)» is not a field of \(entity.name)\(hint)"))
        }
        return nil
    }

    private mutating func condition(on name: String, _ json: JSONValue, at pointer: String, depth: Int) -> Filter {
        guard let index = field(named: name, at: pointer) else { return .all([]) }
        if case .object(let operators) = json { return conditions(on: index, operators, at: pointer, depth: depth) }
        return condition(on: index, "equals", json, mode: .insensitive, at: pointer, depth: depth)
    }

    private mutating func conditions(on index: Int, _ operators: JSONObject, at pointer: String, depth: Int) -> Filter {
        var mode = Filter.CaseMode.insensitive
        if let json = operators["mode"] {
            if case .string(let word) = json, let named = Filter.CaseMode(rawValue: word) {
                mode = named
            } else {
                problems.append(FilterProblem(.invalidFilter, at: pointer + "/mode", "is neither \"insensitive\" nor \"sensitive\""))
            }
        }
        let parts = operators.members.filter { $0.name != "mode" }.map { member in
            condition(on: index, member.name, member.value, mode: mode, at: pointer + "/" + member.name.jsonPointerEscaped, depth: depth)
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
    private mutating func countTerm() -> Bool {
        terms += 1
        if terms == Self.maximumTerms + 1 {
            problems.append(FilterProblem(.tooManyTerms, at: "", "has more than \(Self.maximumTerms) conditions"))
        }
        return terms <= Self.maximumTerms
    }

    /// One operator on one field.
    mutating func condition(
        on index: Int, _ name: String, _ json: JSONValue, mode: Filter.CaseMode, at pointer: String, depth: Int
    ) -> Filter {
        guard countTerm() else { return .all([]) }
        let type = entity.fields[index].type
        switch (name, json) {
        case ("equals", .null): return .isNull(field: index, true)
        case ("not", .null): return .isNull(field: index, false)
        case ("not", .object(let operators)):
            guard depth < Self.maximumDepth else {
                problems.append(FilterProblem(.tooDeep, at: pointer, "is nested deeper than \(Self.maximumDepth) levels"))
                return .all([])
            }
            return .not(conditions(on: index, operators, at: pointer, depth: depth + 1))
        case ("isNull", .bool(let flag)): return .isNull(field: index, flag)
        case ("isNull", _):
            problems.append(FilterProblem(.invalidFilter, at: pointer, "is \(json.kind); expected true or false"))
        case ("equals", _), ("not", _), ("gt", _), ("gte", _), ("lt", _), ("lte", _):
            guard let comparison = Filter.Comparison(rawValue: name) else { break }
            guard type.isOrdered || (type.isArray && (comparison == .equals || comparison == .not)) else {
                return inapplicable(name, type, pointer)
            }
            guard json != .null else {
                problems.append(FilterProblem(.invalidFilter, at: pointer, "is null, which has no order; use isNull to ask for null"))
                break
            }
            guard let operand = operand(json, for: index, at: pointer) else { break }
            return .compare(field: index, comparison, operand)
        case ("in", .array(let elements)): return .isIn(field: index, values(elements, for: index, at: pointer))
        case ("notIn", .array(let elements)):
            let values = values(elements, for: index, at: pointer)
            // Not even an empty list matches null: `notIn` never does.
            return values.isEmpty ? .isNull(field: index, false) : .not(.isIn(field: index, values))
        case ("in", _), ("notIn", _):
            problems.append(FilterProblem(.invalidFilter, at: pointer, "is \(json.kind); expected a list of values"))
        case ("contains", _), ("startsWith", _), ("endsWith", _):
            guard type.isText, let match = Filter.TextMatch(rawValue: name) else { return inapplicable(name, type, pointer) }
            guard case .string(let text) = json else {
                problems.append(FilterProblem(ValueProblem(.wrongType, "is \(json.kind); expected a string"), at: pointer))
                break
            }
            guard !isVariable(text) else {
                problems.append(variableProblem(text, at: pointer))
                break
            }
            guard !text.utf8.contains(0) else {
                problems.append(FilterProblem(ValueProblem(.nulCharacter, "contains the character U+0000"), at: pointer))
                break
            }
            return .text(field: index, match, text, mode)
        case ("has", _):
            guard case .array(let element) = type else { return inapplicable(name, type, pointer) }
            return has(json, element, on: index, at: pointer)
        default:
            if ["some", "every", "none"].contains(name) {
                problems.append(FilterProblem(.notSupported, at: pointer, "filtering through relations is not supported in this version"))
                break
            }
            let hint = Self.operators.nearest(to: name).map { "; did you mean «\($0)»?" } ?? "."
            problems.append(
                FilterProblem(
                    .unknownOperator, at: pointer,
                    "«\(name.excerpt)» is not an operator\(hint) Known are " + Self.operators.joined(separator: ", ")))
        }
        return .all([])
    }

    private mutating func inapplicable(_ name: String, _ type: FieldType, _ pointer: String) -> Filter {
        problems.append(FilterProblem(.operatorNotApplicable, at: pointer, "«\(name)» does not apply to a field of type \(type.name)"))
        return .all([])
    }

    private mutating func operand(_ json: JSONValue, for index: Int, at pointer: String) -> Filter.Operand? {
        let field = entity.fields[index]
        if case .string(let text) = json, isVariable(text) {
            guard author == .schema, text.hasPrefix("$record.") else {
                problems.append(variableProblem(text, at: pointer))
                return nil
            }
            guard let other = self.field(named: String(text.dropFirst("$record.".count)), at: pointer) else { return nil }
            guard entity.fields[other].type.isComparable(with: field.type) else {
                problems.append(
                    FilterProblem(
                        ValueProblem(.wrongType, "is of type \(entity.fields[other].type.name), not \(field.type.name)"), at: pointer))
                return nil
            }
            return .field(other)
        }
        do {
            return .value(try field.type.value(from: json))
        } catch {
            problems.append(FilterProblem(error, at: pointer))
            return nil
        }
    }

    private mutating func values(_ elements: [JSONValue], for index: Int, at pointer: String) -> [Value] {
        let type = entity.fields[index].type
        guard type.isOrdered || type.isArray else {
            _ = inapplicable("in", type, pointer)
            return []
        }
        guard elements.count <= Self.maximumListedValues else {
            problems.append(FilterProblem(.tooManyTerms, at: pointer, "lists more than \(Self.maximumListedValues) values"))
            return []
        }
        var values: [Value] = []
        for (position, element) in elements.enumerated() {
            let place = "\(pointer)/\(position)"
            if case .null = element {
                problems.append(FilterProblem(.invalidFilter, at: place, "is null; use isNull to ask for null"))
                continue
            }
            switch operand(element, for: index, at: place) {
            case .value(let value): values.append(value)
            case .field: problems.append(FilterProblem(.variableNotAllowed, at: place, "a variable cannot stand in a list"))
            case nil: continue
            }
        }
        return values
    }

    private mutating func has(_ json: JSONValue, _ element: FieldType, on index: Int, at pointer: String) -> Filter {
        if case .string(let text) = json, isVariable(text) {
            problems.append(variableProblem(text, at: pointer))
            return .all([])
        }
        do throws(ValueProblem) {
            let value = try element.value(from: json)
            guard !value.isNull else { throw ValueProblem(.wrongType, "is null; expected \(element.expectation)") }
            return .has(field: index, element.jsonAtom(value))
        } catch {
            problems.append(FilterProblem(error, at: pointer))
            return .all([])
        }
    }

    /// `$` and a letter: a price like «$100» is no variable.
    private func isVariable(_ text: String) -> Bool {
        guard text.first == "$", let second = text.dropFirst().first else { return false }
        return second.isLetter || second == "_"
    }

    private func variableProblem(_ text: String, at pointer: String) -> FilterProblem {
        guard author == .schema else {
            return FilterProblem(.variableNotAllowed, at: pointer, "variables like «\(text.excerpt)» are for the schema file only")
        }
        return text.hasPrefix("$user")
            ? FilterProblem(.notSupported, at: pointer, "«\(text.excerpt)»: $user is not supported in this version")
            : FilterProblem(
                .variableNotAllowed, at: pointer,
                "«\(text.excerpt)» is no variable; known is $record.Field, compared with by equals, not, gt, gte, lt or lte")
    }
}

extension FieldType {
    fileprivate var isArray: Bool {
        if case .array = self { true } else { false }
    }

    /// Whether values of both types have the same canonical form, so that comparing them means something.
    fileprivate func isComparable(with other: FieldType) -> Bool {
        switch (self, other) {
        case (.integer, .bigint), (.bigint, .integer): true
        case (.decimal(_, let scale), .decimal(_, let otherScale)): scale == otherScale
        case (let a, let b) where a.isText && b.isText: true
        default: self == other
        }
    }

    /// A value as it stands as an element within the JSON of an array field.
    func jsonAtom(_ value: Value) -> Value {
        switch self {
        case .integer, .double, .boolean: value
        default:
            if case .string(let text) = json(value) { .text(text) } else { value }
        }
    }
}
