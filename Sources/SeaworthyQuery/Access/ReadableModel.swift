package import SeaworthySchema

/// The whole model as one caller may read it.
package struct ReadableModel: Sendable {
    package let entities: [Entity]
    /// By the entity's position.
    package let access: [ReadAccess]

    package init(entities: [Entity], access: [ReadAccess]) {
        self.entities = entities
        self.access = access
    }

    /// For whoever may read everything.
    package init(_ entities: [Entity]) {
        self.init(entities: entities, access: entities.map { .everything(fieldCount: $0.fields.count) })
    }

    package func isVisible(_ entity: Int, _ field: Int) -> Bool {
        access[entity].isVisible(field)
    }

    /// A relation exists for the caller when they see the fields that it is made of, on both sides.
    package func isVisible(_ relation: Relation, of entity: Int) -> Bool {
        relation.fields.allSatisfy { isVisible(entity, $0) } && relation.targetFields.allSatisfy { isVisible(relation.target, $0) }
    }

    /// The step through a relation, to those records only that are there for the caller with the fields that the relation is made of.
    ///
    /// - Parameter field: a field at the end that has to be seen there too.
    package func step(_ relation: Int, of entity: Int, seeing field: Int? = nil) -> RelationStep {
        let way = entities[entity].relations[relation]
        let ends = way.targetFields + (field.map { [$0] } ?? [])
        return RelationStep(
            relation, rule: Filter.both(entities[way.target].isLive, access[way.target].restriction(seeing: ends)),
            guardRule: access[entity].condition(seeing: way.fields))
    }

    /// The steps with access applied to each.
    package func steps(_ steps: [RelationStep], from entity: Int, seeing field: Int? = nil) -> [RelationStep] {
        var position = entity
        return steps.enumerated().map { index, step in
            defer { position = entities[position].relations[step.relation].target }
            return self.step(step.relation, of: position, seeing: index == steps.count - 1 ? field : nil)
        }
    }

    /// The entity at the end of steps.
    package func end(of steps: [RelationStep], from entity: Int) -> Int {
        steps.reduce(entity) { entities[$0].relations[$1.relation].target }
    }

    package func path(_ path: FieldPath, from entity: Int) -> FieldPath {
        path.isOwn ? path : FieldPath(path.field, through: steps(path.steps, from: entity, seeing: path.field))
    }

    /// A client's filter with access applied to every record that it looks at besides its own.
    package func bound(_ filter: Filter, from entity: Int) -> Filter {
        let rewritten = filter.rewritten(
            path: { path($0, from: entity) },
            related: { way, inner in
                let target = end(of: way, from: entity)
                let condition = self.bound(inner, from: target)
                // A record of which the caller does not see what the condition looks at is not among those counted.
                var way = steps(way, from: entity)
                let own = inner.fields(of: entities[target])
                if let restriction = own.isEmpty ? nil : access[target].restriction(seeing: own.sorted()), let last = way.indices.last {
                    way[last].rule = Filter.both(way[last].rule, restriction)
                }
                return (way, condition)
            })
        return rewritten ?? .any([])
    }

    /// A rule on an entity's records as bytes and values: two rules with the same of both are the same.
    package func shape(of rule: Filter, on entity: Int) -> PlanShape {
        .evaluate([rule], QueryScope(entity, entities))
    }
}
