/// Who may do what with an entity's records, from `access:`. What no role is given is denied.
package struct Access: Sendable, Equatable {
    /// In the order of the file.
    package var roles: [RoleAccess]

    package init(roles: [RoleAccess] = []) {
        self.roles = roles
    }

    package func role(named name: String) -> RoleAccess? {
        roles.first { $0.role == name }
    }
}

/// What one role may do.
package struct RoleAccess: Sendable, Equatable {
    /// The role that every caller has, signed in or not.
    package static let anyone = "anyone"
    /// The role that every caller who is signed in has.
    package static let authenticated = "authenticated"
    /// The role that may do everything. The schema cannot give or take anything from it.
    package static let admin = "admin"
    /// The most roles that one entity's `access` names.
    package static let maximumCount = 32

    package var role: String
    package var read: Rule
    package var create: Rule
    package var update: Rule
    package var delete: Rule
    /// Which deleted records the role may bring back.
    package var restore: Rule
    /// Which records the role may remove for good.
    package var purge: Rule
    /// Of which records the role may see every change.
    package var history: Rule
    /// Indexes of fields that this role never sees.
    package var hidden: Set<Int>
    /// Indexes of fields that this role sees, and does not set.
    package var readOnly: Set<Int>

    package init(
        role: String, read: Rule = .never, create: Rule = .never, update: Rule = .never, delete: Rule = .never, restore: Rule = .never,
        purge: Rule = .never, history: Rule = .never, hidden: Set<Int> = [], readOnly: Set<Int> = []
    ) {
        self.role = role
        self.read = read
        self.create = create
        self.update = update
        self.delete = delete
        self.restore = restore
        self.purge = purge
        self.history = history
        self.hidden = hidden
        self.readOnly = readOnly
    }
}

/// Which records an operation is allowed on.
package enum Rule: Sendable, Hashable {
    case never
    case always
    case when(Filter)
}
