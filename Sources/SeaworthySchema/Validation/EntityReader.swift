/// Reads one entity whose fields' types are known: names in the database, fields, indexes. References and rules are added later.
struct EntityReader {
    let entity: DeclaredEntity
    let types: [FieldType?]
    let log: ProblemLog

    private var section: DeclaredSection { entity.section }

    func read() -> Entity {
        let fields = entity.fields.indices.map { FieldReader(entity: entity, index: $0, type: types[$0], log: log).field() }
        if entity.isView { checkView() }
        var read = Entity(
            name: entity.name, table: table(), path: path(), description: section.text("description"), key: entity.key, fields: fields,
            indexes: indexes(), unique: unique(), isReadOnly: entity.isView, audit: audit(), dbSchema: dbSchema())
        read.renamedFrom = section.text("renamedFrom")
        read.limits = section["limits"].map(LimitsReader(log: log).rates) ?? .none
        read.cache = cache()
        return read
    }

    private func cache() -> Entity.Cache? {
        guard let value = section["cache"] else { return nil }
        // What has another form was told already.
        guard value.text == nil else { return duration(value).map { Entity.Cache(for: $0) } }
        let members = DeclaredSection(.cache, value, log: log)
        guard let lifetime = members["for"].flatMap(duration) else { return nil }
        return Entity.Cache(for: lifetime, staleWhileRevalidate: members["staleWhileRevalidate"].flatMap(duration) ?? .zero)
    }

    private func duration(_ value: DeclaredValue) -> Duration? { value.text.flatMap(DurationText.parse) }

    private func audit() -> Entity.Audit? {
        guard let value = section["audit"] else { return nil }
        if let flag = value.bool { return flag ? Entity.Audit() : nil }
        let keep = DeclaredSection(.audit, value, log: log)["keep"]
        return Entity.Audit(keepSeconds: keep?.text.flatMap(DurationText.parse).map { Int($0.components.seconds) })
    }

    private func table() -> String {
        let name = section.text("table") ?? DerivedName.table(of: entity.name)
        check(NameRules.stored(name, isTable: true), "table")
        return name
    }

    private func dbSchema() -> String? {
        guard let value = section["dbSchema"], let name = value.text else { return nil }
        if let violation = NameRules.dbSchema(name) { log.report(violation, at: value.place, path: value.path) }
        return name
    }

    private func path() -> String {
        let path = section.text("path") ?? DerivedName.path(of: entity.name)
        check(NameRules.path(path), "path")
        return path
    }

    /// A derived name is reported where the entity is named, unless that name is itself wrong.
    private func check(_ violation: NameRules.Violation?, _ key: String) {
        guard let violation else { return }
        if let value = section[key] {
            log.report(violation, at: value.place, path: value.path)
        } else if NameRules.entity(entity.name) == nil, !section.has(key) {
            log.report(
                violation.code, at: section.place, path: section.path, "The \(key) that follows from the name: \(violation.message)",
                fix: "give `\(key):`.")
        }
    }

    private func checkView() {
        for key in ["checks", "indexes", "unique", "audit", "renamedFrom"] {
            guard let value = section[key] else { continue }
            log.report(
                .notApplicable, at: value.keyPlace, path: value.path, "«\(key)» means nothing in a view, which is only read.",
                fix: "remove it.")
        }
    }

    // MARK: Indexes

    private func indexes() -> [[Int]] {
        listed("indexes", after: flagged("index"), than: "indexed")
    }

    private func unique() -> [[Int]] {
        listed("unique", after: flagged("unique"), than: "unique")
    }

    /// The single fields with a flag. The sole key has its index and is unique by nature.
    private func flagged(_ key: String) -> [[Int]] {
        entity.fields.indices.filter { entity.fields[$0].section.flag(key) && entity.key != [$0] }.map { [$0] }
    }

    private func listed(_ key: String, after flagged: [[Int]], than state: String) -> [[Int]] {
        var lists = flagged
        guard let value = section[key] else { return lists }
        for element in value.elements where element.node.elements != nil {
            guard let fields = entity.fieldIndexes(element, log: log), !fields.isEmpty, fields.count == element.elements.count else {
                continue
            }
            guard !lists.contains(fields), entity.key != fields else {
                let names = fields.map { entity.fields[$0].name }.joined(separator: ", ")
                log.report(.duplicateEntry, at: element.place, path: element.path, "[\(names)] is \(state) already.", fix: "remove it.")
                continue
            }
            for (position, field) in fields.enumerated() {
                guard let type = types[field], !type.isOrdered else { continue }
                let name = element.elements[position]
                log.report(
                    .notApplicable, at: name.place, path: name.path,
                    "«\(entity.fields[field].name)» is \(type.summary), which no index can order.", fix: "leave it out.")
            }
            lists.append(fields)
        }
        return lists
    }
}
