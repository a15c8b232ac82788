import SeaworthySchema

/// What only the text of `CREATE TABLE` tells of a SQLite table: checks, comments, and whether keys are given again.
struct SQLiteTableText {
    private(set) var checks: [CatalogCheck] = []
    /// Comments by the column that they stand at, in lower case: behind it on its line, or on the lines above it.
    private(set) var comments: [String: String] = [:]
    private(set) var hasAutoincrement = false

    init(_ sql: String) {
        let tokens = SQLTokens(sql)
        guard let open = tokens.all.firstIndex(where: { $0.is("(") }) else { return }
        hasAutoincrement = tokens.all.contains { $0.is("AUTOINCREMENT") }
        readChecks(tokens, from: open)
        readComments(tokens.all[open...].dropFirst())
    }

    private mutating func readChecks(_ tokens: SQLTokens, from open: Int) {
        let words = tokens.all.filter { $0.kind != .comment }
        for index in words.indices where words[index].is("CHECK") && words[index].range.lowerBound > tokens.all[open].range.lowerBound {
            guard index + 1 < words.count, words[index + 1].is("("), let close = Self.close(of: index + 1, in: words) else { continue }
            let name = index >= 2 && words[index - 2].is("CONSTRAINT") ? words[index - 1].text : nil
            checks.append(CatalogCheck(name: name, expression: tokens.text(words[index + 2..<close])))
        }
    }

    private static func close(of open: Int, in words: [SQLTokens.Token]) -> Int? {
        var depth = 0
        for index in open..<words.count {
            if words[index].is("(") { depth += 1 }
            if words[index].is(")") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// Walks the definitions of the columns: what stands between two commas that are in no further parentheses.
    private mutating func readComments(_ tokens: ArraySlice<SQLTokens.Token>) {
        var depth = 0
        var column: String?
        var before: [String] = []
        var mayBegin = true
        for token in tokens {
            if token.kind == .comment {
                if let column, !token.beginsLine {
                    comments[column] = [comments[column], token.text].compactMap(\.self).joined(separator: " ")
                } else {
                    before.append(token.text)
                }
                continue
            }
            if token.is("(") { depth += 1 }
            if token.is(")") { depth -= 1 }
            guard depth >= 0 else { return }
            if mayBegin, token.isName {
                let isConstraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains(where: token.is)
                column = isConstraint ? nil : token.text.lowercased()
                if let column, !before.isEmpty { comments[column] = before.joined(separator: " ") }
                before = []
                mayBegin = false
            }
            if depth == 0, token.is(",") { mayBegin = true }
        }
    }
}
