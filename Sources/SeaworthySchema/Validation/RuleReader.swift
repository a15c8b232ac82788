/// Reads what holds for an entity's records: its checks, and who may do what.
struct RuleReader {
    private let position: Int
    private let declared: DeclaredEntity
    private let entity: Entity
    private let entities: [Entity]
    private let allDeclared: [DeclaredEntity]
    /// Nil for fields that could not be read: what is said of them is not judged.
    private let types: [[FieldType?]]
    private let identity: Schema.Identity
    private let log: ProblemLog

    /// - Parameter position: the entity's among all of them.
    init(
        position: Int, declared: [DeclaredEntity], entities: [Entity], types: [[FieldType?]], identity: Schema.Identity, log: ProblemLog
    ) {
        self.position = position
        self.declared = declared[position]
        entity = entities[position]
        self.entities = entities
        allDeclared = declared
        self.types = types
        self.identity = identity
        self.log = log
    }

    func checks() -> [Check] {
        guard let value = declared.section["checks"] else { return [] }
        return value.members.compactMap { name, value in
            if let violation = NameRules.member(name, of: "a check") { log.report(violation, at: value.keyPlace, path: value.path) }
            guard value.node.members != nil else { return nil }
            return filter(value, .check).map { Check(name: name, filter: $0) }
        }
    }

    func access() -> Access {
        guard let value = declared.section["access"] else { return Access() }
        if value.members.count > RoleAccess.maximumCount {
            log.report(
                .outOfRange, at: value.place, path: value.path, "There are \(value.members.count) roles in `access`.",
                fix: "name at most \(RoleAccess.maximumCount) for one entity.")
        }
        return Access(
            roles: value.members.compactMap { name, value in
                if let violation = NameRules.role(name) {
                    log.report(violation, at: value.keyPlace, path: value.path)
                    return nil
                }
                return role(name, DeclaredSection(.role, value, log: log))
            })
    }

    private func role(_ name: String, _ section: DeclaredSection) -> RoleAccess {
        let rules = RoleAccess(
            role: name, read: rule(section["read"]), create: rule(section["create"]), update: rule(section["update"]),
            delete: rule(section["delete"]), restore: rule(section["restore"]), purge: rule(section["purge"]),
            history: rule(section["history"]), hidden: Set(section["hide"].flatMap { declared.fieldIndexes($0, log: log) } ?? []),
            readOnly: Set(section["readOnly"].flatMap { declared.fieldIndexes($0, log: log) } ?? []))
        for (key, isOf, part) in [
            ("restore", entity.hasSoftDelete, "softDelete"), ("purge", entity.hasSoftDelete, "softDelete"),
            ("history", entity.audit != nil, "audit"),
        ] where !isOf {
            guard let value = section[key], value.bool != false else { continue }
            log.report(
                .notApplicable, at: value.keyPlace, path: value.path, "«\(key)» means nothing without `\(part): true`.",
                fix: "add `\(part): true` to the entity, or remove it.")
        }
        for key in ["create", "update", "delete"] where entity.isReadOnly {
            guard let value = section[key], value.bool != false else { continue }
            log.report(
                .contradiction, at: value.place, path: value.path, "«\(key)» on a view, which is never written.", fix: "remove it.")
        }
        checkHidden(rules, section)
        return rules
    }

    /// A field that must be given, and cannot be, leaves a create that never succeeds.
    private func checkHidden(_ rules: RoleAccess, _ section: DeclaredSection) {
        guard rules.create != .never else { return }
        for (key, state, fields) in [("hide", "hidden", rules.hidden), ("readOnly", "read-only", rules.readOnly)] {
            guard let value = section[key] else { continue }
            for index in fields.sorted() {
                let field = entity.fields[index]
                guard !entity.isNullable(index), !field.isGenerated, field.defaultValue == nil else { continue }
                log.report(
                    .contradiction, at: value.place, path: value.path,
                    "«\(field.name)» is \(state), required and has no default, so that \(rules.role) could never create a record.",
                    fix: "give it a default, or take it out of `\(key)`.")
            }
        }
    }

    private func rule(_ value: DeclaredValue?) -> Rule {
        guard let value else { return .never }
        if let flag = value.bool { return flag ? .always : .never }
        return filter(value, .schema).map(Rule.when) ?? .never
    }

    /// Nil when the filter is wrong, which is reported at the part that is.
    private func filter(_ value: DeclaredValue, _ author: FilterParser.Author) -> Filter? {
        guard value.node.members?.isEmpty == false else {
            log.report(
                .invalidFilter, at: value.place, path: value.path, "An empty filter holds for every record.",
                fix: "write a condition, or `true` in a rule.")
            return nil
        }
        var parser = FilterParser(at: position, in: entities, identity: identity, author: author)
        let filter = parser.parse(value.node.json)
        for problem in parser.problems { report(problem, in: value) }
        return parser.problems.isEmpty ? filter : nil
    }

    private func report(_ problem: FilterProblem, in value: DeclaredValue) {
        let tokens = problem.pointer.split(separator: "/").map { Self.unescaped(String($0)) }
        guard !tokens.contains(where: isUnread) else { return }
        var part = value
        for token in tokens {
            if let member = part.members.first(where: { $0.name == token }) {
                part = member.value
            } else if let index = Int(token), part.node.elements != nil, part.elements.indices.contains(index) {
                part = part.elements[index]
            }
        }
        if let other = part.text, other.hasPrefix("$record."), isUnread(String(other.dropFirst("$record.".count))) { return }
        // What is said of a value stands at the value and begins with a verb; what is said of a name stands at the name.
        let isVerb = ["is ", "has ", "does ", "contains ", "lists "].contains(where: problem.detail.hasPrefix)
        let isOfValue = isVerb || part.text?.hasPrefix("$") ?? false
        log.report(
            code(of: problem), at: isOfValue ? part.place : part.keyPlace, path: part.path,
            (isVerb ? "\(part.node.subject) \(problem.detail)" : problem.detail.capitalizedFirst) + ".", fix: fix(of: problem))
    }

    /// A token of a JSON Pointer as the name it stands for (RFC 6901 section 4).
    private static func unescaped(_ token: String) -> String {
        var name = ""
        var isEscape = false
        for character in token {
            switch (isEscape, character) {
            case (true, "0"): name += "~"
            case (true, "1"): name += "/"
            case (_, "~"):
                isEscape = true
                continue
            default: name.append(character)
            }
            isEscape = false
        }
        return name
    }

    /// Whether some field of this name could not be read. A name may lead through relations, so the entity is not asked for.
    private func isUnread(_ name: String) -> Bool {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return allDeclared.indices.contains { index in
            allDeclared[index].fieldIndex(named: last).map { types[index][$0] == nil } ?? false
        }
    }

    private func code(of problem: FilterProblem) -> SchemaProblem.Code {
        switch problem.code {
        case FilterProblem.Code.unknownField.rawValue: .unknownField
        default: .invalidFilter
        }
    }

    private func fix(of problem: FilterProblem) -> String {
        switch problem.code {
        case FilterProblem.Code.unknownField.rawValue: "name a field of \(entity.name), or one that its relations lead to."
        default: "write the condition as docs/schema.md shows."
        }
    }
}
