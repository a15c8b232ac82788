/// Takes a text of SQL apart into statements and the comments between them, without understanding more of it than where each ends.
///
/// Strict: what it cannot be sure of is refused, since half a statement could be worse than none.
struct SQLScript {
    enum Part: Equatable {
        /// Without its semicolon, and with the comments within it.
        case statement(String, line: Int)
        /// The text behind `--`, without the space that follows it.
        case comment(String, line: Int)
    }

    struct Failure: Error, Equatable {
        var line: Int
        var reason: String
    }

    enum Flavour {
        case sqlite, postgres
    }

    private let scalars: [Unicode.Scalar]
    private let flavour: Flavour
    private var index = 0
    private var line = 1
    private var parts: [Part] = []

    // The statement that is being read.
    private var text = ""
    private var start = 1
    /// Its words outside of quotation marks, in upper case: the first four, and the last.
    private var firstWords: [String] = []
    private var word = ""
    private var lastWord = ""
    /// In the body of a SQLite trigger a statement ends, and the whole only with END.
    private var isAfterInnerEnd = false
    /// Words behind the last semicolon within a trigger.
    private var wordsSince = 0

    static func parts(of text: String, _ flavour: Flavour) throws(Failure) -> [Part] {
        var script = SQLScript(text, flavour)
        try script.read()
        return script.parts
    }

    private init(_ text: String, _ flavour: Flavour) {
        scalars = Array(text.unicodeScalars)
        self.flavour = flavour
    }

    private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
    private var next: Unicode.Scalar? { index + 1 < scalars.count ? scalars[index + 1] : nil }

    private mutating func take() {
        if scalars[index] == "\n" { line += 1 }
        text.unicodeScalars.append(scalars[index])
        index += 1
    }

    private mutating func read() throws(Failure) {
        while let scalar = current {
            if Self.isWord(scalar), !(word.isEmpty && scalar == "$") {
                if isBlank { start = line }
                word.unicodeScalars.append(scalar)
                take()
                continue
            }
            let escapes = flavour == .postgres && word.uppercased() == "E" && scalar == "'"
            try endWord()
            switch (scalar, next) {
            case ("-", "-"): lineComment()
            case ("/", "*"): try blockComment()
            case ("'", _): try quoted("'", escapes: escapes)
            case ("\"", _): try quoted("\"")
            case ("`", _) where flavour == .sqlite: try quoted("`")
            case ("[", _) where flavour == .sqlite: try quoted("]")
            case ("$", _) where flavour == .postgres: try dollar()
            case (";", _): endOfStatement()
            case ("\\", _): throw Failure(line: line, reason: "«\\» outside of a text; commands of a client do not belong here")
            case ("\0", _): throw Failure(line: line, reason: "it holds a NUL")
            default:
                if isBlank, !scalar.properties.isWhitespace { start = line }
                take()
            }
        }
        try endWord()
        guard isBlank else { throw Failure(line: start, reason: "the statement has no «;» at its end") }
    }

    private var isBlank: Bool { text.unicodeScalars.allSatisfy { $0.properties.isWhitespace } }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "$"
    }

    private mutating func endWord() throws(Failure) {
        guard !word.isEmpty else { return }
        let upper = word.uppercased()
        if firstWords.count < 4 { firstWords.append(upper) }
        if flavour == .postgres, lastWord == "BEGIN", upper == "ATOMIC" {
            throw Failure(line: line, reason: "a body between BEGIN ATOMIC and END; write it between dollar quotes")
        }
        lastWord = upper
        wordsSince += 1
        word = ""
    }

    private var isTrigger: Bool {
        guard flavour == .sqlite, firstWords.first == "CREATE", firstWords.count > 1 else { return false }
        return firstWords[1] == "TRIGGER" || (["TEMP", "TEMPORARY"].contains(firstWords[1]) && firstWords.dropFirst(2).first == "TRIGGER")
    }

    private mutating func endOfStatement() {
        if isTrigger {
            guard isAfterInnerEnd, lastWord == "END", wordsSince == 1 else {
                isAfterInnerEnd = true
                wordsSince = 0
                return take()
            }
        }
        index += 1
        if !isBlank { parts.append(.statement(trimmed(text), line: start)) }
        text = ""
        firstWords = []
        lastWord = ""
        wordsSince = 0
        isAfterInnerEnd = false
    }

    private func trimmed(_ text: String) -> String {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        var scalars = text.unicodeScalars[...]
        scalars = scalars.drop(while: isSpace)
        while let last = scalars.last, isSpace(last) { scalars.removeLast() }
        return String(scalars)
    }

    // MARK: Comments

    private mutating func lineComment() {
        let isBetween = isBlank
        var comment = ""
        while let scalar = current, scalar != "\n" {
            comment.unicodeScalars.append(scalar)
            index += 1
        }
        guard isBetween else { return text.append(comment) }
        text = ""
        var body = comment.unicodeScalars.dropFirst(2)
        if body.first == " " { body.removeFirst() }
        parts.append(.comment(trimmed(String(body)), line: line))
    }

    private mutating func blockComment() throws(Failure) {
        let (begin, isBetween) = (line, isBlank)
        var depth = 0
        repeat {
            guard let scalar = current else { throw Failure(line: begin, reason: "the comment has no end") }
            if scalar == "*", next == "/" {
                depth -= 1
                take()
            } else if scalar == "/", next == "*", flavour == .postgres || depth == 0 {
                depth += 1
                take()
            }
            take()
        } while depth > 0
        if isBetween { text = "" }
    }

    // MARK: Texts

    private mutating func quoted(_ end: Unicode.Scalar, escapes: Bool = false) throws(Failure) {
        let begin = line
        if isBlank { start = line }
        take()
        while let scalar = current {
            if escapes, scalar == "\\", next != nil {
                take()
            } else if scalar == end {
                take()
                guard current == end, end != "]" else { return }
            }
            take()
        }
        throw Failure(line: begin, reason: "the text or name in quotation marks has no end")
    }

    /// `$tag$ … $tag$`; a `$` that begins no tag is left where it is.
    private mutating func dollar() throws(Failure) {
        let begin = line
        var end = index + 1
        while end < scalars.count, scalars[end] != "$", Self.isWord(scalars[end]) { end += 1 }
        let tag = scalars[index..<min(end + 1, scalars.count)]
        guard end < scalars.count, scalars[end] == "$", !(tag.count > 2 && ("0"..."9").contains(tag[index + 1])) else { return take() }
        if isBlank { start = line }
        for _ in tag { take() }
        while index < scalars.count {
            if scalars[index] == "$", scalars[index...].starts(with: tag) {
                for _ in tag { take() }
                return
            }
            take()
        }
        throw Failure(line: begin, reason: "the text between dollar quotes has no end")
    }
}
