import SeaworthySchema

/// The tables of one SELECT: the entity's own, and those that to-one relations join to it.
///
/// What is not joined is looked up by a subquery of its own, which gives the same; a join lets the database begin at the other table.
struct QueryScope: Sendable {
    struct Join: Sendable {
        /// The whole way from the entity.
        let steps: [RelationStep]
        /// The source at which the last step begins.
        let parent: Int
        let relation: Relation
    }

    /// The most tables that are joined; databases have a limit (SQLite's is 64), and further ways are looked up.
    static let maximumJoins = 24

    let entity: Int
    let entities: [Entity]
    private(set) var joins: [Join] = []

    init(_ entity: Int, _ entities: [Entity]) {
        self.entity = entity
        self.entities = entities
    }

    /// Joins the record to which the steps lead, and those on the way.
    mutating func join(_ steps: [RelationStep]) {
        guard let last = steps.last, source(of: steps) == nil else { return }
        let before = Array(steps.dropLast())
        join(before)
        guard joins.count < Self.maximumJoins, let parent = source(of: before) else { return }
        joins.append(Join(steps: steps, parent: parent, relation: entities[entity(of: parent)].relations[last.relation]))
    }

    /// Joins the records that the filter's paths lead to.
    mutating func join(_ filter: Filter) {
        for path in filter.paths where !path.isOwn { join(path.steps) }
        for way in filter.quantified where way.count > 1 { join(way.dropLast()) }
    }

    /// The source that holds the record at the end of the steps: 0 is the entity's own; nil when it is not joined.
    func source(of steps: some Collection<RelationStep>) -> Int? {
        steps.isEmpty ? 0 : joins.firstIndex { $0.steps.elementsEqual(steps) }.map { $0 + 1 }
    }

    func entity(of source: Int) -> Int {
        source == 0 ? entity : joins[source - 1].relation.target
    }

    /// How much of the steps is joined, and the source there.
    func joinedPrefix(of steps: [RelationStep]) -> (count: Int, source: Int) {
        for count in stride(from: steps.count, to: 0, by: -1) {
            if let source = source(of: steps.prefix(count)) { return (count, source) }
        }
        return (0, 0)
    }

    /// The same source as the only table of a scope.
    func alone(_ source: Int) -> QueryScope {
        QueryScope(entity(of: source), entities)
    }
}
