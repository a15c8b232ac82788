import SeaworthySchema

/// What one caller may do with the records of one entity.
struct EntityAccess: Sendable {
    let read: Rule
    let create: Rule
    let update: Rule
    let delete: Rule
    /// Whether the caller sees a field, by its index.
    let isVisible: [Bool]

    /// What everyone may do, signed in or not. An entity that gives the role nothing denies everything.
    static func anyone(_ entity: Entity) -> EntityAccess {
        let role = entity.access.role(named: RoleAccess.anyone) ?? RoleAccess(role: RoleAccess.anyone)
        return EntityAccess(
            read: role.read, create: role.create, update: role.update, delete: role.delete,
            isVisible: entity.fields.indices.map { !role.hidden.contains($0) })
    }

    /// The fields that the caller sees, in the entity's order.
    var visibleFields: [Int] {
        isVisible.indices.filter { isVisible[$0] }
    }
}

extension Rule {
    /// The condition that makes an operation allowed; nil when it never is.
    var condition: Filter? {
        switch self {
        case .never: nil
        case .always: .all([])
        case .when(let filter): filter
        }
    }

    /// The restriction that a reading statement carries; nil when there is none. A rule that is never met must not get here.
    var restriction: Filter? {
        if case .when(let filter) = self { filter } else { nil }
    }
}
