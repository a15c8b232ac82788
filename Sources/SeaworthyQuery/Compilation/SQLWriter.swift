package import SeaworthySQL
package import SeaworthySchema

/// Writes the SQL of one entity's statements. Parameters are numbered in the order in which ``PlanShape`` collects their values.
package struct SQLWriter {
    let entity: Entity
    let dialect: any Dialect
    package private(set) var text = ""
    private var parameterCount = 0
    private let columns: [String]

    package init(_ entity: Entity, dialect: any Dialect) {
        self.entity = entity
        self.dialect = dialect
        columns = entity.fields.map { dialect.quoted($0.column) }
    }

    package mutating func write(_ sql: String) {
        text += sql
    }

    /// The next parameter's mark.
    package mutating func parameter() -> String {
        parameterCount += 1
        return dialect.placeholder(parameterCount)
    }

    package func column(_ field: Int) -> String {
        columns[field]
    }

    package var table: String {
        dialect.quoted(entity.table)
    }

    /// Writes the condition, in parentheses wherever that is needed.
    package mutating func write(_ filter: Filter) {
        switch filter {
        case .all(let parts): write(parts, joinedBy: " AND ", empty: "1")
        case .any(let parts): write(parts, joinedBy: " OR ", empty: "0")
        case .not(let part):
            write("NOT (")
            write(part)
            write(")")
        case .compare(let field, let comparison, .value): write("\(column(field)) \(comparison.sql) \(parameter())")
        case .compare(let field, let comparison, .field(let other)): write("\(column(field)) \(comparison.sql) \(column(other))")
        case .isNull(let field, let expected): write("\(column(field)) IS \(expected ? "" : "NOT ")NULL")
        case .isIn(let field, let values):
            switch ListForm(values) {
            // An empty list matches nothing, and is not unknown either.
            case .parameters(0): write("0")
            case .parameters(let count): write("\(column(field)) IN (\((0..<count).map { _ in parameter() }.joined(separator: ", ")))")
            case .json: write(dialect.isInJSON(column: column(field), parameter: parameter()))
            }
        case .text(let field, let match, _, let mode):
            write("(" + dialect.textMatch(match, column: column(field), parameter: parameter(), mode: mode) + ")")
        case .has(let field, _): write("(" + dialect.arrayHas(column: column(field), parameter: parameter()) + ")")
        }
    }

    private mutating func write(_ parts: [Filter], joinedBy separator: String, empty: String) {
        guard !parts.isEmpty else { return write(empty) }
        write("(")
        for (index, part) in parts.enumerated() {
            if index > 0 { write(separator) }
            write(part)
        }
        write(")")
    }
}

extension Filter.Comparison {
    var sql: String {
        switch self {
        case .equals: "="
        case .not: "<>"
        case .gt: ">"
        case .gte: ">="
        case .lt: "<"
        case .lte: "<="
        }
    }
}
