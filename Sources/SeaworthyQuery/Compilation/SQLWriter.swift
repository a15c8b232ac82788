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

    /// The type of a field at the end of a path.
    func type(_ path: FieldPath, _ frame: Frame) -> FieldType {
        let entity = path.steps.reduce(frame.scope.entity) { entities[$0].relations[$1.relation].target }
        return entities[entity].fields[path.field].type
    }

    mutating func alias() -> String {
        defer { aliasCount += 1 }
        return "t\(aliasCount)"
    }

    func table(_ entity: Int) -> String {
        dialect.quoted(entities[entity].table)
    }

    /// A column without its table's name.
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
            "\(end.names[0]).\(column(target, of: end.scope.entity)) = \(start.names[0]).\(column(field, of: start.scope.entity))"
        }
        if let rule = step.rule { parts.append(condition(rule, end)) }
        if let rule = step.guardRule { parts.append(condition(rule, start)) }
        return parts.joined(separator: " AND ")
    }

    // MARK: Columns

    /// A field of the record or of one that to-one relations lead to.
    mutating func column(_ path: FieldPath, _ frame: Frame) -> String {
        if path.isOwn { return "\(frame.names[0]).\(column(path.field, of: frame.scope.entity))" }
        let (count, source) = frame.scope.joinedPrefix(of: path.steps)
        let entity = frame.scope.entity(of: source)
        if count == path.steps.count { return "\(frame.names[source]).\(column(path.field, of: entity))" }
        let step = path.steps[count]
        let relation = entities[entity].relations[step.relation]
        let start = Frame(scope: frame.scope.alone(source), names: [frame.names[source]])
        let end = Frame(scope: QueryScope(relation.target, entities), names: [alias()])
        let condition = link(relation, step, start: start, end: end)
        let value = column(FieldPath(path.field, through: Array(path.steps[(count + 1)...])), end)
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
            let column = compared(path, frame)
            return "\(column) \(comparison.sql) \(parameter(type(path, frame).compared))"
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
            let own = column(FieldPath(field, through: Array(steps.dropLast())), frame)
            parts.append("\(end.names[0]).\(column(target, of: relation.target)) = \(own)")
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
