package import SeaworthySchema

/// Where in the rows of a statement the parts of a ``Projection`` stand.
package struct RecordLayout: Sendable {
    /// One record in a row: the entity's own, or one that to-one relations lead to.
    package struct Node: Sendable {
        package let entity: Int
        package let fields: [Column]
        /// A column that is null where there is no such record; nil for the row's own record.
        package let presence: Int?
        package let links: [Link]
    }

    package struct Column: Sendable, Equatable {
        package let field: Int
        package let column: Int
        /// A column that is true where the caller sees the field; nil where they always do.
        package let seen: Int?
    }

    package enum Link: Sendable {
        case one(name: String, Node)
        case many(name: String, Children)
    }

    /// Records of another statement that belong to one of this row.
    package struct Children: Sendable {
        /// The index of their plan in ``RecordLayout/children``.
        package let plan: Int
        /// Columns whose values they refer to.
        package let keys: [Int]
        /// A column that is true where the caller may know which records belong here; nil where they always may.
        package let seen: Int?
    }

    enum Output: Sendable, Hashable {
        case field(FieldPath)
        /// 1 where the condition holds, otherwise 0 or null.
        case condition(Filter)
    }

    package private(set) var root: Node
    private(set) var outputs: [Output] = []
    /// The place of each output.
    private var places: [Output: Int] = [:]
    /// The lists of records that belong to the rows' records, by a statement each.
    package private(set) var children: [ChildrenPlan] = []

    /// - Parameters:
    ///   - path: the names of the relations that lead here from the request's own records, for what is told of the lists.
    ///   - further: fields that the statement has to give besides, in ``furtherColumns``.
    package init(_ projection: Projection, model: ReadableModel, path: [String] = [], further: [FieldPath] = []) {
        root = Node(entity: projection.entity, fields: [], presence: nil, links: [])
        root = node(projection, steps: [], presence: nil, model: model, path: path)
        furtherColumns = further.map { column(.field($0)) }
    }

    /// The columns of the further fields.
    package private(set) var furtherColumns: [Int] = []

    private mutating func node(
        _ projection: Projection, steps: [RelationStep], presence: Int?, model: ReadableModel, path: [String]
    ) -> Node {
        let access = model.access[projection.entity]
        let entity = model.entities[projection.entity]
        func seen(_ fields: [Int]) -> Int? {
            access.condition(seeing: fields).map { column(.condition($0.prefixed(by: steps))) }
        }
        let fields = projection.fields.map { field in
            Column(field: field, column: column(.field(FieldPath(field, through: steps))), seen: seen([field]))
        }
        var links: [Link] = []
        for include in projection.includes {
            let relation = entity.relations[include.relation]
            let step = model.step(include.relation, of: projection.entity)
            if let list = include.list {
                let keys = relation.fields.map { column(.field(FieldPath($0, through: steps))) }
                children.append(
                    ChildrenPlan(
                        relation, step, list, include.projection, model: model, path: path + [relation.name]))
                links.append(
                    .many(
                        name: relation.name,
                        Children(plan: children.count - 1, keys: keys, seen: seen(relation.fields))))
            } else {
                let way = steps + [step]
                // The key is never null, so it is where the record is not.
                let presence = column(.field(FieldPath(model.entities[relation.target].key[0], through: way)))
                links.append(
                    .one(
                        name: relation.name,
                        node(include.projection, steps: way, presence: presence, model: model, path: path + [relation.name])))
            }
        }
        return Node(entity: projection.entity, fields: fields, presence: presence, links: links)
    }

    private mutating func column(_ output: Output) -> Int {
        if let known = places[output] { return known }
        places[output] = outputs.count
        outputs.append(output)
        return outputs.count - 1
    }

    // MARK: SQL

    func join(to scope: inout QueryScope) {
        for output in outputs {
            switch output {
            case .field(let path): scope.join(path.steps)
            case .condition(let filter): scope.join(filter)
            }
        }
    }

    func add(to shape: inout PlanShape, _ scope: QueryScope) {
        shape.mark(outputs.count)
        for output in outputs {
            switch output {
            case .field(let path): shape.add(path, scope)
            case .condition(let filter):
                shape.mark(.flag)
                shape.add(filter, scope)
            }
        }
    }

    func sql(_ writer: inout SQLWriter, _ frame: SQLWriter.Frame) -> String {
        guard !outputs.isEmpty else { return "1" }
        var columns: [String] = []
        for output in outputs {
            switch output {
            case .field(let path): columns.append(writer.column(path, frame))
            case .condition(let filter): columns.append("(\(writer.condition(filter, frame)))")
            }
        }
        return columns.joined(separator: ", ")
    }
}
