import SeaworthyQuery
import SeaworthySchema

/// What one caller may do with the records of one entity: what their roles give, together, as far as the scopes of their key allow it.
struct EntityAccess: Sendable {
    /// What one role gives for writing.
    struct Grant: Sendable {
        /// By the operation, in the order of ``Writing``.
        let rules: [Rule]
        /// Fields that the role does not set.
        let sealed: Set<Int>
    }

    let read: ReadAccess
    let grants: [Grant]
    /// Whether the caller may know of a field at all, by its index: some role that may do anything does not hide it.
    let isVisible: [Bool]
    /// Every field that the caller sees, where they see the same of every record; nil where records differ.
    private let visibleEverywhere: Set<Int>?

    init(_ entity: Entity, for caller: Caller, entities: [Entity]) {
        let reads = caller.isInScope(.read, on: entity.name)
        let writes = Writing.allCases.map { caller.isInScope($0.action, on: entity.name) }
        guard !caller.roles.contains(RoleAccess.admin) else {
            read = reads ? .everything(fieldCount: entity.fields.count) : ReadAccess([], fieldCount: entity.fields.count)
            grants = writes.contains(true) ? [Grant(rules: writes.map { $0 ? .always : .never }, sealed: [])] : []
            let isActing = reads || !grants.isEmpty
            isVisible = entity.fields.map { _ in isActing }
            visibleEverywhere = reads ? Set(entity.fields.indices) : nil
            return
        }
        let roles = entity.access.roles.filter { caller.has($0.role) }
        let prepared = roles.map { role in
            (
                role, read: reads ? role.read.prepared(for: caller, entity, entities) : .never,
                rules: zip(Writing.allCases, writes).map { $1 ? role[$0].prepared(for: caller, entity, entities) : .never }
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
            guard role.rules.contains(where: { $0 != .never }) else { return nil }
            return Grant(rules: role.rules, sealed: role.0.hidden.union(role.0.readOnly))
        }
        let acting = prepared.filter { role in ([role.read] + role.rules).contains { $0 != .never } }
        isVisible = entity.fields.indices.map { field in acting.contains { !$0.0.hidden.contains(field) } }
        let only = read.grants.count == 1 ? read.grants[0] : nil
        visibleEverywhere = only?.rule == nil ? only.map { Set(entity.fields.indices).subtracting($0.hidden) } : nil
    }

    /// An operation on one record besides reading it.
    enum Writing: Int, CaseIterable {
        case create, update, delete, restore, purge, history
    }

    func rule(_ grant: Grant, _ writing: Writing) -> Rule {
        grant.rules[writing.rawValue]
    }

    /// Whether the caller may do it to some record.
    func allows(_ writing: Writing) -> Bool {
        grants.contains { rule($0, writing) != .never }
    }

    /// Whether the caller may do it to every record, and set every field: there is nothing to ask of a record.
    func admitsAll(_ writing: Writing) -> Bool {
        grants.count == 1 && grants[0].sealed.isEmpty && rule(grants[0], writing) == .always
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
        if let visibleEverywhere { return visibleEverywhere }
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

    /// The rule with what is known of the caller put in; a deleted record is not there for it. It is never met where something is asked
    /// that is not known.
    func prepared(for caller: Caller, _ entity: Entity, _ entities: [Entity]) -> Rule {
        guard case .when(let filter) = self else { return self }
        guard !filter.userAttributes.isEmpty || !filter.isOwn else { return self }
        return filter.known(to: caller, entity, entities).map(Rule.when) ?? .never
    }
}

extension Filter {
    fileprivate func known(to caller: Caller, _ entity: Entity, _ entities: [Entity]) -> Filter? {
        func live(_ steps: [RelationStep]) -> (steps: [RelationStep], end: Entity) {
            steps.reduce(into: (steps: [], end: entity)) { way, step in
                let target = entities[way.end.relations[step.relation].target]
                way.steps.append(RelationStep(step.relation, rule: target.isLive))
                way.end = target
            }
        }
        return rewritten(
            path: { $0.isOwn ? $0 : FieldPath($0.field, through: live($0.steps).steps) },
            related: { steps, inner in
                let way = live(steps)
                return inner.known(to: caller, way.end, entities).map { (way.steps, $0) }
            },
            operand: { operand in
                guard case .user(let name) = operand else { return operand }
                return caller.attribute(name).map(Operand.value)
            })
    }
}

extension RoleAccess {
    /// The rule of an operation.
    subscript(_ writing: EntityAccess.Writing) -> Rule {
        switch writing {
        case .create: create
        case .update: update
        case .delete: delete
        case .restore: restore
        case .purge: purge
        case .history: history
        }
    }
}

extension Value {
    /// Whether a rule's column says that it holds: neither false nor unknown.
    var holds: Bool {
        self == .integer(1)
    }
}
