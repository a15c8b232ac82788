/// Checks a value against the shape that the language gives its key, and reports what does not fit at its own place.
///
/// Of a list of lists, of names or of filters each wrong part is reported, and the rest is accepted: what reads it passes over the wrong
/// parts, so that problems of the others are told in the same run.
struct ShapeCheck {
    let log: ProblemLog

    func accepts(_ value: DeclaredValue, _ key: SchemaKey) -> Bool {
        switch key.shape {
        case .anything: return true
        case .text: return value.text.map { !$0.isEmpty } ?? false || wrong(value, "text", quoting(value))
        case .boolean: return value.bool != nil || wrong(value, "true or false", "write `true` or `false`.")
        case .integer(let range): return acceptsInteger(value, range)
        case .word(let words): return acceptsWord(value, words, of: key)
        case .names:
            if value.node.elements == nil { return value.text != nil || wrong(value, "a name or a list of names", quoting(value)) }
            return acceptsTexts(value, isEmptyAllowed: false)
        case .nameList:
            _ = acceptsTexts(value, isEmptyAllowed: true)
            return value.node.elements != nil
        case .texts: return acceptsTexts(value, isEmptyAllowed: false)
        case .nameLists:
            guard value.node.elements != nil else { return wrong(value, "a list of lists of field names", "write `[[FieldA, FieldB]]`.") }
            for element in value.elements { _ = acceptsTexts(element, isEmptyAllowed: false) }
            return true
        case .section(let section): return acceptsMapping(value, "a mapping", "write `key: value` pairs of \(section.title).")
        case .named:
            guard acceptsMapping(value, "a mapping of names", "write a name, a colon and what it stands for.") else { return false }
            guard !key.isRequired || !value.members.isEmpty else {
                log.report(.missingKey, at: value.place, path: value.path, "«\(key.name)» is empty.", fix: "declare at least one.")
                return false
            }
            return true
        case .namedWords(let words):
            guard acceptsMapping(value, "a mapping of names", "write `name: \(words[0])`.") else { return false }
            for member in value.members { _ = acceptsWord(member.value, words, of: key) }
            return true
        case .filters:
            guard acceptsMapping(value, "a mapping of names", "write `name: { Field: { gte: 0 } }`.") else { return false }
            for member in value.members { _ = acceptsMapping(member.value, "a filter", "write `{ Field: { gte: 0 } }`.") }
            return true
        case .rule:
            return value.bool != nil || value.node.members != nil
                || wrong(value, "true, false or a filter", "write `true`, `false` or `{ Field: value }`.")
        case .flagOr:
            return value.bool != nil || value.node.members != nil
                || wrong(value, "true, false or a mapping", "write `true`.")
        case .duration(let bounds): return acceptsDuration(value, bounds)
        case .durationOr(let bounds, _): return value.node.members != nil || acceptsDuration(value, bounds)
        case .rate: return acceptsRate(value)
        case .rateOr: return value.node.members != nil || acceptsRate(value)
        case .namedRates:
            guard acceptsMapping(value, "a mapping of names", "write `name: 300/m`.") else { return false }
            for member in value.members where member.value.node.members == nil { _ = acceptsRate(member.value) }
            return true
        case .bound:
            switch value.node.content {
            case .number, .text: return true
            default: return wrong(value, "a number or text", "write a number, or a date or decimal in quotes.")
            }
        case .entityOr:
            return value.text != nil || value.node.members != nil
                || wrong(value, "an entity's name or a mapping", "write `references: Customer`.")
        }
    }

    private func acceptsInteger(_ value: DeclaredValue, _ range: ClosedRange<Int>) -> Bool {
        guard case .number(let digits) = value.node.content, let number = Int(digits) else {
            return wrong(value, "a whole number", "write digits, without quotes.")
        }
        guard range.contains(number) else {
            log.report(
                .outOfRange, at: value.place, path: value.path, "«\(number)» is not between \(range.lowerBound) and \(range.upperBound).",
                fix: "write a number from \(range.lowerBound) to \(range.upperBound).")
            return false
        }
        return true
    }

    private func acceptsDuration(_ value: DeclaredValue, _ bounds: ClosedRange<Duration>) -> Bool {
        let (first, last) = (DurationText.render(bounds.lowerBound), DurationText.render(bounds.upperBound))
        return value.text.flatMap(DurationText.parse).map(bounds.contains) ?? false
            || wrong(value, "a duration between \(first) and \(last)", "write a whole number with its unit, as in `\(last)`.")
    }

    private func acceptsRate(_ value: DeclaredValue) -> Bool {
        value.text.flatMap(Schema.Limits.Bound.init) != nil
            || wrong(
                value, "a rate from 1/d to \(RequestRate.largestCount)/s, or none",
                "write how often in which time, as in `300/m`, `10/15m` or `1/s`.")
    }

    private func acceptsWord(_ value: DeclaredValue, _ words: [String], of key: SchemaKey) -> Bool {
        let list = words.joined(separator: ", ")
        guard let text = value.text else { return wrong(value, "one of \(list)", "write one of these words.") }
        guard !words.contains(where: text.hasSameBytes) else { return true }
        let isType = key.name == "type" || key.name == "items" || key.name == "attributes"
        log.report(
            isType ? .unknownType : .outOfRange, at: value.place, path: value.path,
            "«\(text.lineExcerpt)» is not \(isType ? "a type" : "a value of `\(key.name)`"). Known: \(list).",
            fix: words.nearest(to: text).map { "did you mean «\($0)»?" } ?? "use one of these.")
        return false
    }

    private func acceptsTexts(_ value: DeclaredValue, isEmptyAllowed: Bool) -> Bool {
        guard let elements = value.node.elements else { return wrong(value, "a list", "write `[one, two]`.") }
        guard isEmptyAllowed || !elements.isEmpty else {
            log.report(.missingKey, at: value.place, path: value.path, "The list is empty.", fix: "name at least one.")
            return false
        }
        return value.elements.map { $0.text != nil || wrong($0, "text", quoting($0)) }.allSatisfy { $0 }
    }

    private func acceptsMapping(_ value: DeclaredValue, _ expected: String, _ fix: String) -> Bool {
        value.node.members != nil || wrong(value, expected, fix)
    }

    private func quoting(_ value: DeclaredValue) -> String {
        switch value.node.content {
        case .bool(let flag): "put it in quotes: \"\(flag)\"."
        case .number(let digits): "put it in quotes: \"\(digits.lineExcerpt)\"."
        default: "write text here."
        }
    }

    /// - Returns: false, so that a check can end with it.
    private func wrong(_ value: DeclaredValue, _ expected: String, _ fix: String) -> Bool {
        log.report(.wrongType, at: value.place, path: value.path, "Expected \(expected), found \(value.node.described).", fix: fix)
        return false
    }
}
