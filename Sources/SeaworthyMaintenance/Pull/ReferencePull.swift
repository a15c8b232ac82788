import SeaworthySchema

/// Makes references from foreign keys: their fields, their types, and their names at both ends.
struct ReferencePull {
    private(set) var drafts: [EntityDraft]
    /// Whether the database takes names that differ only in case for the same.
    private let foldsCase: Bool
    private let holds: @Sendable (CatalogColumn, Field) -> Bool
    /// A foreign key of which nothing speaks against being a reference.
    private struct Link {
        let source: Int
        let target: Int
        let key: CatalogForeignKey
        /// In the order of the target's key.
        let fields: [Int]
        /// The one of them at which it stands.
        var field = 0
    }

    private var links: [Link] = []

    /// - Returns: the drafts with their references; a foreign key that is none is noted.
    static func read(_ drafts: [EntityDraft], foldsCase: Bool, holds: @escaping @Sendable (CatalogColumn, Field) -> Bool) -> [EntityDraft] {
        var pull = ReferencePull(drafts, foldsCase, holds)
        pull.findLinks()
        pull.placeLinks()
        pull.unifyTypes()
        pull.breakCircles()
        pull.nameLinks()
        return pull.drafts
    }

    private init(_ drafts: [EntityDraft], _ foldsCase: Bool, _ holds: @escaping @Sendable (CatalogColumn, Field) -> Bool) {
        self.drafts = drafts
        self.foldsCase = foldsCase
        self.holds = holds
    }

    private mutating func drop(_ key: CatalogForeignKey, of source: Int, _ reason: String) {
        let target = (key.targetSchema.map { $0 + "." } ?? "") + key.target
        drafts[source].note("reference (\(key.columns.joined(separator: ", "))) to \(target) is left out: \(reason)")
    }

    // MARK: Which are references

    private mutating func findLinks() {
        for source in drafts.indices {
            for key in drafts[source].table.foreignKeys {
                let place = drafts.firstIndex {
                    $0.table.name.schema == key.targetSchema && $0.table.name.table.isTableName(key.target, foldsCase)
                }
                guard let target = place else {
                    drop(key, of: source, "that table is not in this file")
                    continue
                }
                guard !drafts[target].entity.isReadOnly else {
                    drop(key, of: source, "nothing can point at an entity that is only read")
                    continue
                }
                guard let columns = key.columns(for: drafts[target].entity.keyFields.map(\.column)) else {
                    drop(key, of: source, "it points at (\(key.targetColumns.joined(separator: ", "))), which is not the key")
                    continue
                }
                guard let fields = drafts[source].fields(ofColumns: columns), Set(fields).count == fields.count else {
                    drop(key, of: source, "one of its columns is left out")
                    continue
                }
                guard !links.contains(where: { $0.source == source && $0.target == target && $0.fields == fields }) else { continue }
                links.append(Link(source: source, target: target, key: key, fields: fields))
            }
        }
    }

    /// A field declares one reference; one of several fields stands at one that is free.
    private mutating func placeLinks() {
        var taken: [Int: Set<Int>] = [:]
        var placed: [Link] = []
        for link in links.enumerated().sorted(by: { ($0.element.fields.count, $0.offset) < ($1.element.fields.count, $1.offset) }).map(
            \.element)
        {
            guard let field = link.fields.first(where: { !taken[link.source, default: []].contains($0) }) else {
                drop(link.key, of: link.source, "its columns are those of other references")
                continue
            }
            taken[link.source, default: []].insert(field)
            var link = link
            link.field = field
            placed.append(link)
        }
        links = placed.sorted { ($0.source, $0.field) < ($1.source, $1.field) }
    }

    // MARK: Types

    /// A field has the type of the key that it points at, and keys may point on.
    private mutating func unifyTypes() {
        for _ in drafts.indices {
            var hasChanged = false
            for link in links {
                for (field, key) in zip(link.fields, drafts[link.target].entity.key) {
                    let type = drafts[link.target].entity.fields[key].type
                    guard drafts[link.source].entity.fields[field].type != type else { continue }
                    hasChanged = drafts[link.source].take(type, field, holds) || hasChanged
                }
            }
            if !hasChanged { break }
        }
        links = links.filter { link in
            let differ = zip(link.fields, drafts[link.target].entity.key).first {
                drafts[link.source].entity.fields[$0].type != drafts[link.target].entity.fields[$1].type
            }
            guard let differ else { return true }
            let own = drafts[link.source].entity.fields[differ.0].type.name
            drop(
                link.key, of: link.source,
                "its type, \(own), is not that of the key, \(drafts[link.target].entity.fields[differ.1].type.name)")
            return false
        }
    }

    // MARK: Circles

    /// Required references that lead back to where they began: no first record could be made, so one of them stays the database's alone.
    private mutating func breakCircles() {
        while let link = requiredCircle() {
            drop(links[link].key, of: links[link].source, "required references would form a circle, and no first record could be made")
            links.remove(at: link)
        }
    }

    private func requiredCircle() -> Int? {
        let required = links.indices.filter { index in
            links[index].fields.allSatisfy { drafts[links[index].source].entity.fields[$0].isRequired }
        }
        return required.last { start in
            var reached: Set<Int> = [links[start].target]
            var grows = true
            while grows {
                grows = false
                for index in required where reached.contains(links[index].source) {
                    if reached.insert(links[index].target).inserted { grows = true }
                }
            }
            return reached.contains(links[start].source)
        }
    }

    // MARK: Names

    /// What people call a relation of a record to others of its kind.
    private static let idioms: [String: (one: String, many: String)] = [
        "reportsto": ("manager", "reports"), "manager": ("manager", "reports"), "supervisor": ("supervisor", "reports"),
        "boss": ("boss", "reports"),
        "parent": ("parent", "children"),
    ]

    private mutating func nameLinks() {
        var taken = drafts.map { draft in Set(draft.entity.fields.map { $0.name.lowercased() }) }
        func claim(_ candidates: [[String]], _ entity: Int) -> String {
            let isSnake = self.isSnake(entity)
            let name = PulledNames.first(candidates.map { Self.joined($0, isSnake: isSnake) }, separator: isSnake ? "_" : "") {
                NameRules.member($0, of: "a relation") == nil && !taken[entity].contains($0.lowercased())
            }
            taken[entity].insert(name.lowercased())
            return name
        }
        let ones = links.map { claim(names(of: $0), $0.source) }
        let others = links.map { claim(inverses(of: $0), $0.target) }
        for (index, link) in links.enumerated() {
            drafts[link.source].entity.references.append(
                Reference(
                    name: ones[index], inverse: others[index], target: drafts[link.target].entity.name, fields: link.fields,
                    onDelete: onDelete(link)))
        }
    }

    private func onDelete(_ link: Link) -> Reference.OnDelete {
        let entity = drafts[link.source].entity
        guard !entity.isReadOnly else { return .restrict }
        switch link.key.onDelete {
        case .cascade: return .cascade
        case .setNull: return link.fields.allSatisfy(entity.isNullable) ? .setNull : .restrict
        case .restrict, .setDefault: return .restrict
        }
    }

    /// Whether an entity's fields are written in small letters: order_id.
    private func isSnake(_ entity: Int) -> Bool {
        let names = drafts[entity].entity.fields.map(\.name)
        return names.contains { $0.dropFirst().contains("_") } && !names.contains { $0 != $0.lowercased() }
    }

    /// Words in the manner of the fields: `order details` is orderDetails or order_details.
    private static func joined(_ words: [String], isSnake: Bool) -> String {
        guard !isSnake, words.count > 1 else { return words.joined(separator: "_") }
        let parts = words.flatMap { $0.split(separator: "_") }
        return parts.enumerated().map { $0 == 0 ? $1.prefix(1).lowercased() + $1.dropFirst() : $1.prefix(1).uppercased() + $1.dropFirst() }
            .joined()
    }

    private func words(ofEntity entity: Int) -> [String] { DerivedName.words(of: drafts[entity].entity.name) }

    private func plural(ofEntity entity: Int) -> [String] {
        var words = words(ofEntity: entity)
        if let last = words.popLast() { words.append(DerivedName.plural(last)) }
        return words
    }

    /// The relation as the field's name has it: customer of customer_id.
    private func stem(_ link: Link) -> String {
        DerivedName.relation(of: drafts[link.source].entity.fields[link.field].name)
    }

    private func idiom(_ link: Link) -> (one: String, many: String)? {
        guard link.source == link.target, link.fields.count == 1 else { return nil }
        return Self.idioms[stem(link).lowercased().replacing("_", with: "")]
    }

    /// Whether it is the only one that leads from its entity to another.
    private func isOnly(_ link: Link) -> Bool {
        links.count { $0.source == link.source && $0.target == link.target } == 1 && link.source != link.target
    }

    private func names(of link: Link) -> [[String]] {
        let target = words(ofEntity: link.target)
        let stem = stem(link)
        if let idiom = idiom(link) { return [[idiom.one], [stem], [stem] + target] }
        // A field that is named as what it points at leaves the name to nobody else.
        let both = [stem].elementsEqual(target) ? target + ["record"] : [stem] + target
        guard link.fields.count == 1 else { return isOnly(link) ? [target, both] : [both] }
        return isOnly(link) ? [[stem], target, both] : [[stem], both]
    }

    private func inverses(of link: Link) -> [[String]] {
        let plural = plural(ofEntity: link.source)
        if let idiom = idiom(link) { return [[idiom.many], [stem(link)] + plural] }
        return isOnly(link) ? [plural, [stem(link)] + plural] : [[stem(link)] + plural]
    }
}

extension EntityDraft {
    /// Gives a field another type that its column holds just as well; false when it does not.
    fileprivate mutating func take(_ type: FieldType, _ index: Int, _ holds: (CatalogColumn, Field) -> Bool) -> Bool {
        var field = entity.fields[index]
        let old = field.type
        field.type = type
        guard let column = column(of: index), holds(column, field) else { return false }
        let isKin =
            old.isText && type.isText && !isEnum(old) && !isEnum(type)
            || [.integer, .bigint].contains(old) && [.integer, .bigint].contains(type)
        if !isKin {
            (field.minimum, field.maximum, field.minLength, field.maxLength, field.pattern) = (nil, nil, nil, nil, nil)
        }
        if case .value(let value)? = field.defaultValue {
            field.defaultValue = (try? field.value(from: old.json(value))).map(DefaultValue.value)
        }
        entity.fields[index] = field
        return true
    }

    private func isEnum(_ type: FieldType) -> Bool { if case .enum = type { true } else { false } }
}
