import SeaworthySchema

/// The words of a text of SQL, as SQLite and PostgreSQL both write it.
struct SQLTokens {
    enum Kind: Equatable {
        /// A keyword or a name without quotes.
        case word
        /// A name between quotes, without them.
        case quoted
        /// A text, without its quotes.
        case text
        case number
        /// One sign, or two that belong together: `<=`, `::`.
        case sign
        case comment
    }

    struct Token: Equatable {
        var kind: Kind
        var text: String
        /// Where it stands, in scalars.
        var range: Range<Int>
        /// Whether a line ended before it, behind the token before.
        var beginsLine: Bool

        /// Whether it is this keyword or sign.
        func `is`(_ other: String) -> Bool {
            (kind == .word && text.uppercased() == other) || (kind == .sign && text == other)
        }

        /// Whether it can be a name.
        var isName: Bool { kind == .word || kind == .quoted }
    }

    private(set) var all: [Token] = []
    private let scalars: [Unicode.Scalar]

    init(_ sql: String) {
        scalars = Array(sql.unicodeScalars)
        read()
    }

    /// The text that some tokens stand in.
    func text(_ tokens: ArraySlice<Token>) -> String {
        guard let first = tokens.first, let last = tokens.last else { return "" }
        return string(first.range.lowerBound..<last.range.upperBound)
    }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    private func scalar(_ index: Int) -> Unicode.Scalar? {
        scalars.indices.contains(index) ? scalars[index] : nil
    }

    private mutating func read() {
        var index = 0
        var beginsLine = false
        while let scalar = scalar(index) {
            if scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" {
                if scalar == "\n" { beginsLine = true }
                index += 1
                continue
            }
            let (kind, end, text) = token(at: index, scalar)
            all.append(Token(kind: kind, text: text, range: index..<end, beginsLine: beginsLine))
            beginsLine = false
            index = end
        }
    }

    private func token(at start: Int, _ scalar: Unicode.Scalar) -> (Kind, Int, String) {
        switch scalar {
        case "'": return enclosed(.text, start, by: "'")
        case "\"", "`": return enclosed(.quoted, start, by: scalar)
        case "[": return bracketed(start)
        case "-" where self.scalar(start + 1) == "-":
            let end = end(from: start) { $0 != "\n" }
            return (.comment, end, string(start + 2..<end).trimmed)
        case "/" where self.scalar(start + 1) == "*":
            var end = start + 2
            while end < scalars.count, !(scalars[end] == "*" && self.scalar(end + 1) == "/") { end += 1 }
            return (.comment, min(end + 2, scalars.count), string(start + 2..<end).trimmed)
        case "0"..."9", ".":
            guard scalar != "." || self.scalar(start + 1).map(isDigit) ?? false else { return (.sign, start + 1, ".") }
            let end = end(from: start) { isDigit($0) || isLetter($0) || $0 == "." }
            return (.number, end, string(start..<end))
        default:
            if isLetter(scalar) {
                let end = end(from: start) { isLetter($0) || isDigit($0) || $0 == "$" }
                return (.word, end, string(start..<end))
            }
            let pairs = ["<=", ">=", "<>", "!=", "==", "::", "||", "!~", "~*", "~~"]
            if let next = self.scalar(start + 1), pairs.contains(String(scalar) + String(next)) {
                return (.sign, start + 2, string(start..<start + 2))
            }
            return (.sign, start + 1, String(scalar))
        }
    }

    /// What stands between two quotes; a doubled one stands for itself.
    private func enclosed(_ kind: Kind, _ start: Int, by quote: Unicode.Scalar) -> (Kind, Int, String) {
        var content = String.UnicodeScalarView()
        var index = start + 1
        while let scalar = scalar(index) {
            if scalar == quote {
                guard self.scalar(index + 1) == quote else { return (kind, index + 1, String(content)) }
                index += 1
            }
            content.append(scalar)
            index += 1
        }
        return (kind, index, String(content))
    }

    /// A name between brackets, which SQLite takes; elsewhere a bracket is a sign: `ARRAY['a', 'b']`, `text[]`.
    private func bracketed(_ start: Int) -> (Kind, Int, String) {
        let end = end(from: start + 1) { $0 != "]" }
        let previous = all.last
        let isOfArray = previous.map { $0.is("ARRAY") || ($0.kind == .word && end == start + 1) } ?? false
        guard !isOfArray, scalar(end) == "]", end > start + 1 else { return (.sign, start + 1, "[") }
        return (.quoted, end + 1, string(start + 1..<end))
    }

    private func end(from start: Int, _ isPart: (Unicode.Scalar) -> Bool) -> Int {
        var index = start
        while let scalar = scalar(index), isPart(scalar) { index += 1 }
        return index
    }

    private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || scalar.value > 127
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        let rest = drop(while: \.isWhitespace)
        guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(rest[...last])
    }
}
