import SeaworthyQuery
package import SeaworthySchema

/// What somebody may do with the records of one entity, and by which of their roles: what the engine judges requests by, said for people.
package struct AccessExplanation: Sendable {
    /// Whose access it is.
    package enum Subject: Sendable {
        /// Nobody who has signed in.
        case anyone
        /// Whoever has signed in with a role; everything that a rule may ask of them is known.
        case role(String)
        case user(User)

        func caller(_ identity: Schema.Identity) -> Caller {
            switch self {
            case .anyone, .role(RoleAccess.anyone): return .anonymous
            case .user(let user): return user.caller
            case .role(let role):
                // What stands for what is known is never told: of a role rules are told as they are written.
                let known = identity.attributes.map { ($0.name, Value.text("")) }
                let user = Caller.User(id: "", email: "", attributes: Dictionary(known) { $1 })
                return Caller(user: user, roles: role == RoleAccess.authenticated ? [] : [role])
            }
        }
    }

    /// On which records something holds.
    package enum Extent: String, Sendable {
        case never
        /// Of those records of which a condition holds.
        case sometimes = "when"
        case always
    }

    /// What one role gives for one operation.
    package struct Grant: Sendable, Hashable {
        package var role: String
        package var extent: Extent
        /// The condition, in words; nil without one.
        package var condition: String?
        /// The same with what is known of the user put in; nil where there is nothing to put in, or it is not known.
        package var known: String?
        /// What the condition asks of the user and is not known, so that it never holds.
        package var unknown: [String]
    }

    package struct Operation: Sendable {
        package var name: String
        /// What all roles give together.
        package var extent: Extent
        /// Those of the roles that the schema gives it.
        package var grants: [Grant]
        /// Why it is never allowed, whatever the roles give.
        package var obstacle: String?
    }

    package struct FieldAccess: Sendable {
        package var name: String
        /// In which of the records that are there for them they see it.
        package var seen: Extent
        /// Those of their roles that hide it.
        package var hiddenBy: [String]
        /// Those of their roles that do not set it.
        package var readOnlyBy: [String]
        /// Whether one of the roles with which they create or update sets it.
        package var isSetByCreate: Bool
        package var isSetByUpdate: Bool
    }

    /// The roles they have for this entity, in the order of the schema.
    package let roles: [String]
    package let operations: [Operation]
    package let fields: [FieldAccess]

    package init(_ subject: Subject, of entity: Entity, in schema: Schema) {
        let caller = subject.caller(schema.identity)
        let words = FilterText(entity: entity, entities: schema.entities)
        let together = EntityAccess(entity, for: caller, entities: schema.entities)
        let given = caller.isAdministrator ? [Self.administrator] : entity.access.roles.filter { caller.has($0.role) }
        // Each by itself, as the engine prepares it.
        let single = given.map { role in
            var alone = entity
            alone.access.roles = [role]
            return (role, EntityAccess(alone, for: caller, entities: schema.entities))
        }
        roles = given.map(\.role)
        operations = RecordCollection.Operation.allCases.map { operation in
            let grants = single.compactMap { role, access -> Grant? in
                let written = role.rule(operation)
                guard written != .never else { return nil }
                let effective = access.rule(operation)
                let unknown = (written.condition?.userAttributes ?? []).filter { caller.attribute($0) == nil }.sorted()
                let isTold = if case .user = subject { written.condition?.userAttributes.isEmpty == false } else { false }
                return Grant(
                    role: role.role, extent: effective.extent, condition: written.condition.map(words.text),
                    known: isTold ? effective.condition.map(words.text) : nil, unknown: unknown)
            }
            let obstacle = Self.obstacle(operation, entity, together)
            let extent = obstacle == nil ? together.extent(operation) : .never
            return Operation(name: "\(operation)", extent: extent, grants: grants, obstacle: grants.isEmpty ? nil : obstacle)
        }
        fields = entity.fields.indices.map { field in
            let seen: Extent =
                !together.read.isVisible(field) ? .never : together.read.condition(seeing: [field]) == nil ? .always : .sometimes
            return FieldAccess(
                name: entity.fields[field].name, seen: seen, hiddenBy: given.filter { $0.hidden.contains(field) }.map(\.role),
                readOnlyBy: given.filter { $0.readOnly.contains(field) }.map(\.role),
                isSetByCreate: together.maySet(field, by: .create), isSetByUpdate: together.maySet(field, by: .update))
        }
    }

    private static let administrator = RoleAccess(
        role: RoleAccess.admin, read: .always, create: .always, update: .always, delete: .always, restore: .always, purge: .always,
        history: .always)

    /// What stands in the way of an operation besides rules, as ``RecordCollection/allows(_:to:)`` and the routes have it.
    private static func obstacle(_ operation: RecordCollection.Operation, _ entity: Entity, _ access: EntityAccess) -> String? {
        switch operation {
        case .read: return nil
        case .history where entity.audit == nil: return "\(entity.name) keeps no history"
        case .restore where !entity.hasSoftDelete, .purge where !entity.hasSoftDelete:
            return "deleted records of \(entity.name) do not stay"
        case .create, .update, .delete, .restore, .purge:
            if entity.isReadOnly { return "\(entity.name) is a view" }
        case .history: break
        }
        return operation == .create || access.read.allowsReading ? nil : "it takes read as well"
    }
}

extension EntityAccess {
    /// What the one role that this is made of gives.
    fileprivate func rule(_ operation: RecordCollection.Operation) -> Rule {
        guard let writing = operation.writing else { return read.grants.first.map { $0.rule.map(Rule.when) ?? .always } ?? .never }
        return grants.first.map { rule($0, writing) } ?? .never
    }

    fileprivate func extent(_ operation: RecordCollection.Operation) -> AccessExplanation.Extent {
        guard let writing = operation.writing else {
            guard read.allowsReading else { return .never }
            return read.restriction == nil ? .always : .sometimes
        }
        guard allows(writing) else { return .never }
        return grants.contains { rule($0, writing) == .always } ? .always : .sometimes
    }
}

extension Rule {
    fileprivate var extent: AccessExplanation.Extent {
        switch self {
        case .never: .never
        case .always: .always
        case .when: .sometimes
        }
    }
}
