import SeaworthyQuery
import SeaworthySchema

/// What one caller may do with the records of one entity: what their roles give, together.
struct EntityAccess: Sendable {
    /// What one role gives for writing.
    struct Grant: Sendable {
        let create: Rule
        let update: Rule
        let delete: Rule
        /// Fields that the role does not set.
        let sealed: Set<Int>
    }

    let read: ReadAccess
    let grants: [Grant]
    /// Whether the caller may know of a field at all, by its index: some role that may do anything does not hide it.
    let isVisible: [Bool]

    init(_ entity: Entity, for caller: Caller, entities: [Entity]) {
        guard !caller.isAdministrator else {
            read = .everything(fieldCount: entity.fields.count)
            grants = [Grant(create: .always, update: .always, delete: .always, sealed: [])]
            isVisible = entity.fields.map { _ in true }
            return
        }
        let roles = entity.access.roles.filter { caller.has($0.role) }
        let prepared = roles.map { role in
            (
                role, read: role.read.prepared(for: caller), create: role.create.prepared(for: caller),
                update: role.update.prepared(for: caller), delete: role.delete.prepared(for: caller)
            )
        }
        read = ReadAccess(
            prepared.compactMap { role in
                switch role.read {
                case .never: nil
                case .always: ReadAccess.Grant(hidden: role.0.hidden)
                case .when(let filter): ReadAccess.Grant(rule: filter, hidden: role.0.hidden)
                }
            }, fieldCount: entity.fields.count)
        grants = prepared.compactMap { role in
            guard [role.create, role.update, role.delete].contains(where: { $0 != .never }) else { return nil }
            return Grant(
                create: role.create, update: role.update, delete: role.delete, sealed: role.0.hidden.union(role.0.readOnly))
        }
        let acting = prepared.filter { role in [role.read, role.create, role.update, role.delete].contains { $0 != .never } }
        isVisible = entity.fields.indices.map { field in acting.contains { !$0.0.hidden.contains(field) } }
    }

    /// An operation that writes.
    enum Writing: CaseIterable {
        case create, update, delete
    }

    func rule(_ grant: Grant, _ writing: Writing) -> Rule {
        switch writing {
        case .create: grant.create
        case .update: grant.update
        case .delete: grant.delete
        }
    }

    /// Whether the caller may do it to some record.
    func allows(_ writing: Writing) -> Bool {
        grants.contains { rule($0, writing) != .never }
    }

    /// Whether some role that may do it sets the field.
    func maySet(_ field: Int, by writing: Writing) -> Bool {
        grants.contains { rule($0, writing) != .never && !$0.sealed.contains(field) }
    }

    /// The conditions on which reading and the given operations depend and that other records decide: a statement has to be asked for them.
    func foreignRules(of writings: [Writing]) -> [Filter] {
        var rules: [Filter] = []
        let all = read.grants.compactMap(\.rule) + writings.flatMap { writing in grants.compactMap { rule($0, writing).condition } }
        for rule in all where !rule.isOwn && !rules.contains(rule) { rules.append(rule) }
        return rules
    }

    // MARK: One record

    /// The grants that admit an operation on a record.
    func admitting(_ writing: Writing, _ record: JudgedRecord) -> Set<Int> {
        Set(grants.indices.filter { record.meets(rule(grants[$0], writing)) })
    }

    /// Whether one of the grants sets the field.
    func maySet(_ field: Int, by admitted: Set<Int>) -> Bool {
        admitted.contains { !grants[$0].sealed.contains(field) }
    }

    /// Whether the caller sees the record, and which of its fields.
    func visibleFields(of record: JudgedRecord) -> Set<Int>? {
        let admitting = read.grants.filter { grant in grant.rule.map { record.meets(.when($0)) } ?? true }
        guard !admitting.isEmpty else { return nil }
        return Set(isVisible.indices.filter { field in admitting.contains { !$0.hidden.contains(field) } })
    }
}

/// A record's values, and what the database said of the rules that other records decide.
struct JudgedRecord: Sendable {
    var values: [Value]
    var answers: [Filter: Bool]

    /// A row that holds every field, then the answer to each rule.
    init(_ row: [Value], fieldCount: Int, rules: [Filter]) {
        values = Array(row.prefix(fieldCount))
        answers = Dictionary(uniqueKeysWithValues: zip(rules, row.dropFirst(fieldCount).map(\.holds)))
    }

    init(_ values: [Value], answers: [Filter: Bool] = [:]) {
        self.values = values
        self.answers = answers
    }

    func meets(_ rule: Rule) -> Bool {
        switch rule {
        case .never: false
        case .always: true
        case .when(let filter): filter.isOwn ? filter.evaluate(values) == true : answers[filter] ?? false
        }
    }
}

extension Rule {
    /// The condition that makes an operation allowed; nil when it always or never is.
    var condition: Filter? {
        if case .when(let filter) = self { filter } else { nil }
    }

    /// The rule with what is known of the caller put in. It is never met where something is asked that is not known.
    func prepared(for caller: Caller) -> Rule {
        guard case .when(let filter) = self else { return self }
        guard !filter.userAttributes.isEmpty else { return self }
        return filter.known(to: caller).map(Rule.when) ?? .never
    }
}

extension Filter {
    fileprivate func known(to caller: Caller) -> Filter? {
        rewritten(
            path: { $0 },
            related: { steps, inner in inner.known(to: caller).map { (steps, $0) } },
            operand: { operand in
                guard case .user(let name) = operand else { return operand }
                return caller.attribute(name).map(Operand.value)
            })
    }
}

extension Value {
    /// Whether a rule's column says that it holds: neither false nor unknown.
    var holds: Bool {
        self == .integer(1)
    }
}
