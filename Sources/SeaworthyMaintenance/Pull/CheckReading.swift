import SeaworthySchema

/// Takes the checks of a table over into its entity: values of an enum, bounds, patterns and checks, where they say exactly the same.
struct CheckReading {
    private var draft: EntityDraft
    private let columns: Set<String>

    /// - Returns: the draft with what its checks say; what they cannot say is noted, and still holds in the database.
    static func read(_ draft: EntityDraft) -> EntityDraft {
        var reading = CheckReading(draft: draft)
        guard !draft.entity.isReadOnly else { return draft }
        for check in draft.table.checks { reading.read(check) }
        return reading.draft
    }

    private init(draft: EntityDraft) {
        self.draft = draft
        columns = Set(draft.table.columns.map(\.name))
    }

    private mutating func read(_ check: CatalogCheck) {
        var names = columns
        if check.valueColumn != nil { names.insert("VALUE") }
        guard var expression = SQLExpression(check.expression, columns: names) else { return keep(check) }
        if let column = check.valueColumn { expression = expression.replacingValue(by: column) }
        let parts: [SQLExpression] = if case .all(let parts) = expression { parts } else { [expression] }
        // All of it or nothing, so that a note tells the whole of what the database holds.
        var attempt = self
        for (number, part) in parts.enumerated() where !attempt.apply(part, check, parts.count > 1 ? number + 1 : nil) {
            return keep(check)
        }
        self = attempt
    }

    private mutating func keep(_ check: CatalogCheck) {
        let name = check.name.map { " \($0)" } ?? ""
        draft.note("check\(name) is kept by the database only: \(check.expression.oneLine)")
    }

    private mutating func apply(_ part: SQLExpression, _ check: CatalogCheck, _ number: Int?) -> Bool {
        switch part {
        case .isIn(let subject, let values):
            if let field = field(subject), let values = texts(values), setValues(values, field) { return true }
            if let field = field(subject), isFlag(values, field) { return true }
        case .any(let alternatives):
            if let (column, values) = alternatives.equalities, let field = field(column), let values = texts(values),
                setValues(values, field)
            {
                return true
            }
        case .compare(let subject, let comparison, let other):
            if setBound(subject, comparison, other) || setBound(other, comparison.flipped, subject) { return true }
            if setLength(subject, comparison, other) { return true }
        case .matches(let subject, let pattern): return setPattern(subject, pattern)
        case .isNull(let subject, false):
            if let field = field(subject), !draft.entity.isNullable(field) { return true }
        default: break
        }
        return addCheck(part, check, number)
    }

    // MARK: Parts of an expression

    /// The field of a column; not of one that is cast to something else than it is.
    private func field(_ expression: SQLExpression) -> Int? {
        switch expression {
        case .column(let name): return draft.field(ofColumn: name)
        case .cast(let inner, let type):
            guard let field = field(inner) else { return nil }
            let isText = ["text", "character varying", "bpchar", "character"].contains(type)
            let isNumber = ["numeric", "double precision", "real", "integer", "bigint", "smallint"].contains(type)
            let own = draft.entity.fields[field].type
            return isText && own.isText || isNumber && own.isNumber ? field : nil
        default: return nil
        }
    }

    private func texts(_ values: [SQLExpression]) -> [String]? {
        let texts = values.compactMap { if case .text(let text) = $0.bare { text } else { nil } }
        return texts.count == values.count ? texts : nil
    }

    /// A literal as a value of a type; nil when the type has none for it.
    private func value(_ expression: SQLExpression, _ type: FieldType) -> Value? {
        // A time without a zone depends on who reads it.
        guard type != .timestamp else { return nil }
        let json: JSONValue
        switch (expression.bare, type) {
        case (.number(let digits), .decimal), (.number(let digits), .bigint): json = .string(digits)
        case (.number(let digits), .integer), (.number(let digits), .double):
            guard let number = try? JSONParser.parse(digits), case .number = number else { return nil }
            json = number
        case (.text(let text), .integer), (.text(let text), .double):
            guard let number = try? JSONParser.parse(text), case .number = number else { return nil }
            json = number
        case (.text(let text), _): json = .string(text)
        case (.flag(let flag), .boolean): json = .bool(flag)
        default: return nil
        }
        return try? type.value(from: json)
    }

    // MARK: What a field can say

    private mutating func setValues(_ values: [String], _ field: Int) -> Bool {
        let own = draft.entity.fields[field]
        guard [.string, .text].contains(own.type), own.pattern == nil, own.minLength == nil, !values.isEmpty, values.count <= 200 else {
            return false
        }
        guard values.allSatisfy({ !$0.isEmpty && $0.unicodeScalars.count <= min(200, own.maxLength ?? 200) }),
            Set(values).count == values.count
        else { return false }
        draft.entity.fields[field].type = .enum(values)
        draft.entity.fields[field].maxLength = nil
        return true
    }

    /// 0 and 1, by which a database without booleans keeps them.
    private mutating func isFlag(_ values: [SQLExpression], _ field: Int) -> Bool {
        let (own, column) = (draft.entity.fields[field].type, draft.column(of: field)?.type)
        let isBoth = values.count == 2 && values.contains { $0.bare == .number("0") } && values.contains { $0.bare == .number("1") }
        guard isBoth, column == "INTEGER" || column == "NUMERIC", own == .integer || own == .boolean, !draft.entity.key.contains(field)
        else {
            return false
        }
        draft.entity.fields[field].type = .boolean
        draft.entity.fields[field].minimum = nil
        draft.entity.fields[field].maximum = nil
        return true
    }

    private mutating func setBound(_ subject: SQLExpression, _ comparison: Filter.Comparison, _ other: SQLExpression) -> Bool {
        guard let field = field(subject) else { return false }
        let own = draft.entity.fields[field]
        guard own.type.isNumber || own.type == .date, var bound = value(other, own.type) else { return false }
        switch comparison {
        case .gte, .lte: break
        case .gt, .lt:
            // The next whole number; other numbers have none.
            guard case .integer(let number) = bound, own.type == .integer || own.type == .bigint else { return false }
            let (next, overflows) = number.addingReportingOverflow(comparison == .gt ? 1 : -1)
            guard !overflows else { return false }
            bound = .integer(next)
        case .equals, .not: return false
        }
        let isLowest = comparison == .gt || comparison == .gte
        if isLowest {
            if let earlier = own.minimum, bound.isOrdered(before: earlier) { bound = earlier }
            if let maximum = own.maximum, maximum.isOrdered(before: bound) { return false }
            draft.entity.fields[field].minimum = bound
        } else {
            if let earlier = own.maximum, earlier.isOrdered(before: bound) { bound = earlier }
            if let minimum = own.minimum, bound.isOrdered(before: minimum) { return false }
            draft.entity.fields[field].maximum = bound
        }
        return true
    }

    private mutating func setLength(_ subject: SQLExpression, _ comparison: Filter.Comparison, _ other: SQLExpression) -> Bool {
        guard case .call(let name, let arguments) = subject.bare, ["length", "char_length", "character_length"].contains(name),
            arguments.count == 1, let field = field(arguments[0]), case .number(let digits) = other.bare, let number = Int(digits)
        else { return false }
        let own = draft.entity.fields[field]
        guard [.string, .text].contains(own.type) else { return false }
        var (least, most) = (own.minLength, own.maxLength)
        switch comparison {
        case .lte: most = min(number, most ?? number)
        case .lt: most = min(number - 1, most ?? number)
        case .gte: least = max(number, least ?? number)
        case .gt: least = max(number + 1, least ?? 0)
        case .equals: (least, most) = (number, number)
        case .not: return false
        }
        guard (most ?? 1) >= 1, (least ?? 0) >= 0, (least ?? 0) <= (most ?? .max) else { return false }
        draft.entity.fields[field].minLength = least == 0 ? nil : least
        draft.entity.fields[field].maxLength = most
        return true
    }

    /// Only what means the same in PostgreSQL's regular expressions and in ours.
    private mutating func setPattern(_ subject: SQLExpression, _ source: String) -> Bool {
        guard let field = field(subject), [.string, .text].contains(draft.entity.fields[field].type),
            draft.entity.fields[field].pattern == nil, source.isCommonPattern, let pattern = try? Pattern(source)
        else { return false }
        draft.entity.fields[field].pattern = pattern
        return true
    }

    // MARK: Checks

    private mutating func addCheck(_ part: SQLExpression, _ check: CatalogCheck, _ number: Int?) -> Bool {
        guard let filter = filter(part) else { return false }
        let fields = filter.fields(of: draft.entity).sorted().map { draft.entity.fields[$0].name }
        var name = check.name ?? (fields + ["check"]).joined(separator: "_")
        if let number { name += "_\(number)" }
        if NameRules.member(name, of: "a check") != nil { name = "check_\(draft.entity.checks.count + 1)" }
        var (unique, count) = (name, 2)
        while draft.entity.checks.contains(where: { $0.name == unique }) {
            unique = "\(name)_\(count)"
            count += 1
        }
        draft.entity.checks.append(Check(name: unique, filter: filter))
        return true
    }

    private func filter(_ expression: SQLExpression) -> Filter? {
        switch expression {
        case .all(let parts): return filters(parts).map(Filter.all)
        case .any(let parts): return filters(parts).map(Filter.any)
        case .not(let part): return filter(part).map(Filter.not)
        case .isNull(let subject, let flag): return field(subject).map { .isNull(field: FieldPath($0), flag) }
        case .isIn(let subject, let list):
            guard let field = field(subject) else { return nil }
            let values = list.compactMap { value($0, draft.entity.fields[field].type) }
            return values.count == list.count && !values.isEmpty ? .isIn(field: FieldPath(field), values) : nil
        case .compare(let subject, let comparison, let other):
            if let one = self.field(subject), let two = self.field(other) { return compare(one, comparison, two) }
            return literal(subject, comparison, other) ?? literal(other, comparison.flipped, subject)
        // A column of booleans by itself.
        case .column:
            guard let field = field(expression), draft.entity.fields[field].type == .boolean else { return nil }
            return .compare(field: FieldPath(field), .equals, .value(.integer(1)))
        default: return nil
        }
    }

    private func filters(_ parts: [SQLExpression]) -> [Filter]? {
        let filters = parts.compactMap(filter)
        return filters.count == parts.count ? filters : nil
    }

    private func literal(_ subject: SQLExpression, _ comparison: Filter.Comparison, _ other: SQLExpression) -> Filter? {
        guard let field = field(subject) else { return nil }
        let type = draft.entity.fields[field].type
        guard isComparable(type, comparison), let value = value(other, type) else { return nil }
        return .compare(field: FieldPath(field), comparison, .value(value))
    }

    private func compare(_ one: Int, _ comparison: Filter.Comparison, _ two: Int) -> Filter? {
        let (type, other) = (draft.entity.fields[one].type, draft.entity.fields[two].type)
        guard type == other, isComparable(type, comparison) else { return nil }
        return .compare(field: FieldPath(one), comparison, .field(FieldPath(two)))
    }

    /// Texts are in another order in some databases.
    private func isComparable(_ type: FieldType, _ comparison: Filter.Comparison) -> Bool {
        switch type {
        case .json, .array, .bytes: false
        case _ where comparison == .equals || comparison == .not: true
        default: type.isNumber || type == .date || type == .timestamp
        }
    }
}

extension Filter.Comparison {
    /// What holds when both sides change places.
    var flipped: Filter.Comparison {
        switch self {
        case .gt: .lt
        case .gte: .lte
        case .lt: .gt
        case .lte: .gte
        case .equals, .not: self
        }
    }
}

extension [SQLExpression] {
    /// Of `a = 1 OR a = 2` the column and the values.
    fileprivate var equalities: (SQLExpression, [SQLExpression])? {
        var column: SQLExpression?
        var values: [SQLExpression] = []
        for part in self {
            guard case .compare(let subject, .equals, let value) = part, column == nil || column == subject else { return nil }
            column = subject
            values.append(value)
        }
        return column.map { ($0, values) }
    }
}

extension SQLExpression {
    /// A domain's check with the column that has the domain.
    fileprivate func replacingValue(by column: String) -> SQLExpression {
        func all(_ parts: [SQLExpression]) -> [SQLExpression] { parts.map { $0.replacingValue(by: column) } }
        return switch self {
        case .column("VALUE"): .column(column)
        case .all(let parts): .all(all(parts))
        case .any(let parts): .any(all(parts))
        case .not(let part): .not(part.replacingValue(by: column))
        case .compare(let one, let comparison, let two):
            .compare(one.replacingValue(by: column), comparison, two.replacingValue(by: column))
        case .isIn(let subject, let values): .isIn(subject.replacingValue(by: column), values)
        case .isNull(let subject, let flag): .isNull(subject.replacingValue(by: column), flag)
        case .matches(let subject, let pattern): .matches(subject.replacingValue(by: column), pattern)
        case .call(let name, let arguments): .call(name, all(arguments))
        case .cast(let inner, let type): .cast(inner.replacingValue(by: column), type)
        case .column, .text, .number, .flag, .null, .array: self
        }
    }
}

extension String {
    /// On one line, with single spaces.
    var oneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// Whether it holds only what every regular expression language reads alike: letters, digits, classes of them, repetitions, alternatives
    /// and escaped signs.
    fileprivate var isCommonPattern: Bool {
        var isEscaped = false
        var last: Character?
        for character in self {
            if isEscaped {
                guard ".+*?()[]{}|^$\\/-".contains(character) else { return false }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                guard character.isASCII, character.isLetter || character.isNumber || "^$[]{}()+*?|-, _@/:;#%&=!<>\"'~".contains(character)
                else {
                    return false
                }
                if last == "[", character == ":" || character == "=" { return false }
                if last == "(", character == "?" { return false }
                // Lazy and possessive repetitions, and constraints that begin with `***`.
                if "+*?}".contains(last ?? "a"), "+*?".contains(character) { return false }
            }
            last = character
        }
        return !isEscaped
    }
}
