/// Names the relations: what is written first, then what follows from the field's or target's name.
struct ReferenceNaming {
    let entities: [DeclaredEntity]
    let links: [Link]
    let log: ProblemLog

    /// The references of each entity, in the order of its fields.
    func references() -> [[Reference]] {
        var taken: [Set<String>] = entities.map { entity in Set(entity.fields.map(\.name)) }
        var names: [String?] = []
        for link in links {
            let section = entities[link.entity].fields[link.field].section
            names.append(section["as"].flatMap { claim($0, in: &taken[link.entity], of: entities[link.entity].name) })
        }
        let inverses = links.map { link in
            let section = entities[link.entity].fields[link.field].section
            return section["inverse"].flatMap { claim($0, in: &taken[link.target], of: entities[link.target].name) }
        }
        for (position, link) in links.enumerated() where !entities[link.entity].fields[link.field].section.has("as") {
            names[position] = follow(link, &taken[link.entity])
        }
        var references: [[Reference]] = entities.map { _ in [] }
        for (position, link) in links.enumerated() {
            references[link.entity].append(
                Reference(
                    name: names[position] ?? "", inverse: inverses[position], target: entities[link.target].name, fields: link.fields,
                    onDelete: onDelete(link)))
        }
        return references
    }

    private func claim(_ value: DeclaredValue, in taken: inout Set<String>, of entity: String) -> String? {
        guard let name = value.text else { return nil }
        if let violation = NameRules.member(name, of: "a relation") {
            log.report(violation, at: value.place, path: value.path)
            return nil
        }
        guard taken.insert(name).inserted else {
            log.report(
                .nameCollision, at: value.place, path: value.path, "\(entity) already has a field or relation «\(name)».",
                fix: "use another name.")
            return nil
        }
        return name
    }

    private func follow(_ link: Link, _ taken: inout Set<String>) -> String? {
        let field = entities[link.entity].fields[link.field]
        let target = entities[link.target].name
        let folded = Set(taken.map { $0.lowercased() })
        for name in [DerivedName.relation(of: field.name), DerivedName.relation(toEntity: target)]
        where NameRules.member(name, of: "a relation") == nil && !folded.contains(name.lowercased()) {
            taken.insert(name)
            return name
        }
        let value = field.reference?.value
        log.report(
            .nameCollision, at: value?.place ?? field.section.place, path: value?.path ?? field.section.path,
            "No name is left for the relation from «\(field.name)» to \(target).", fix: "name it with `as:`.")
        return nil
    }

    private func onDelete(_ link: Link) -> Reference.OnDelete {
        let entity = entities[link.entity]
        guard let value = entity.fields[link.field].section["onDelete"], let action = value.text.flatMap(Reference.OnDelete.init) else {
            return .restrict
        }
        let required = link.fields.first { entity.key.contains($0) || entity.fields[$0].section.flag("required") }
        if action == .setNull, let required {
            log.report(
                .contradiction, at: value.place, path: value.path,
                "«setNull» cannot make «\(entity.fields[required].name)» null: it is required.",
                fix: "use restrict or cascade, or make the field optional.")
        }
        return action
    }
}
