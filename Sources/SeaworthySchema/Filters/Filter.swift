/// A condition on the records of one entity, in the language of `filter=`, access rules and checks, with names and values resolved.
///
/// Three-valued like SQL: a comparison with null is neither true nor false.
package indirect enum Filter: Sendable, Hashable {
    /// True when every one is. True when empty.
    case all([Filter])
    /// True when one is. False when empty.
    case any([Filter])
    case not(Filter)
    /// A comparison of a field by its index in the entity.
    case compare(field: Int, Comparison, Operand)
    /// The field is null (`true`) or is not. Never itself unknown.
    case isNull(field: Int, Bool)
    /// The field is one of the values. Null is never among them.
    case isIn(field: Int, [Value])
    /// A text test.
    case text(field: Int, TextMatch, String, CaseMode)
    /// The array field holds the element, given in its compact JSON form.
    case has(field: Int, Value)

    package enum Comparison: String, Sendable, Hashable {
        case equals, not, gt, gte, lt, lte
    }

    package enum TextMatch: String, Sendable, Hashable {
        case contains, startsWith, endsWith
    }

    package enum CaseMode: String, Sendable, Hashable {
        /// Both sides are compared in the root locale's full upper case. The default.
        case insensitive
        case sensitive
    }

    /// What a field is compared with.
    package enum Operand: Sendable, Hashable {
        /// Never null: `equals: null` is ``Filter/isNull(field:_:)``.
        case value(Value)
        /// Another field of the same record: `$record.OrderDate`.
        case field(Int)
    }
}
