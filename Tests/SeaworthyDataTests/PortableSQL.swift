import SeaworthySQL
import SeaworthySchema

/// The tests' own SQL, which is written for SQLite, for the database they run on.
struct PortableSQL {
    private let schema: Schema
    private let dialect: any Dialect
    private let names: Set<String>

    init(_ schema: Schema, _ dialect: any Dialect) {
        self.schema = schema
        self.dialect = dialect
        names = Set(schema.entities.flatMap { [$0.table] + $0.fields.map(\.column) })
    }

    /// Names of the schema between quotation marks, and each parameter of an INSERT with the type of its column.
    func translated(_ sql: String) -> String {
        guard !(dialect is SQLiteDialect) else { return sql }
        let types = types(of: sql)
        var text = ""
        var rest = sql[...]
        while let character = rest.first {
            switch character {
            case "'", "\"":
                let end = rest.dropFirst().firstIndex(of: character).map { rest.index(after: $0) } ?? rest.endIndex
                text += rest[..<end]
                rest = rest[end...]
            case "?":
                let digits = rest.dropFirst().prefix(while: \.isNumber)
                let number = Int(digits) ?? 0
                text += types.indices.contains(number - 1) ? dialect.placeholder(number, types[number - 1]) : "$\(number)"
                rest = rest[digits.endIndex...]
            case _ where character.isLetter || character == "_":
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                text += names.contains(String(word)) ? dialect.quoted(String(word)) : String(word)
                rest = rest[word.endIndex...]
            default:
                text.append(character)
                rest.removeFirst()
            }
        }
        return text
    }

    /// The types of an INSERT's columns, in the order of its parameters.
    private func types(of sql: String) -> [FieldType] {
        let words = sql.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        guard words.starts(with: ["INSERT", "INTO"]), let entity = schema.entities.first(where: { $0.table == words[2] }) else { return [] }
        let named = words.dropFirst(3).prefix { $0 != "VALUES" }
        return named.isEmpty
            ? entity.fields.map(\.type) : named.compactMap { name in entity.fields.first { $0.column == name }?.type }
    }
}
