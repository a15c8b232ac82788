import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// The entities that an answer depends on: those it names, those its conditions and its order lead to, and those that the caller's rules look at.
/// Rather one too many: an answer that is made again is only slower.
struct CacheFootprint {
    private let model: ReadableModel
    private(set) var entities: Set<Int> = []

    init(_ model: ReadableModel) {
        self.model = model
    }

    mutating func add(_ entity: Int) {
        guard entities.insert(entity).inserted else { return }
        for grant in model.access[entity].grants {
            if let rule = grant.rule { add(rule, from: entity) }
        }
    }

    mutating func add(_ filter: Filter, from entity: Int) {
        for path in filter.paths { add(path, from: entity) }
        // What stands within quantifiers, whose ways begin here.
        var inner: [(Filter, Int)] = []
        _ = filter.rewritten(
            path: { $0 },
            related: { way, condition in
                inner.append((condition, add(way, from: entity)))
                return (way, condition)
            })
        for (condition, target) in inner { add(condition, from: target) }
    }

    mutating func add(_ path: FieldPath, from entity: Int) {
        _ = add(path.steps, from: entity)
    }

    /// - Returns: where the steps lead.
    private mutating func add(_ steps: [RelationStep], from entity: Int) -> Int {
        steps.reduce(entity) { position, step in
            let target = model.entities[position].relations[step.relation].target
            add(target)
            return target
        }
    }

    mutating func add(_ projection: Projection) {
        add(projection.entity)
        for include in projection.includes {
            let target = model.entities[projection.entity].relations[include.relation].target
            for key in include.list?.sort ?? [] { add(key.path, from: target) }
            add(include.projection)
        }
    }

    mutating func add(_ request: ListRequest) {
        add(request.projection)
        add(request.filter, from: request.projection.entity)
        for key in request.sort { add(key.path, from: request.projection.entity) }
    }

    mutating func add(_ request: AggregateRequest) {
        add(request.records)
        for path in request.groups.map(\.path) + request.measures.compactMap(\.path) { add(path, from: request.records.projection.entity) }
    }

    /// What changes when an answer made of many records does.
    var tags: [CacheTag] {
        var tags = entities.sorted().map { CacheTag.entity(model.entities[$0].name) }
        if hasView { tags.append(.anything) }
        return tags
    }

    /// Of a view nobody knows what it reads.
    var hasView: Bool { entities.contains { model.entities[$0].isReadOnly } }
}
