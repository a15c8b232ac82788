import SeaworthySchema

/// What an expression of a check or default says, as far as it is one of those that the schema language can say too.
indirect enum SQLExpression: Equatable {
    case all([SQLExpression])
    case any([SQLExpression])
    case not(SQLExpression)
    case compare(SQLExpression, Filter.Comparison, SQLExpression)
    case isIn(SQLExpression, [SQLExpression])
    case isNull(SQLExpression, Bool)
    /// A text matches a regular expression in PostgreSQL's manner.
    case matches(SQLExpression, String)
    case column(String)
    case text(String)
    /// As it is written, with its sign.
    case number(String)
    case flag(Bool)
    case null
    /// A function, by its name in lower case.
    case call(String, [SQLExpression])
    case cast(SQLExpression, String)
    case array([SQLExpression])

    /// Nil for everything else.
    ///
    /// - Parameter columns: the names that a word can be a column by; a word between quotes that is none of them is a text in SQLite.
    init?(_ sql: String, columns: Set<String>) {
        var parser = SQLExpressionParser(sql, columns: columns)
        guard let expression = parser.whole() else { return nil }
        self = expression
    }

    /// Without the casts around it.
    var bare: SQLExpression {
        if case .cast(let inner, _) = self { inner.bare } else { self }
    }
}

/// Reads an expression from its first token to its last: what it does not know makes it give up.
private struct SQLExpressionParser {
    private let tokens: [SQLTokens.Token]
    private let columns: Set<String>
    private var index = 0
    private var depth = 0
    private static let deepest = 40

    init(_ sql: String, columns: Set<String>) {
        tokens = SQLTokens(sql).all.filter { $0.kind != .comment }
        self.columns = columns
    }

    mutating func whole() -> SQLExpression? {
        guard let expression = disjunction(), index == tokens.count else { return nil }
        return expression
    }

    private func next(_ offset: Int = 0) -> SQLTokens.Token? {
        tokens.indices.contains(index + offset) ? tokens[index + offset] : nil
    }

    private mutating func take(_ words: String...) -> Bool {
        for (offset, word) in words.enumerated() where !(next(offset)?.is(word) ?? false) { return false }
        index += words.count
        return true
    }

    // MARK: Conditions

    private mutating func disjunction() -> SQLExpression? {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest, let first = conjunction() else { return nil }
        var parts = [first]
        while take("OR") {
            guard let part = conjunction() else { return nil }
            parts.append(part)
        }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() -> SQLExpression? {
        guard let first = negation() else { return nil }
        var parts = [first]
        while take("AND") {
            guard let part = negation() else { return nil }
            parts.append(part)
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() -> SQLExpression? {
        guard take("NOT") else { return comparison() }
        return negation().map(SQLExpression.not)
    }

    private static let comparisons: [String: Filter.Comparison] = [
        "=": .equals, "==": .equals, "<>": .not, "!=": .not, "<": .lt, "<=": .lte, ">": .gt, ">=": .gte,
    ]

    private mutating func comparison() -> SQLExpression? {
        guard let left = operand() else { return nil }
        if take("IS", "NOT", "NULL") || take("NOTNULL") { return .isNull(left, false) }
        if take("IS", "NULL") || take("ISNULL") { return .isNull(left, true) }
        if take("IN") { return list().map { .isIn(left, $0) } }
        if take("NOT", "IN") { return list().map { .not(.isIn(left, $0)) } }
        if take("BETWEEN") {
            guard let low = operand(), take("AND"), let high = operand() else { return nil }
            return .all([.compare(left, .gte, low), .compare(left, .lte, high)])
        }
        if take("~") {
            guard case .text(let pattern)? = operand()?.bare else { return nil }
            return .matches(left, pattern)
        }
        guard let sign = next(), sign.kind == .sign, let comparison = Self.comparisons[sign.text] else { return left }
        index += 1
        if comparison == .equals, take("ANY") {
            guard take("("), let list = operand(), case .array(let values) = list.bare, take(")") else { return nil }
            return .isIn(left, values)
        }
        return operand().map { .compare(left, comparison, $0) }
    }

    private mutating func list() -> [SQLExpression]? {
        guard take("(") else { return nil }
        return elements(until: ")")
    }

    private mutating func elements(until end: String) -> [SQLExpression]? {
        if take(end) { return [] }
        var values: [SQLExpression] = []
        repeat {
            guard let value = disjunction() else { return nil }
            values.append(value)
        } while take(",")
        return take(end) ? values : nil
    }

    // MARK: Values

    private mutating func operand() -> SQLExpression? {
        guard var value = primary() else { return nil }
        while take("::") {
            guard let type = typeName() else { return nil }
            value = .cast(value, type)
        }
        return value
    }

    private mutating func primary() -> SQLExpression? {
        guard let token = next() else { return nil }
        if take("(") {
            guard let inner = disjunction(), take(")") else { return nil }
            return inner
        }
        if take("-") || take("+") {
            guard let number = next(), number.kind == .number else { return nil }
            index += 1
            return .number(token.text == "-" ? "-" + number.text : number.text)
        }
        if take("ARRAY", "[") { return elements(until: "]").map(SQLExpression.array) }
        index += 1
        switch token.kind {
        case .text: return .text(token.text)
        case .number: return .number(token.text)
        case .quoted: return columns.contains(token.text) ? .column(token.text) : .text(token.text)
        case .word: return word(token)
        case .sign, .comment: return nil
        }
    }

    private mutating func word(_ token: SQLTokens.Token) -> SQLExpression? {
        switch token.text.uppercased() {
        case "TRUE": return .flag(true)
        case "FALSE": return .flag(false)
        case "NULL": return .null
        case "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP", "CURRENT_USER":
            return .call(token.text.lowercased(), [])
        case "CASE", "SELECT", "EXISTS", "CAST": return nil
        default: break
        }
        if take("(") { return elements(until: ")").map { .call(token.text.lowercased(), $0) } }
        if let column = columns.first(where: { $0 == token.text }) ?? columns.first(where: { $0.lowercased() == token.text.lowercased() }) {
            return .column(column)
        }
        return nil
    }

    /// The name of a type with what belongs to it, in lower case without its length.
    private mutating func typeName() -> String? {
        guard let first = next(), first.isName else { return nil }
        index += 1
        var name = first.text.lowercased()
        if take(".") {
            guard let last = next(), last.isName else { return nil }
            index += 1
            name = last.text.lowercased()
        }
        while let word = next(), word.kind == .word,
            ["VARYING", "PRECISION", "WITH", "WITHOUT", "TIME", "ZONE"].contains(word.text.uppercased())
        {
            name += " " + word.text.lowercased()
            index += 1
        }
        if take("(") {
            while let part = next(), part.kind == .number || part.is(",") { index += 1 }
            guard take(")") else { return nil }
        }
        while take("[", "]") { name += "[]" }
        return name
    }
}
