import SeaworthySchema

/// Reads names of fields and relations in a parameter, as the caller may know them.
struct PathNames {
    private let model: ReadableModel
    private let position: Int
    private let parameter: String
    private(set) var problems: [QueryProblem] = []

    /// - Parameter position: that of the entity at which the names begin.
    init(_ position: Int, model: ReadableModel, parameter: String) {
        self.position = position
        self.model = model
        self.parameter = parameter
    }

    /// The relation of an entity with this name; nil when the caller may know of none.
    func relation(named name: some StringProtocol, of position: Int) -> Int? {
        let entity = model.entities[position]
        guard let index = entity.relationIndex(named: String(name)), model.isVisible(entity.relations[index], of: position) else {
            return nil
        }
        return index
    }

    func field(named name: some StringProtocol, of position: Int) -> Int? {
        guard let index = model.entities[position].fieldIndex(named: String(name)), model.isVisible(position, index) else { return nil }
        return index
    }

    /// A field of the record or of one that to-one relations lead to.
    mutating func path(_ name: some StringProtocol) -> FieldPath? {
        var entity = position
        var steps: [RelationStep] = []
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for part in parts.dropLast() {
            guard let index = relation(named: part, of: entity) else {
                report(unknown: part, of: entity, isRelation: true)
                return nil
            }
            let relation = model.entities[entity].relations[index]
            guard !relation.isToMany else {
                refuse("«\(String(name).excerpt)» leads through \(relation.name) to many records, of which none comes first")
                return nil
            }
            guard steps.count < FilterParser.maximumRelations else {
                refuse("«\(String(name).excerpt)» leads through more than \(FilterParser.maximumRelations) relations")
                return nil
            }
            steps.append(RelationStep(index))
            entity = relation.target
        }
        guard let last = parts.last, let field = field(named: last, of: entity) else {
            if let last = parts.last, relation(named: last, of: entity) != nil {
                refuse("«\(String(name).excerpt)» leads to records; name a field of theirs behind it")
            } else {
                report(unknown: parts.last ?? "", of: entity)
            }
            return nil
        }
        return FieldPath(field, through: steps)
    }

    /// The fields to sort by, a minus before those that descend.
    mutating func sortKeys(_ names: [Substring]) -> [SortKey] {
        guard names.count <= ListRequestParser.maximumSortKeys else {
            refuse("names more than \(ListRequestParser.maximumSortKeys) fields")
            return []
        }
        var keys: [SortKey] = []
        for name in names {
            let isDescending = name.first == "-"
            guard let path = path(isDescending ? name.dropFirst() : name) else { continue }
            let field = model.entities[model.end(of: path.steps, from: position)].fields[path.field]
            if !field.type.isOrdered {
                refuse("\(field.name) is \(field.type.name), which has no order")
            } else if keys.contains(where: { $0.path == path }) {
                refuse("names \(field.name) twice")
            } else {
                keys.append(SortKey(path, isDescending: isDescending))
            }
        }
        return keys
    }

    mutating func refuse(_ detail: String) {
        problems.append(QueryProblem(.invalidParameter, parameter: parameter, detail))
    }

    /// - Parameter isRelation: whether only a relation may stand there.
    mutating func report(unknown name: some StringProtocol, of position: Int, isRelation: Bool = false) {
        guard problems.count < FilterProblem.maximumCount else { return }
        let entity = model.entities[position]
        let fields = isRelation ? [] : entity.fields.indices.filter { model.isVisible(position, $0) }.map { entity.fields[$0].name }
        let known = fields + entity.relations.filter { model.isVisible($0, of: position) }.map(\.name)
        let hint = known.nearest(to: String(name)).map { "; did you mean «\($0)»?" } ?? ""
        problems.append(
            QueryProblem(
                .unknownField, parameter: parameter,
                "«\(String(name).excerpt)» is not a \(isRelation ? "relation" : "field") of \(entity.name)\(hint)"))
    }
}
