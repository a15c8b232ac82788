/// Reads what holds for an entity's records: its checks, and who may do what.
struct RuleReader {
    let declared: DeclaredEntity
    let entity: Entity
    /// Nil for fields that could not be read: what is said of them is not judged.
    let types: [FieldType?]
    let log: ProblemLog

    func checks() -> [Check] {
        guard let value = declared.section["checks"] else { return [] }
        return value.members.compactMap { name, value in
            if let violation = NameRules.member(name, of: "a check") { log.report(violation, at: value.keyPlace, path: value.path) }
            guard value.node.members != nil else { return nil }
            return filter(value).map { Check(name: name, filter: $0) }
        }
    }

    func access() -> Access {
        guard let value = declared.section["access"] else { return Access() }
        return Access(
            roles: value.members.compactMap { name, value in
                guard name == RoleAccess.anyone else {
                    log.report(
                        .notSupported, at: value.keyPlace, path: value.path,
                        "The role «\(name.lineExcerpt)» is not supported in this version, which knows only «\(RoleAccess.anyone)».",
                        fix: "say what everyone may do under `\(RoleAccess.anyone):`, or remove it.")
                    return nil
                }
                return role(name, DeclaredSection(.role, value, log: log))
            })
    }

    private func role(_ name: String, _ section: DeclaredSection) -> RoleAccess {
        let rules = RoleAccess(
            role: name, read: rule(section["read"]), create: rule(section["create"]), update: rule(section["update"]),
            delete: rule(section["delete"]), hidden: Set(section["hide"].flatMap { declared.fieldIndexes($0, log: log) } ?? []))
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
        guard rules.create != .never, let value = section["hide"] else { return }
        for index in rules.hidden.sorted() {
            let field = entity.fields[index]
            guard field.isRequired || entity.key.contains(index), !field.isGenerated, field.defaultValue == nil else { continue }
            log.report(
                .contradiction, at: value.place, path: value.path,
                "«\(field.name)» is hidden, required and has no default, so that \(rules.role) could never create a record.",
                fix: "give it a default, or do not hide it.")
        }
    }

    private func rule(_ value: DeclaredValue?) -> Rule {
        guard let value else { return .never }
        if let flag = value.bool { return flag ? .always : .never }
        return filter(value).map(Rule.when) ?? .never
    }

    /// Nil when the filter is wrong, which is reported at the part that is.
    private func filter(_ value: DeclaredValue) -> Filter? {
        guard value.node.members?.isEmpty == false else {
            log.report(
                .invalidFilter, at: value.place, path: value.path, "An empty filter holds for every record.",
                fix: "write a condition, or `true` in a rule.")
            return nil
        }
        var parser = FilterParser(entity: entity, author: .schema)
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

    private func isUnread(_ name: String) -> Bool {
        declared.fieldIndex(named: name).map { types[$0] == nil } ?? false
    }

    private func code(of problem: FilterProblem) -> SchemaProblem.Code {
        switch problem.code {
        case FilterProblem.Code.notSupported.rawValue: .notSupported
        case FilterProblem.Code.unknownField.rawValue: .unknownField
        default: .invalidFilter
        }
    }

    private func fix(of problem: FilterProblem) -> String {
        switch problem.code {
        case FilterProblem.Code.notSupported.rawValue: "compare the entity's own fields with values or with `$record.Field`."
        case FilterProblem.Code.unknownField.rawValue: "name a field of \(entity.name)."
        default: "write the condition as docs/schema.md shows."
        }
    }
}
