/// Reads the entities and fields as they are written, with their names and keys.
struct DeclarationReader {
    let log: ProblemLog

    func entities(of document: DeclaredSection) -> [DeclaredEntity] {
        (document["entities"]?.members ?? []).map { name, value in
            if let violation = NameRules.entity(name) { log.report(violation, at: value.keyPlace, path: value.path) }
            return entity(name, DeclaredSection(.entity, value, log: log))
        }
    }

    private func entity(_ name: String, _ section: DeclaredSection) -> DeclaredEntity {
        let fields = (section["fields"]?.members ?? []).map { name, value in
            if let violation = NameRules.member(name, of: "a field") { log.report(violation, at: value.keyPlace, path: value.path) }
            return field(name, DeclaredSection(.field, value, log: log))
        }
        let added = addedFields(of: section, beside: fields)
        var entity = DeclaredEntity(name: name, section: section, fields: fields + added, hasAddedKey: false, key: [])
        if section.has("key") {
            entity.key = section["key"].flatMap { entity.fieldIndexes($0, log: log) } ?? []
        } else if let id = entity.fieldIndex(named: "id") {
            entity.key = [id]
        } else if entity.isView {
            log.report(
                .missingKey, at: section.place, path: section.path, "The key «key» is missing: a view has no `id` made by the server.",
                fix: "add `key:` with the fields that identify a record of the view.")
        } else {
            entity.fields.insert(addedKey(of: section), at: 0)
            entity.hasAddedKey = true
            entity.key = [0]
        }
        return entity
    }

    /// The fields in which the server keeps a record's life, behind the declared ones.
    private func addedFields(of section: DeclaredSection, beside fields: [DeclaredField]) -> [DeclaredField] {
        let wanted = [("timestamps", Field.Managed.timestamps), ("softDelete", Field.Managed.softDelete)]
        return wanted.flatMap { key, managed -> [DeclaredField] in
            guard let value = section[key], value.bool == true else { return [] }
            guard !section.flag("readOnly") else {
                log.report(
                    .notApplicable, at: value.keyPlace, path: value.path, "«\(key)» means nothing in a view, which is only read.",
                    fix: "remove it.")
                return []
            }
            return managed.compactMap { managed in
                if let own = fields.first(where: { $0.name.lowercased() == managed.rawValue.lowercased() }) {
                    log.report(
                        .nameCollision, at: own.section.place, path: own.section.path,
                        "«\(own.name)» stands beside the field that `\(key): true` adds.", fix: "remove or rename it.")
                    return nil
                }
                let contents: [String: YAMLNode.Content] = ["type": .text(managed.type.name), "readOnly": .bool(true)]
                return DeclaredField(
                    name: managed.rawValue,
                    section: DeclaredSection(.field, at: section.place, path: "\(section.path).fields.\(managed.rawValue)", contents),
                    reference: nil, managed: managed)
            }
        }
    }

    private func addedKey(of section: DeclaredSection) -> DeclaredField {
        let contents: [String: YAMLNode.Content] = ["type": .text(FieldType.uuid.name), "generated": .bool(true)]
        return DeclaredField(
            name: "id", section: DeclaredSection(.field, at: section.place, path: "\(section.path).fields.id", contents), reference: nil)
    }

    private func field(_ name: String, _ section: DeclaredSection) -> DeclaredField {
        guard let value = section["references"] else {
            for key in ["as", "inverse", "onDelete"] where !section.has("references") {
                guard let value = section[key] else { continue }
                log.report(
                    .notApplicable, at: value.keyPlace, path: value.path, "«\(key)» means nothing without `references`.",
                    fix: "add `references:` or remove it.")
            }
            return DeclaredField(name: name, section: section, reference: nil)
        }
        if let target = value.text {
            return DeclaredField(name: name, section: section, reference: DeclaredReference(target: target, value: value, fields: nil))
        }
        let parts = DeclaredSection(.reference, value, log: log)
        guard let target = parts["entity"], let targetName = target.text else {
            return DeclaredField(name: name, section: section, reference: nil)
        }
        return DeclaredField(
            name: name, section: section, reference: DeclaredReference(target: targetName, value: target, fields: parts["fields"]))
    }
}

extension DeclaredEntity {
    /// The fields that a value names, one or a list; nil when one of them is unknown or stands twice, which is reported.
    func fieldIndexes(_ value: DeclaredValue, log: ProblemLog) -> [Int]? {
        var indexes: [Int] = []
        var isWhole = true
        for element in value.elements {
            guard let name = element.text else { continue }
            guard let index = fieldIndex(named: name) else {
                isWhole = false
                log.report(
                    .unknownField, at: element.place, path: element.path, "«\(name.lineExcerpt)» is not a field of \(self.name).",
                    fix: fields.map(\.name).nearest(to: name).map { "did you mean «\($0)»?" } ?? "name a declared field.")
                continue
            }
            guard !indexes.contains(index) else {
                isWhole = false
                log.report(.duplicateEntry, at: element.place, path: element.path, "«\(name)» stands twice.", fix: "name it once.")
                continue
            }
            indexes.append(index)
        }
        return isWhole ? indexes : nil
    }
}

extension ProblemLog {
    func report(_ violation: NameRules.Violation, at place: SourcePlace, path: String) {
        report(violation.code, at: place, path: path, violation.message, fix: violation.fix)
    }
}
