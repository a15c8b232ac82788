/// Warns of what every request would have to read the whole table for: references and read rules on fields without an index.
struct UnservedFields {
    let declared: DeclaredEntity
    let entity: Entity
    let log: ProblemLog

    func run() {
        guard !entity.isReadOnly else { return }
        for reference in entity.references { checkReference(reference) }
        for role in entity.access.roles {
            // The other rules are asked of one record at a time, found by its key.
            if case .when(let filter) = role.read { checkRule(filter, role: role.role) }
        }
    }

    /// An index serves a reference when it begins with the reference's fields, in any order: that is how the pointing records are
    /// found when the target is deleted or included.
    private func checkReference(_ reference: Reference) {
        // A unique index of records that are not deleted cannot find the deleted ones, for which a purge looks too.
        let complete = [entity.key] + entity.indexes + (entity.hasSoftDelete ? [] : entity.unique)
        let isServed = complete.contains {
            $0.count >= reference.fields.count && Set($0.prefix(reference.fields.count)) == Set(reference.fields)
        }
        guard !isServed, let field = reference.fields.first(where: { declared.fields[$0].reference?.target == reference.target }),
            let value = declared.fields[field].section["references"]
        else { return }
        let names = reference.fields.map { entity.fields[$0].name }
        log.warn(
            .unindexed, at: value.keyPlace, path: value.path,
            "No index serves this reference, so every delete of a record of \(reference.target) reads all of \(entity.name).",
            fix: names.count == 1 ? "add `index: true`." : "add `[\(names.joined(separator: ", "))]` to `indexes`.")
    }

    /// An index serves a field of a rule when all fields before it are in the rule too.
    private func checkRule(_ filter: Filter, role: String) {
        let used = filter.fields(of: entity)
        for field in used.sorted() {
            let isServed = ([entity.key] + entity.indexes + entity.unique).contains { index in
                guard let position = index.firstIndex(of: field) else { return false }
                return used.isSuperset(of: index[..<position])
            }
            guard !isServed else { continue }
            let path = "\(declared.section.path).access.\(role).read"
            log.warn(
                .unindexed, at: rulePlace(role), path: path,
                "No index serves «\(entity.fields[field].name)» in this rule, so lists read all of \(entity.name).",
                fix: "add `index: true` to the field.")
        }
    }

    private func rulePlace(_ role: String) -> SourcePlace {
        let roles = declared.section["access"]?.members ?? []
        let keys = roles.first { $0.name == role }?.value.members ?? []
        return keys.first { $0.name == "read" }?.value.keyPlace ?? declared.section.place
    }
}
