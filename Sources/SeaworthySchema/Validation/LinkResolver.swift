/// A reference whose target and fields are known.
struct Link {
    /// Positions of the entity and of the field that declares the reference.
    var entity: Int
    var field: Int
    var target: Int
    /// Positions in the entity's fields, in the order of the target's key.
    var fields: [Int]
}

/// Finds what the references point at.
struct LinkResolver {
    let entities: [DeclaredEntity]
    let log: ProblemLog

    /// Every reference that holds; the others are reported.
    func links() -> [Link] {
        entities.indices.flatMap { entity in
            entities[entity].fields.indices.compactMap { field in link(entity, field) }
        }
    }

    private func link(_ entity: Int, _ field: Int) -> Link? {
        let declared = entities[entity].fields[field]
        guard let reference = declared.reference else { return nil }
        guard let target = entities.firstIndex(where: { $0.name.hasSameBytes(as: reference.target) }) else {
            log.report(
                .unknownEntity, at: reference.value.place, path: reference.value.path,
                "«\(reference.target.lineExcerpt)» is not an entity.",
                fix: entities.map(\.name).nearest(to: reference.target).map { "did you mean «\($0)»?" } ?? "name a declared entity.")
            return nil
        }
        guard !entities[target].isView else {
            refuse(reference.value, "\(reference.target) is a view, which nothing can point at.", fix: "point at an entity with a table.")
            return nil
        }
        let key = entities[target].key
        guard !key.isEmpty else { return nil }
        var fields = [field]
        if let list = reference.fields {
            guard let indexes = entities[entity].fieldIndexes(list, log: log) else { return nil }
            guard indexes.contains(field) else {
                refuse(list, "The list of fields does not hold «\(declared.name)», which declares the reference.", fix: "add it.")
                return nil
            }
            fields = indexes
        }
        guard fields.count == key.count else {
            let names = key.map { entities[target].fields[$0].name }.joined(separator: ", ")
            refuse(
                reference.fields ?? reference.value,
                "The key of \(reference.target) has \(count(key.count)) (\(names)); the reference names \(count(fields.count)).",
                fix: key.count == 1
                    ? "write `references: \(reference.target)`."
                    : "write `references: { entity: \(reference.target), fields: […] }` with a field for each of \(names).")
            return nil
        }
        return Link(entity: entity, field: field, target: target, fields: fields)
    }

    private func count(_ fields: Int) -> String {
        fields == 1 ? "one field" : "\(fields) fields"
    }

    private func refuse(_ value: DeclaredValue, _ message: String, fix: String) {
        log.report(.invalidReference, at: value.place, path: value.path, message, fix: fix)
    }
}
