/// A declared relation from one entity to another.
package struct Reference: Sendable, Equatable {
    /// What a record does when the record it points at is deleted. The server carries it out.
    package enum OnDelete: String, Sendable, CaseIterable {
        /// The delete is refused while something points at the record. The default.
        case restrict
        /// The pointing records are deleted too.
        case cascade
        /// The pointing fields become null.
        case setNull
    }

    /// The relation's name on the entity that has the reference, from `as:`.
    package var name: String
    /// The relation's name on the target, from `inverse:`; nil when it has none.
    package var inverse: String?
    /// The target entity's name.
    package var target: String
    /// Indexes into the entity's fields, in the order of the target's key.
    package var fields: [Int]
    package var onDelete: OnDelete

    package init(name: String, inverse: String?, target: String, fields: [Int], onDelete: OnDelete = .restrict) {
        self.name = name
        self.inverse = inverse
        self.target = target
        self.fields = fields
        self.onDelete = onDelete
    }
}
