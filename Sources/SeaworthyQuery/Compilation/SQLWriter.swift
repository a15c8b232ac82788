package import SeaworthySQL
package import SeaworthySchema

/// Writes SQL. Parameters are numbered in the order in which ``PlanShape`` collects their values: both walk a plan alike.
package struct SQLWriter {
    /// A scope whose tables have names.
    struct Frame {
        let scope: QueryScope
        /// The name of each source, quoted where it has to be.
        let names: [String]
    }

    let entities: [Entity]
    let dialect: any Dialect
    package private(set) var text = ""
    private var parameterCount = 0
    private var aliasCount = 0

    package init(_ entities: [Entity], dialect: any Dialect) {
        self.entities = entities
        self.dialect = dialect
    }

    package mutating func write(_ sql: String) {
        text += sql
    }

    /// The next parameter's mark.
    package mutating func parameter(_ type: FieldType) -> String {
        parameterCount += 1
        return dialect.placeholder(parameterCount, type)
    }

    /// The next parameter's mark, as a value that the field's column takes.
    mutating func parameter(for field: Field) -> String {
        let mark = parameter(field.type)
        return field.form?.write.around(mark) ?? mark
    }

    /// The field at the end of a path.
    func field(_ path: FieldPath, _ frame: Frame) -> Field {
        let entity = path.steps.reduce(frame.scope.entity) { entities[$0].relations[$1.relation].target }
        return entities[entity].fields[path.field]
    }

    /// The type of a field at the end of a path.
    func type(_ path: FieldPath, _ frame: Frame) -> FieldType { field(path, frame).type }

    mutating func alias() -> String {
        defer { aliasCount += 1 }
        return "t\(aliasCount)"
    }

    func table(_ entity: Int) -> String {
        dialect.table(entities[entity])
    }

    /// A column without its table's name, as it stands there.
    func column(_ field: Int, of entity: Int) -> String {
        dialect.quoted(entities[entity].fields[field].column)
    }

    /// The frame of an entity's table under its own name, as statements that write have it.
    func plainFrame(_ entity: Int) -> Frame {
        Frame(scope: QueryScope(entity, entities), names: [table(entity)])
    }

    mutating func frame(_ scope: QueryScope) -> Frame {
        Frame(scope: scope, names: (0...scope.joins.count).map { _ in alias() })
    }

    // MARK: Tables

    /// What stands behind FROM: the entity's table and those joined to it.
    mutating func tables(_ frame: Frame) -> String {
        "\(table(frame.scope.entity)) AS \(frame.names[0])" + joins(frame)
    }

    /// The tables that are joined to the entity's, each with a space before it.
    mutating func joins(_ frame: Frame) -> String {
        var sql = ""
        for (index, join) in frame.scope.joins.enumerated() {
            let condition = link(join.relation, from: join.parent, to: index + 1, join.steps[join.steps.count - 1], frame)
            sql += " LEFT JOIN \(table(join.relation.target)) AS \(frame.names[index + 1]) ON \(condition)"
        }
        return sql
    }

    /// The condition that a source is the end of a step from another.
    private mutating func link(_ relation: Relation, from parent: Int, to source: Int, _ step: RelationStep, _ frame: Frame) -> String {
        let start = Frame(scope: frame.scope.alone(parent), names: [frame.names[parent]])
        let end = Frame(scope: frame.scope.alone(source), names: [frame.names[source]])
        return link(relation, step, start: start, end: end)
    }

    private mutating func link(_ relation: Relation, _ step: RelationStep, start: Frame, end: Frame) -> String {
        var parts = zip(relation.fields, relation.targetFields).map { field, target in
            let (own, other) = (FieldPath(field), FieldPath(target))
            let use = joinUse(self.field(own, start), self.field(other, end))
            return "\(column(other, end, use)) = \(column(own, start, use))"
        }
        if let rule = step.rule { parts.append(condition(rule, end)) }
        if let rule = step.guardRule { parts.append(condition(rule, start)) }
        return parts.joined(separator: " AND ")
    }

    // MARK: Columns

    /// What a column is wanted for. Where it stands for itself, an index on it serves.
    enum ColumnUse {
        /// Its value, in any expression.
        case value
        /// To find equal ones among columns or parameters of its own type.
        case equality
        /// To sort by it, and to find what is beyond a parameter of its own type.
        case order
    }

    /// The column of an entity by the name of its table.
    private func column(_ field: Int, of entity: Int, _ name: String, _ use: ColumnUse) -> String {
        let column = "\(name).\(column(field, of: entity))"
        guard let form = entities[entity].fields[field].form else { return column }
        return form.isItself(use) ? column : form.read.around(column)
    }

    /// Two columns are compared as they are when both are read alike; else their values are.
    private func joinUse(_ field: Field, _ other: Field) -> ColumnUse {
        field.form == other.form && (field.form?.isItself(.equality) ?? true) ? .equality : .value
    }

    /// A field of the record or of one that to-one relations lead to.
    mutating func column(_ path: FieldPath, _ frame: Frame, _ use: ColumnUse = .value) -> String {
        if path.isOwn { return column(path.field, of: frame.scope.entity, frame.names[0], use) }
        let (count, source) = frame.scope.joinedPrefix(of: path.steps)
        let entity = frame.scope.entity(of: source)
        if count == path.steps.count { return column(path.field, of: entity, frame.names[source], use) }
        let step = path.steps[count]
        let relation = entities[entity].relations[step.relation]
        let start = Frame(scope: frame.scope.alone(source), names: [frame.names[source]])
        let end = Frame(scope: QueryScope(relation.target, entities), names: [alias()])
        let condition = link(relation, step, start: start, end: end)
        let value = column(FieldPath(path.field, through: Array(path.steps[(count + 1)...])), end, use)
        return "(SELECT \(value) FROM \(table(relation.target)) AS \(end.names[0]) WHERE \(condition))"
    }

    /// A field as it is compared.
    private mutating func compared(_ path: FieldPath, _ frame: Frame) -> String {
        let column = column(path, frame)
        return dialect.compared(column, type(path, frame))
    }

    // MARK: Conditions

    /// The condition, in parentheses wherever that is needed.
    mutating func condition(_ filter: Filter, _ frame: Frame) -> String {
        switch filter {
        case .all(let parts): return joined(parts, by: " AND ", empty: "TRUE", frame)
        case .any(let parts): return joined(parts, by: " OR ", empty: "FALSE", frame)
        case .not(let part): return "NOT (\(condition(part, frame)))"
        case .compare(let path, let comparison, .value):
            let field = field(path, frame)
            let use: ColumnUse = comparison == .equals || comparison == .not ? .equality : .order
            if let form = field.form, form.isItself(use) {
                let column = column(path, frame, use)
                return "\(column) \(comparison.sql) \(parameter(for: field))"
            }
            let column = compared(path, frame)
            return "\(column) \(comparison.sql) \(parameter(field.type.compared))"
        case .compare(let path, let comparison, .field(let other)):
            let column = compared(path, frame)
            return "\(column) \(comparison.sql) \(compared(other, frame))"
        // What is not known of the caller makes a comparison unknown.
        case .compare(_, _, .user): return "NULL"
        case .isNull(let path, let expected): return "\(column(path, frame)) IS \(expected ? "" : "NOT ")NULL"
        case .isIn(let path, let values):
            switch ListForm(values) {
            // An empty list matches nothing, and is not unknown either.
            case .parameters(0): return "FALSE"
            case .parameters(let count):
                let field = field(path, frame)
                if let form = field.form, form.isItself(.equality) {
                    let column = column(path, frame, .equality)
                    return "\(column) IN (\((0..<count).map { _ in parameter(for: field) }.joined(separator: ", ")))"
                }
                let column = compared(path, frame)
                return "\(column) IN (\((0..<count).map { _ in parameter(type(path, frame).compared) }.joined(separator: ", ")))"
            case .json:
                let column = compared(path, frame)
                return dialect.isInJSON(column: column, parameter: parameter(.json), type(path, frame).compared)
            }
        case .text(let path, let match, _, let mode):
            let column = column(path, frame)
            return "(\(dialect.textMatch(match, column: column, parameter: parameter(.text), mode: mode)))"
        case .has(let path, _):
            let column = column(path, frame)
            guard case .array(let element) = type(path, frame) else { return "FALSE" }
            return "(\(dialect.arrayHas(column: column, parameter: parameter(element.atom), element: element)))"
        case .related(let steps, let quantifier, let inner): return related(steps, quantifier, inner, frame)
        }
    }

    private mutating func joined(_ parts: [Filter], by separator: String, empty: String, _ frame: Frame) -> String {
        guard !parts.isEmpty else { return empty }
        var conditions: [String] = []
        for part in parts { conditions.append(condition(part, frame)) }
        return "(\(conditions.joined(separator: separator)))"
    }

    private mutating func related(
        _ steps: [RelationStep], _ quantifier: Filter.Quantifier, _ inner: Filter, _ frame: Frame
    ) -> String {
        guard let last = steps.last else { return "FALSE" }
        let owner = frame.scope.owner(of: steps)
        let relation = entities[owner].relations[last.relation]
        let end = self.frame(.related(to: relation, inner, entities))
        let tables = tables(end)
        var parts: [String] = []
        for (field, target) in zip(relation.fields, relation.targetFields) {
            let path = FieldPath(field, through: Array(steps.dropLast()))
            let use = joinUse(self.field(path, frame), entities[relation.target].fields[target])
            let own = column(path, frame, use)
            parts.append("\(column(FieldPath(target), end, use)) = \(own)")
        }
        if let rule = last.rule { parts.append(condition(rule, Frame(scope: end.scope.alone(0), names: [end.names[0]]))) }
        if let rule = last.guardRule { parts.append(condition(rule.prefixed(by: Array(steps.dropLast())), frame)) }
        let condition = condition(inner, end)
        parts.append(quantifier == .every ? "(\(condition)) IS NOT TRUE" : condition)
        return "\(quantifier == .some ? "" : "NOT ")EXISTS (SELECT 1 FROM \(tables) WHERE \(parts.joined(separator: " AND ")))"
    }
}

extension QueryScope {
    /// The tables of a quantifier's subquery.
    static func related(to relation: Relation, _ inner: Filter, _ entities: [Entity]) -> QueryScope {
        var scope = QueryScope(relation.target, entities)
        scope.join(inner)
        return scope
    }

    /// The entity of the record that has the last of the relations.
    func owner(of steps: [RelationStep]) -> Int {
        steps.dropLast().reduce(entity) { entities[$0].relations[$1.relation].target }
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

extension ColumnForm {
    /// Whether the column is written as it stands.
    func isItself(_ use: SQLWriter.ColumnUse) -> Bool {
        switch use {
        case .value: false
        case .equality: itself != .never
        case .order: itself == .inOrder
        }
    }
}
