package import SeaworthySQL
package import SeaworthySchema

/// The records at the end of a to-many relation, of any number of parents at once: for each as many as the limit, in order.
///
/// One statement, however many parents there are. Its parameter ``parents`` is a JSON array of their keys; its first column is the
/// parent's place in it, and rows come parent by parent.
package struct ChildrenPlan: Sendable {
    package let relation: Relation
    package let layout: RecordLayout
    package let limit: Int
    /// The names of the relations that lead here, as a request writes them: `customer.orders`.
    package let path: String
    private let rule: Filter?
    private let sort: [SortKey]
    private let model: ReadableModel

    init(
        _ relation: Relation, _ step: RelationStep, _ list: Projection.List, _ projection: Projection, model: ReadableModel, path: [String]
    ) {
        self.relation = relation
        self.model = model
        self.path = path.joined(separator: ".")
        limit = list.limit
        let entity = model.entities[relation.target]
        sort = SortKey.total(list.sort.map { $0.bound(model, from: relation.target) }, over: entity.key)
        let seen = list.sort.filter(\.path.isOwn).map(\.path.field)
        rule = Filter.both(step.rule, seen.isEmpty ? nil : model.access[relation.target].restriction(seeing: seen))
        layout = RecordLayout(projection, model: model, path: path)
    }

    /// The statement and its parameters.
    ///
    /// - Parameters:
    ///   - parents: a JSON array; for each parent its key, which is an array itself when it has several parts.
    ///   - most: how many rows to give at most.
    package func shape(parents: String, most: Int) -> PlanShape {
        var shape = PlanShape()
        let (outer, inner) = scopes
        shape.mark(.children)
        shape.mark(relation.target)
        shape.mark(relation.targetFields.count)
        for field in relation.targetFields { shape.mark(field) }
        shape.bind(.text(parents))
        shape.add(outer)
        layout.add(to: &shape, outer)
        shape.add(inner)
        shape.mark(rule == nil ? .noRule : .rule)
        if let rule { shape.add(rule, inner) }
        add(sort, to: &shape, inner)
        // One more than asked for tells whether there are more.
        shape.bind(.integer(Int64(limit + 1)))
        add(sort, to: &shape, outer)
        shape.bind(.integer(Int64(most)))
        return shape
    }

    private func add(_ sort: [SortKey], to shape: inout PlanShape, _ scope: QueryScope) {
        for key in sort {
            shape.mark(key.isDescending ? .descending : .sort)
            shape.add(key.path, scope)
        }
    }

    /// The tables of the rows, and those of the subquery that picks each parent's.
    private var scopes: (outer: QueryScope, inner: QueryScope) {
        var outer = QueryScope(relation.target, model.entities)
        var inner = outer
        layout.join(to: &outer)
        if let rule { inner.join(rule) }
        for key in sort {
            outer.join(key.path.steps)
            inner.join(key.path.steps)
        }
        return (outer, inner)
    }

    package func sql(_ dialect: any Dialect) -> String {
        var writer = SQLWriter(model.entities, dialect: dialect)
        let (outerScope, innerScope) = scopes
        let entity = model.entities[relation.target]
        let parents = writer.parameter(.json)
        let parent = writer.alias()
        let outer = writer.frame(outerScope)
        let inner = writer.frame(innerScope)
        let joins = writer.joins(outer)
        let columns = layout.sql(&writer, outer)
        let innerTables = writer.tables(inner)
        let isComposite = relation.targetFields.count > 1
        var conditions = relation.targetFields.enumerated().map { part, field in
            let value = dialect.jsonElement(of: parent, part: isComposite ? part : nil, entity.fields[field].type)
            return "\(writer.column(FieldPath(field), inner, entity.fields[field].form?.isOfText ?? true ? .equality : .value)) = \(value)"
        }
        if let rule { conditions.append(writer.condition(rule, inner)) }
        let innerOrder = order(&writer, inner)
        let innerLimit = writer.parameter(.integer)
        let outerOrder = order(&writer, outer)
        let most = writer.parameter(.integer)
        let position = dialect.jsonPosition(of: parent)
        let picked = "FROM \(innerTables) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(innerOrder) LIMIT \(innerLimit)"
        guard dialect.hasLateral else {
            func key(_ frame: SQLWriter.Frame) -> String {
                entity.key.map { "\(frame.names[0]).\(writer.column($0, of: relation.target))" }.joined(separator: ", ")
            }
            return """
                SELECT \(position), \(columns) FROM \(dialect.jsonTable(parents, as: parent)) \
                CROSS JOIN \(writer.table(relation.target)) AS \(outer.names[0])\(joins) \
                WHERE (\(key(outer))) IN (SELECT \(key(inner)) \(picked)) ORDER BY \(position), \(outerOrder) LIMIT \(most)
                """
        }
        // OFFSET 0 keeps the planner from joining the other tables for all parents at once, of whose number it knows nothing.
        let tables = "(SELECT \(inner.names[0]).* \(picked)) AS \(outer.names[0])\(joins)"
        let children = writer.alias()
        return """
            SELECT \(position), \(children).* FROM \(dialect.jsonTable(parents, as: parent)) CROSS JOIN LATERAL (SELECT \(columns), \
            row_number() OVER (ORDER BY \(outerOrder)) AS seaworthy_place FROM \(tables) OFFSET 0) AS \(children) \
            ORDER BY \(position), \(children).seaworthy_place LIMIT \(most)
            """
    }

    private func order(_ writer: inout SQLWriter, _ frame: SQLWriter.Frame) -> String {
        var parts: [String] = []
        for key in sort { parts.append(key.sql(column: writer.column(key.path, frame, .order), in: model.entities[relation.target])) }
        return parts.joined(separator: ", ")
    }
}
