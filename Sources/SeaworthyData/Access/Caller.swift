package import SeaworthySchema

/// Who makes a request: their roles, and what is known of them.
package struct Caller: Sendable, Hashable {
    /// Nobody who has signed in.
    package static let anonymous = Caller()

    package struct User: Sendable, Hashable {
        package var id: String
        package var email: String?
        /// By the name that the schema declares under `identity.attributes`; what is missing or null makes a rule that asks for it false.
        package var attributes: [String: Value]

        package init(id: String, email: String? = nil, attributes: [String: Value] = [:]) {
            self.id = id
            self.email = email
            self.attributes = attributes
        }
    }

    /// Nil for whoever has not signed in.
    package var user: User?
    /// The roles that were given to them. ``RoleAccess/anyone`` and, for a user, ``RoleAccess/authenticated`` come by themselves.
    package var roles: Set<String>
    /// What an API key is for, if the request came with one: of what the roles give, only what one of these allows. Nil in a session, where
    /// nothing is taken away.
    package var scopes: Set<AccessScope>?

    package init(user: User? = nil, roles: Set<String> = []) {
        self.user = user
        self.roles = roles
    }

    /// Whether they may do everything. Who came with a key may not, whatever its scopes: what is no record takes a session.
    package var isAdministrator: Bool { scopes == nil && roles.contains(RoleAccess.admin) }

    /// Whether the key that they came with, if any, is for this.
    func isInScope(_ action: AccessScope.Action, on entity: String) -> Bool {
        scopes?.contains { $0.allows(action, on: entity) } ?? true
    }

    /// Whether they have a role.
    package func has(_ role: String) -> Bool {
        role == RoleAccess.anyone || (role == RoleAccess.authenticated && user != nil) || roles.contains(role)
    }

    /// What `$user.name` stands for; nil when it is not known.
    func attribute(_ name: String) -> Value? {
        guard let user else { return nil }
        let value: Value? =
            switch name {
            case "id": .text(user.id)
            case "email": user.email.map(Value.text)
            default: user.attributes[name]
            }
        return value.flatMap { $0.isNull ? nil : $0 }
    }
}
