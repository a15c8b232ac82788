extension FilterParser {
    /// One parameter of a query string in the bracket form: `filter[Country][in]=USA,UK`.
    package struct BracketItem: Sendable {
        package var field: String
        package var operatorName: String?
        package var text: String
        /// The parameter's name as it was sent, for messages.
        package var parameter: String

        package init(field: String, operatorName: String?, text: String, parameter: String) {
            self.field = field
            self.operatorName = operatorName
            self.text = text
            self.parameter = parameter
        }
    }

    /// The conditions of the bracket form, joined by AND. Several `in` of one field form one list. Each problem's `pointer` is the
    /// parameter's name.
    package mutating func parse(_ items: [BracketItem]) -> Filter {
        var groups: [Group] = []
        var modes: [String: Filter.CaseMode] = [:]
        for item in items {
            let name = item.operatorName ?? "equals"
            if name == "mode" {
                guard let mode = Filter.CaseMode(rawValue: item.text) else {
                    problems.append(FilterProblem(.invalidFilter, at: item.parameter, "is neither insensitive nor sensitive"))
                    continue
                }
                modes[item.field] = mode
                let hasTextMatch = items.contains { $0.field == item.field && Filter.TextMatch(rawValue: $0.operatorName ?? "") != nil }
                if !hasTextMatch {
                    problems.append(FilterProblem(.invalidFilter, at: item.parameter, "goes only with contains, startsWith or endsWith"))
                }
            } else if let known = groups.firstIndex(where: { $0.field == item.field && $0.operatorName == name }) {
                guard name == "in" || name == "notIn" else {
                    problems.append(FilterProblem(.invalidFilter, at: item.parameter, "stands twice; use AND in a JSON filter"))
                    continue
                }
                groups[known].texts.append(item.text)
            } else {
                groups.append(Group(field: item.field, operatorName: name, texts: [item.text], parameter: item.parameter))
            }
        }
        return .all(groups.map { condition(of: $0, mode: modes[$0.field] ?? .insensitive) })
    }

    private struct Group {
        var field: String
        var operatorName: String
        var texts: [String]
        var parameter: String
    }

    private mutating func condition(of group: Group, mode: Filter.CaseMode) -> Filter {
        condition(on: group.field, from: start, at: group.parameter, operatorName: group.operatorName, mode: mode) { [self] type in
            switch group.operatorName {
            case "in", "notIn": return .array(group.texts.flatMap(Self.splitList).map { json(of: $0, as: type) })
            case "isNull":
                switch group.texts[0] {
                case "true": return true
                case "false": return false
                default: return .string(group.texts[0])
                }
            case "has":
                if case .array(let element) = type { return json(of: group.texts[0], as: element) }
                return nil
            case "contains", "startsWith", "endsWith": return .string(group.texts[0])
            default: return json(of: group.texts[0], as: type)
            }
        }
    }

    /// The JSON that a text stands for in a query string, where everything is text: `10` is a number only for a number's field.
    private func json(of text: String, as type: FieldType) -> JSONValue {
        switch type {
        case .boolean where text == "true": return true
        case .boolean where text == "false": return false
        case .integer, .double:
            // A text that is no number stays a string, and is refused as the wrong type with the rest.
            if let json = try? JSONParser.parse(text), case .number = json { return json }
            return .string(text)
        case .array: return (try? JSONParser.parse(text)) ?? .string(text)
        default: return .string(text)
        }
    }

    /// Splits at commas; `\,` is a comma within a value and `\\` a backslash.
    static func splitList(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                if scalar != "," && scalar != "\\" { part.unicodeScalars.append("\\") }
                part.unicodeScalars.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "," {
                parts.append(part)
                part = ""
            } else {
                part.unicodeScalars.append(scalar)
            }
        }
        if isEscaped { part.unicodeScalars.append("\\") }
        return parts + [part]
    }
}
