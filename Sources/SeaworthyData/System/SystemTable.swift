import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Statements on one of the server's own tables, made once. Rows are whole: a value for each field, in the order of the entity's.
struct SystemTable: Sendable {
    let entity: Entity
    private let dialect: any Dialect

    init(_ entity: Entity, dialect: any Dialect) {
        self.entity = entity
        self.dialect = dialect
    }

    /// Reads the rows of which every given field equals its parameter.
    ///
    /// - Parameters:
    ///   - suffix: what stands behind the condition, such as an order and a limit; its own parameters come behind those of the fields.
    func select(by names: String..., suffix: String = "") -> SQLText {
        SQLText(
            "SELECT \(entity.fields.map { quoted($0.column) }.joined(separator: ", ")) FROM \(quoted(entity.table))\(condition(names, from: 1)) \(suffix)"
        )
    }

    /// Inserts a row with every field but the one that the database makes.
    ///
    /// - Parameter suffix: what stands behind the values, such as what is done about a row that is there.
    func insert(suffix: String = "") -> SQLText {
        let fields = entity.fields.filter { !$0.isGenerated }
        let marks = fields.enumerated().map { dialect.placeholder($0 + 1, $1.type) }
        return SQLText(
            "INSERT INTO \(quoted(entity.table)) (\(fields.map { quoted($0.column) }.joined(separator: ", "))) VALUES (\(marks.joined(separator: ", ")))\(suffix)"
        )
    }

    /// Sets fields, the first parameters, where others equal the next ones and a further condition holds.
    func update(_ names: [String], by keys: String..., and further: String = "") -> SQLText {
        let sets = names.enumerated().map { "\(quoted(column($1))) = \(mark($0 + 1, $1))" }
        let condition = condition(keys, from: names.count + 1)
        return SQLText(
            "UPDATE \(quoted(entity.table)) SET \(sets.joined(separator: ", "))\(condition)\(further.isEmpty ? "" : " AND \(further)")")
    }

    func delete(by names: String..., and further: String = "") -> SQLText {
        SQLText("DELETE FROM \(quoted(entity.table))\(condition(names, from: 1))\(further.isEmpty ? "" : " AND \(further)")")
    }

    /// The mark for a parameter of a field's type.
    func mark(_ number: Int, _ name: String) -> String {
        dialect.placeholder(number, entity.fieldIndex(named: name).map { entity.fields[$0].type } ?? .string)
    }

    func column(_ name: String) -> String {
        entity.fieldIndex(named: name).map { entity.fields[$0].column } ?? name
    }

    private func condition(_ names: [String], from first: Int) -> String {
        let parts = names.enumerated().map { "\(quoted(column($1))) = \(mark(first + $0, $1))" }
        return parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND ")
    }

    private func quoted(_ name: String) -> String { dialect.quoted(name) }
}

extension Value {
    var text: String? { if case .text(let text) = self { text } else { nil } }

    static func optional(_ text: String?) -> Value { text.map(Value.text) ?? .null }
    static func optional(_ number: Int64?) -> Value { number.map(Value.integer) ?? .null }
}
