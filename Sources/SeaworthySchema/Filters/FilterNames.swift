/// What the paths of an entity's filters are called, and where they lead.
struct FilterNames {
    let entity: Entity
    /// Those that relations lead to.
    let entities: [Entity]

    /// The names of the relations that steps follow, and the entity to which they lead.
    func way(_ steps: [RelationStep]) -> (names: [String], end: Entity) {
        steps.reduce(into: (names: [], end: entity)) { way, step in
            let relation = way.end.relations[step.relation]
            way.names.append(relation.name)
            way.end = entities[relation.target]
        }
    }

    /// The type of the field at the end.
    func type(_ path: FieldPath) -> FieldType { way(path.steps).end.fields[path.field].type }

    /// As the schema file has it: `customer.Country`.
    func name(_ path: FieldPath) -> String {
        let (names, end) = way(path.steps)
        return (names + [end.fields[path.field].name]).joined(separator: ".")
    }
}
