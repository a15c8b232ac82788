/// Who has a lock. A user is one owner however often they are signed in, and each of their API keys is another.
package struct LockOwner: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case user, apiKey
    }

    package let kind: Kind
    /// The id of the user or of the key.
    package let id: String
    /// The proven address of the user, or of the key's owner, for people to see who edits. It says nothing of who this is.
    package let email: String?

    package init(_ kind: Kind, id: String, email: String? = nil) {
        self.kind = kind
        self.id = id
        self.email = email
    }

    package func isSame(as other: LockOwner) -> Bool { kind == other.kind && id == other.id }
}
