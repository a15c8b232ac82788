/// A field of a record, or of a record that to-one relations lead to: `CustomerID`, `customer.Country`.
///
/// Where a relation leads nowhere, the field is null.
package struct FieldPath: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// The to-one relations that lead to the field's record, the first from the record itself.
    package var steps: [RelationStep]
    /// The field's index in the entity at the end of the steps.
    package var field: Int

    package init(_ field: Int, through steps: [RelationStep] = []) {
        self.steps = steps
        self.field = field
    }

    package init(integerLiteral value: Int) {
        self.init(value)
    }

    /// Whether the field belongs to the record itself.
    package var isOwn: Bool { steps.isEmpty }
}

/// One relation on the way of a ``FieldPath``.
package struct RelationStep: Sendable, Hashable {
    /// The relation's index in ``Entity/relations`` of the entity where the step begins.
    package var relation: Int
    /// The records at the end that there are for whom it is read; nil for every one. It is set when access is applied to what a client
    /// asked for: a record that the caller may not read, or a deleted one, is not there.
    package var rule: Filter?
    /// The records at the beginning from which the way may be taken: those whose referring fields the caller sees; nil for every one.
    package var guardRule: Filter?

    package init(_ relation: Int, rule: Filter? = nil, guardRule: Filter? = nil) {
        self.relation = relation
        self.rule = rule
        self.guardRule = guardRule
    }
}
