/// One entity of the schema file, without its indentation.
struct EntityYAML {
    private let entity: Entity
    private let schema: Schema
    private let comments: SchemaComments.OfEntity
    /// For each field the reference that it declares.
    private let declared: [Int: Reference]

    init(_ entity: Entity, schema: Schema, comments: SchemaComments.OfEntity) {
        self.entity = entity
        self.schema = schema
        self.comments = comments
        // One of several fields declares it on one that declares no other.
        var declared: [Int: Reference] = [:]
        for reference in entity.references.sorted(by: { $0.fields.count < $1.fields.count }) {
            guard let field = reference.fields.first(where: { declared[$0] == nil }) else { continue }
            declared[field] = reference
        }
        self.declared = declared
    }

    var lines: [String] {
        var lines = SchemaYAML.commented(comments.above)
        lines.append("\(YAMLText.scalar(entity.name)):")
        lines += (head + fields + rules + SchemaYAML.commented(comments.below)).map { "  " + $0 }
        return lines
    }

    private func names(_ fields: [Int]) -> String { YAMLText.list(fields.map { YAMLText.scalar(entity.fields[$0].name) }) }

    private var filters: FilterJSON { FilterJSON(entity: entity, entities: schema.entities) }

    // MARK: Before the fields

    private var head: [String] {
        var lines: [String] = []
        if let description = entity.description { lines.append("description: \(YAMLText.scalar(description))") }
        if let dbSchema = entity.dbSchema { lines.append("dbSchema: \(YAMLText.scalar(dbSchema))") }
        if entity.table != DerivedName.table(of: entity.name) { lines.append("table: \(YAMLText.scalar(entity.table))") }
        if let old = entity.renamedFrom { lines.append("renamedFrom: \(YAMLText.scalar(old))") }
        if entity.path != DerivedName.path(of: entity.name) { lines.append("path: \(YAMLText.scalar(entity.path))") }
        if entity.isReadOnly { lines.append("readOnly: true") }
        let keyFields = entity.keyFields.map { YAMLText.scalar($0.name) }
        if keyFields != ["id"] { lines.append("key: \(keyFields.count == 1 ? keyFields[0] : YAMLText.list(keyFields))") }
        if entity.index(of: .createdAt) != nil { lines.append("timestamps: true") }
        if entity.hasSoftDelete { lines.append("softDelete: true") }
        if let audit = entity.audit {
            let keep = audit.keepSeconds.map { "{ keep: \(DurationText.render(.seconds($0))) }" }
            lines.append("audit: \(keep ?? "true")")
        }
        if let limits = SchemaYAML.rates(entity.limits) { lines.append("limits: \(limits)") }
        if let cache = entity.cache {
            let (lifetime, stale) = (DurationText.render(cache.lifetime), cache.staleWhileRevalidate)
            let more = stale == .zero ? nil : "{ for: \(lifetime), staleWhileRevalidate: \(DurationText.render(stale)) }"
            lines.append("cache: \(more ?? lifetime)")
        }
        return lines
    }

    // MARK: Fields

    private var fields: [String] {
        let written = entity.fields.indices.filter { entity.fields[$0].managed == nil && !isAddedKey($0) }
        let width = min(32, written.map { YAMLText.scalar(entity.fields[$0].name).count }.max() ?? 0)
        let lines = written.flatMap { index in
            SchemaYAML.commented(comments.beforeFields[entity.fields[index].name] ?? []) + line(of: index, width)
        }
        return ["fields:"] + (lines + SchemaYAML.commented(comments.afterFields)).map { "  " + $0 }
    }

    /// The field with its comments; the values of short names stand below each other.
    private func line(of index: Int, _ width: Int) -> [String] {
        let name = YAMLText.scalar(entity.fields[index].name)
        let members = members(of: index)
        let notes = SchemaYAML.commented(comments.fields[entity.fields[index].name] ?? [])
        let padding = String(repeating: " ", count: max(0, width - name.count))
        let line = "\(name):\(padding) \(YAMLText.mapping(members))"
        if line.count > SchemaYAML.longestLine {
            return notes + ["\(name):"] + members.map { "  \(YAMLText.scalar($0.0)): \($0.1)" }
        }
        if notes.count == 1, line.count + notes[0].count < SchemaYAML.longestLine { return ["\(line) \(notes[0])"] }
        return notes + [line]
    }

    /// Whether the parser adds the field when nothing is said of a key.
    private func isAddedKey(_ index: Int) -> Bool {
        let added = Field(name: "id", column: "id", type: .uuid, isRequired: true, isGenerated: true)
        return index == 0 && entity.key == [0] && entity.fields[0] == added && entity.fields.contains { $0.managed == nil && $0 != added }
            && comments.fields["id"] == nil
    }

    private func members(of index: Int) -> [(String, String)] {
        let field = entity.fields[index]
        var members: [(String, String)] = []
        func add(_ key: String, _ value: String?) { if let value { members.append((key, value)) } }
        func flag(_ key: String, _ isSet: Bool) { if isSet { members.append((key, "true")) } }
        if let reference = declared[index] {
            addReference(reference, index, &members)
        } else {
            addType(field.type, &members)
        }
        flag("generated", field.isGenerated)
        flag("required", field.isRequired && !entity.key.contains(index))
        flag("readOnly", field.isReadOnly)
        add("min", field.minLength.map(String.init) ?? field.minimum.map { YAMLText.flow(field.type.json($0)) })
        add("max", field.maxLength.map(String.init) ?? field.maximum.map { YAMLText.flow(field.type.json($0)) })
        add("pattern", field.pattern.map { YAMLText.scalar($0.source) })
        switch field.defaultValue {
        case nil: break
        case .now: members.append(("default", "now"))
        case .value(let value): members.append(("default", YAMLText.flow(field.type.json(value))))
        }
        flag("unique", entity.unique.prefix(flaggedCount(entity.unique)).contains([index]))
        flag("index", entity.indexes.prefix(flaggedCount(entity.indexes)).contains([index]))
        add("search", field.searchWeight.map(String.init))
        add("column", field.column.hasSameBytes(as: field.name) ? nil : YAMLText.scalar(field.column))
        add("renamedFrom", field.renamedFrom.map(YAMLText.scalar))
        add("description", field.description.map(YAMLText.scalar))
        return members
    }

    private func addType(_ type: FieldType, _ members: inout [(String, String)]) {
        var scalar = type
        if case .array(let element) = type {
            members += [("type", "array"), ("items", element.name)]
            scalar = element
        } else {
            members.append(("type", type.name))
        }
        switch scalar {
        case .enum(let values): members.append(("values", YAMLText.list(values.map(YAMLText.scalar))))
        case .decimal(let precision, let scale): members += [("precision", String(precision)), ("scale", String(scale))]
        default: break
        }
    }

    private func addReference(_ reference: Reference, _ index: Int, _ members: inout [(String, String)]) {
        let target = YAMLText.scalar(reference.target)
        if reference.fields == [index] {
            members.append(("references", target))
        } else {
            members.append(("references", "{ entity: \(target), fields: \(names(reference.fields)) }"))
        }
        if reference.name != followingName(of: index) { members.append(("as", YAMLText.scalar(reference.name))) }
        if let inverse = reference.inverse { members.append(("inverse", YAMLText.scalar(inverse))) }
        if reference.onDelete != .restrict { members.append(("onDelete", reference.onDelete.rawValue)) }
    }

    /// The relation's name when none is written; nil when a field or relation has it, so that it would be another one.
    private func followingName(of index: Int) -> String? {
        let name = DerivedName.relation(of: entity.fields[index].name)
        let relations = schema.entities.first { $0.name == entity.name }?.relations.map(\.name) ?? []
        let taken = (entity.fields.map(\.name) + relations).count { $0.lowercased() == name.lowercased() }
        return taken <= 1 && NameRules.member(name, of: "a relation") == nil ? name : nil
    }

    // MARK: Behind the fields

    /// How many of the lists stand as flags at their fields: the single fields at the beginning, in the order of the fields.
    private func flaggedCount(_ lists: [[Int]]) -> Int {
        var last = -1
        return lists.prefix { list in
            guard list.count == 1, list[0] > last else { return false }
            last = list[0]
            return true
        }.count
    }

    private var rules: [String] {
        var lines: [String] = []
        for (key, lists) in [("unique", entity.unique), ("indexes", entity.indexes)] {
            let rest = lists.dropFirst(flaggedCount(lists))
            if !rest.isEmpty { lines.append("\(key): \(YAMLText.list(rest.map(names)))") }
        }
        if !entity.checks.isEmpty {
            lines.append("checks:")
            lines += entity.checks.map { "  \(YAMLText.scalar($0.name)): \(YAMLText.flow(filters.json($0.filter)))" }
        }
        if !entity.access.roles.isEmpty {
            lines.append("access:")
            lines += entity.access.roles.map { "  \(YAMLText.scalar($0.role)): \(YAMLText.mapping(members(of: $0)))" }
        }
        return lines
    }

    private func members(of role: RoleAccess) -> [(String, String)] {
        let rules = [
            ("read", role.read), ("create", role.create), ("update", role.update), ("delete", role.delete), ("restore", role.restore),
            ("purge", role.purge), ("history", role.history),
        ]
        var members = rules.compactMap { key, rule -> (String, String)? in
            switch rule {
            case .never: nil
            case .always: (key, "true")
            case .when(let filter): (key, YAMLText.flow(filters.json(filter)))
            }
        }
        if !role.hidden.isEmpty { members.append(("hide", names(role.hidden.sorted()))) }
        if !role.readOnly.isEmpty { members.append(("readOnly", names(role.readOnly.sorted()))) }
        return members
    }
}
