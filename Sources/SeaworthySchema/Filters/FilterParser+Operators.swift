extension FilterParser {
    /// One operator on one field.
    mutating func condition(
        on path: FieldPath, _ type: FieldType, _ name: String, _ json: JSONValue, mode: Filter.CaseMode, from place: Place,
        at pointer: String, depth: Int
    ) -> Filter {
        guard countTerm() else { return .all([]) }
        switch (name, json) {
        case ("equals", .null): return .isNull(field: path, true)
        case ("not", .null): return .isNull(field: path, false)
        case ("isNull", .bool(let flag)): return .isNull(field: path, flag)
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
            guard let operand = operand(json, for: type, from: place, at: pointer) else { break }
            return .compare(field: path, comparison, operand)
        case ("in", .array(let elements)): return .isIn(field: path, values(elements, for: type, from: place, at: pointer))
        case ("notIn", .array(let elements)):
            let values = values(elements, for: type, from: place, at: pointer)
            // Not even an empty list matches null: `notIn` never does.
            return values.isEmpty ? .isNull(field: path, false) : .not(.isIn(field: path, values))
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
            return .text(field: path, match, text, mode)
        case ("has", _):
            guard case .array(let element) = type else { return inapplicable(name, type, pointer) }
            return has(json, element, on: path, at: pointer)
        default:
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

    private mutating func operand(_ json: JSONValue, for type: FieldType, from place: Place, at pointer: String) -> Filter.Operand? {
        if case .string(let text) = json, isVariable(text) { return variable(text, for: type, from: place, at: pointer) }
        do {
            return .value(try type.value(from: json))
        } catch {
            problems.append(FilterProblem(error, at: pointer))
            return nil
        }
    }

    private mutating func variable(_ text: String, for type: FieldType, from place: Place, at pointer: String) -> Filter.Operand? {
        let found: (operand: Filter.Operand, type: FieldType)
        if author != .client, text.hasPrefix("$record.") {
            // The record that this part of the filter is for, whatever relations lead on to the field.
            let name = String(text.dropFirst("$record.".count))
            guard let meaning = meaning(of: name, from: place, at: pointer) else { return nil }
            guard case .field(let other, let otherType) = meaning, other.steps.count == place.steps.count else {
                problems.append(variableProblem(text, at: pointer))
                return nil
            }
            found = (.field(other), otherType)
        } else if author == .schema, text.hasPrefix("$user.") {
            let name = String(text.dropFirst("$user.".count))
            guard let attribute = userAttribute(named: name) else {
                let hint = userAttributeNames().nearest(to: name).map { "; did you mean «$user.\($0)»?" }
                problems.append(
                    FilterProblem(
                        .variableNotAllowed, at: pointer,
                        "«\(text.excerpt)» is not known of a user\(hint ?? "; declare it under identity.attributes")"))
                return nil
            }
            found = (.user(name), attribute)
        } else {
            problems.append(variableProblem(text, at: pointer))
            return nil
        }
        guard found.type.isComparable(with: type) else {
            problems.append(FilterProblem(ValueProblem(.wrongType, "is of type \(found.type.name), not \(type.name)"), at: pointer))
            return nil
        }
        return found.operand
    }

    private mutating func values(_ elements: [JSONValue], for type: FieldType, from place: Place, at pointer: String) -> [Value] {
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
            let next = "\(pointer)/\(position)"
            if case .null = element {
                problems.append(FilterProblem(.invalidFilter, at: next, "is null; use isNull to ask for null"))
                continue
            }
            switch operand(element, for: type, from: place, at: next) {
            case .value(let value): values.append(value)
            case .field, .user: problems.append(FilterProblem(.variableNotAllowed, at: next, "a variable cannot stand in a list"))
            case nil: continue
            }
        }
        return values
    }

    private mutating func has(_ json: JSONValue, _ element: FieldType, on path: FieldPath, at pointer: String) -> Filter {
        if case .string(let text) = json, isVariable(text) {
            problems.append(variableProblem(text, at: pointer))
            return .all([])
        }
        do throws(ValueProblem) {
            let value = try element.value(from: json)
            guard !value.isNull else { throw ValueProblem(.wrongType, "is null; expected \(element.expectation)") }
            return .has(field: path, element.jsonAtom(value))
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
        switch author {
        case .client:
            FilterProblem(.variableNotAllowed, at: pointer, "variables like «\(text.excerpt)» are for the schema file only")
        case .check where text.hasPrefix("$user"):
            FilterProblem(.variableNotAllowed, at: pointer, "«\(text.excerpt)»: a check holds for every caller alike")
        case .check, .schema:
            FilterProblem(
                .variableNotAllowed, at: pointer,
                "«\(text.excerpt)» is no variable; known are $record.Field and, in access rules, $user.attribute, compared with by equals, not, gt, gte, lt or lte"
            )
        }
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
        // An identifier is kept as text in either type.
        case (.string, .uuid), (.uuid, .string): true
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
