/// What a statement does to which table, of its text, for the name of its span. Nothing of it is a value.
struct StatementSummary: Equatable {
    /// Such as `SELECT`; empty for a text without a word.
    var operation = ""
    /// The first table that is read from or written to.
    var collection: String?

    private static let operations: Set<String> = ["SELECT", "INSERT", "UPDATE", "DELETE"]
    /// What may stand between FROM, INTO or UPDATE and a table.
    private static let fillers: Set<String> = ["ONLY", "SELECT", "LATERAL"]

    init(_ sql: String) {
        var scanner = Scanner(rest: sql.utf8[...])
        var isBeforeTable = false
        var last = ""
        // Within parentheses, where there is none outside: a subquery, or an argument.
        var inner: String?
        func found(_ name: String) {
            if scanner.depth == 0 { collection = collection ?? name } else { inner = inner ?? name }
        }
        while let token = scanner.next() {
            switch token {
            case .word(let word):
                let upper = word.uppercased()
                if isBeforeTable, !Self.fillers.contains(upper) {
                    found(word)
                    isBeforeTable = false
                } else if operation.isEmpty || (operation == "WITH" && scanner.depth == 0 && Self.operations.contains(upper)) {
                    operation = upper
                }
                if upper == "INTO" || (upper == "FROM" && last != "DISTINCT") || (upper == "UPDATE" && operation == upper) {
                    isBeforeTable = true
                }
                last = upper
            case .name(let name):
                if isBeforeTable { found(name) }
                isBeforeTable = false
            case .other: isBeforeTable = false
            }
        }
        collection = collection ?? inner
    }

    private struct Scanner {
        enum Token {
            case word(String)
            /// In double quotes.
            case name(String)
            case other
        }

        var rest: Substring.UTF8View
        /// Parentheses that are open.
        var depth = 0

        mutating func next() -> Token? {
            while let byte = rest.first, byte <= 0x20 { rest = rest.dropFirst() }
            guard let byte = rest.first else { return nil }
            switch byte {
            case UInt8(ascii: "\""): return .name(quoted(byte))
            case UInt8(ascii: "'"):
                _ = quoted(byte)
                return .other
            case _ where Self.isLetter(byte):
                let word = rest.prefix { Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
                rest = rest[word.endIndex...]
                return .word(String(Substring(word)))
            default:
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                rest = rest.dropFirst()
                return .other
            }
        }

        private mutating func quoted(_ quote: UInt8) -> String {
            let inner = rest.dropFirst().prefix { $0 != quote }
            rest = rest[inner.endIndex...].dropFirst()
            return String(Substring(inner))
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        }
    }
}
