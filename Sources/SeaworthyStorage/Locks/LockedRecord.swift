/// Which record a lock is on.
package struct LockedRecord: Sendable, Hashable {
    /// The entity's name.
    package let entity: String
    /// The record's key as it stands in its path: `10248`, `10001,12`.
    package let key: String

    package init(entity: String, key: String) {
        self.entity = entity
        self.key = key
    }
}
