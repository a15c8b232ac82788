/// Finds names that would mean two things: to the API, or to a database that does not tell cases apart.
struct CollisionCheck {
    let declared: [DeclaredEntity]
    let entities: [Entity]
    let log: ProblemLog

    func run() {
        var names: [String: String] = [:]
        var tables: [String: String] = [:]
        var paths: [String: String] = [:]
        for (position, entity) in entities.enumerated() {
            let section = declared[position].section
            if let other = names.updateValue(entity.name, forKey: entity.name.lowercased()) {
                log.report(
                    .nameCollision, at: section.place, path: section.path, "«\(entity.name)» differs from «\(other)» only in case.",
                    fix: "use another name.")
                continue
            }
            // SQLite compares the names of tables without regard to case.
            check(entity.tableTitle, key: "table", entity: entity.name, section, among: &tables)
            check(entity.path, key: "path", entity: entity.name, section, among: &paths)
            checkFields(of: position)
            checkRename(of: position)
        }
    }

    private func checkRename(of position: Int) {
        guard let value = declared[position].section["renamedFrom"], let name = value.text else { return }
        let message: String? =
            if entities.contains(where: { $0.name.hasSameBytes(as: name) }) {
                "«\(name.lineExcerpt)» is an entity still."
            } else if entities.indices.contains(where: { $0 != position && entities[$0].renamedFrom == name }) {
                "«\(name.lineExcerpt)» became two entities."
            } else {
                nil
            }
        if let message {
            log.report(
                .contradiction, at: value.place, path: value.path, message, fix: "name the one that is no longer there, in one place.")
        }
    }

    private func check(_ name: String, key: String, entity: String, _ section: DeclaredSection, among owners: inout [String: String]) {
        let folded = name.lowercased()
        guard let owner = owners[folded] else {
            owners[folded] = entity
            return
        }
        let value = section[key]
        log.report(
            .nameCollision, at: value?.place ?? section.place, path: value?.path ?? section.path,
            "The \(key) «\(name.lineExcerpt)» is that of \(owner) already.", fix: "give another `\(key):`.")
    }

    private func checkFields(of position: Int) {
        let entity = entities[position]
        var names: [String: String] = [:]
        var columns: [String: String] = [:]
        for (field, written) in zip(entity.fields, declared[position].fields) {
            let section = written.section
            if let other = names.updateValue(field.name, forKey: field.name.lowercased()) {
                // An added `id` stands first, so the declared field is the one reported.
                log.report(
                    .nameCollision, at: section.place, path: section.path, "«\(field.name)» differs from «\(other)» only in case.",
                    fix: declared[position].hasAddedKey && other == "id"
                        ? "declare `key: \(field.name)` or use another name." : "use another name.")
                continue
            }
            guard let other = columns.updateValue(field.name, forKey: field.column.lowercased()) else { continue }
            let value = section["column"]
            log.report(
                .nameCollision, at: value?.place ?? section.place, path: value?.path ?? section.path,
                "The column «\(field.column.lineExcerpt)» is that of «\(other)» already.", fix: "give another `column:`.")
        }
    }
}
