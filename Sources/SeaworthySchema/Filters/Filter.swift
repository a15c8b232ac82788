/// A condition on the records of one entity, in the language of `filter=`, access rules and checks, with names and values resolved.
///
/// Three-valued like SQL: a comparison with null is neither true nor false.
package indirect enum Filter: Sendable, Hashable {
    /// True when every one is. True when empty.
    case all([Filter])
    /// True when one is. False when empty.
    case any([Filter])
    case not(Filter)
    /// A comparison of a field.
    case compare(field: FieldPath, Comparison, Operand)
    /// The field is null (`true`) or is not. Never itself unknown.
    case isNull(field: FieldPath, Bool)
    /// The field is one of the values. Null is never among them.
    case isIn(field: FieldPath, [Value])
    /// A text test.
    case text(field: FieldPath, TextMatch, String, CaseMode)
    /// The array field holds the element, given in its compact JSON form.
    case has(field: FieldPath, Value)
    /// How many of the records at the end of a to-many relation meet a condition. Never itself unknown.
    ///
    /// The path's steps lead to the record that has the relation; its last step is the relation.
    case related([RelationStep], Quantifier, Filter)

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

    package enum Quantifier: String, Sendable, Hashable, CaseIterable {
        /// At least one record meets the condition.
        case some
        /// No record fails it or leaves it unknown; so it holds over no records.
        case every
        /// No record meets it.
        case none
    }

    /// What a field is compared with.
    package enum Operand: Sendable, Hashable {
        /// Never null: `equals: null` is ``Filter/isNull(field:_:)``.
        case value(Value)
        /// Another field of the record that the filter is for: `$record.OrderDate`.
        case field(FieldPath)
        /// What is known of the caller: `$user.id`. Replaced by its value before the filter is used.
        case user(String)
    }
}

extension Filter {
    /// Every own field that the filter looks at, those that begin a way to other records included.
    package func fields(of entity: Entity) -> Set<Int> {
        switch self {
        case .all(let filters), .any(let filters): filters.reduce(into: []) { $0.formUnion($1.fields(of: entity)) }
        case .not(let filter): filter.fields(of: entity)
        case .compare(let path, _, .field(let other)): Self.own(path, entity).union(Self.own(other, entity))
        case .compare(let path, _, _), .isNull(let path, _), .isIn(let path, _), .text(let path, _, _, _), .has(let path, _):
            Self.own(path, entity)
        case .related(let steps, _, _): Self.own(steps, entity)
        }
    }

    private static func own(_ path: FieldPath, _ entity: Entity) -> Set<Int> {
        path.isOwn ? [path.field] : own(path.steps, entity)
    }

    private static func own(_ steps: [RelationStep], _ entity: Entity) -> Set<Int> {
        steps.first.map { entity.relations.indices.contains($0.relation) ? Set(entity.relations[$0.relation].fields) : [] } ?? []
    }

    /// Whether the record alone decides it: no relation is followed.
    package var isOwn: Bool {
        switch self {
        case .all(let filters), .any(let filters): filters.allSatisfy(\.isOwn)
        case .not(let filter): filter.isOwn
        case .compare(let path, _, .field(let other)): path.isOwn && other.isOwn
        case .compare(let path, _, _), .isNull(let path, _), .isIn(let path, _), .text(let path, _, _, _), .has(let path, _): path.isOwn
        case .related: false
        }
    }

    /// The names behind `$user.` that it compares with.
    package var userAttributes: Set<String> {
        switch self {
        case .all(let filters), .any(let filters): filters.reduce(into: []) { $0.formUnion($1.userAttributes) }
        case .not(let filter), .related(_, _, let filter): filter.userAttributes
        case .compare(_, _, .user(let name)): [name]
        case .compare, .isNull, .isIn, .text, .has: []
        }
    }

    /// The filter with its parts replaced; nil when one of them cannot be.
    ///
    /// - Parameters:
    ///   - path: gives the path that stands for one.
    ///   - related: gives the way and the condition that stand for those of a quantifier.
    ///   - operand: gives what a field is compared with instead.
    package func rewritten(
        path: (FieldPath) -> FieldPath, related: ([RelationStep], Filter) -> (steps: [RelationStep], filter: Filter)?,
        operand: (Operand) -> Operand? = { $0 }
    ) -> Filter? {
        func all(_ filters: [Filter]) -> [Filter]? {
            var result: [Filter] = []
            for filter in filters {
                guard let one = filter.rewritten(path: path, related: related, operand: operand) else { return nil }
                result.append(one)
            }
            return result
        }
        switch self {
        case .all(let filters): return all(filters).map(Filter.all)
        case .any(let filters): return all(filters).map(Filter.any)
        case .not(let filter): return filter.rewritten(path: path, related: related, operand: operand).map(Filter.not)
        case .compare(let field, let comparison, .field(let other)): return .compare(field: path(field), comparison, .field(path(other)))
        case .compare(let field, let comparison, let value): return operand(value).map { .compare(field: path(field), comparison, $0) }
        case .isNull(let field, let flag): return .isNull(field: path(field), flag)
        case .isIn(let field, let values): return .isIn(field: path(field), values)
        case .text(let field, let match, let text, let mode): return .text(field: path(field), match, text, mode)
        case .has(let field, let element): return .has(field: path(field), element)
        case .related(let way, let quantifier, let filter):
            return related(way, filter).map { .related($0.steps, quantifier, $0.filter) }
        }
    }

    /// Every path that it names of the record and those that to-one relations lead to; not those within quantifiers.
    package var paths: [FieldPath] {
        switch self {
        case .all(let filters), .any(let filters): filters.flatMap(\.paths)
        case .not(let filter): filter.paths
        case .compare(let path, _, .field(let other)): [path, other]
        case .compare(let path, _, _), .isNull(let path, _), .isIn(let path, _), .text(let path, _, _, _), .has(let path, _): [path]
        case .related: []
        }
    }

    /// The ways to the records that have the relations of its quantifiers.
    package var quantified: [[RelationStep]] {
        switch self {
        case .all(let filters), .any(let filters): filters.flatMap(\.quantified)
        case .not(let filter): filter.quantified
        case .related(let steps, _, _): [steps]
        default: []
        }
    }

    /// The filter as it stands for a record from which steps lead to the one it was written for.
    package func prefixed(by prefix: [RelationStep]) -> Filter {
        guard !prefix.isEmpty else { return self }
        let moved = rewritten(
            path: { FieldPath($0.field, through: prefix + $0.steps) }, related: { steps, filter in (prefix + steps, filter) })
        return moved ?? self
    }

    /// Both filters together; nil stands for no condition.
    package static func both(_ left: Filter?, _ right: Filter?) -> Filter? {
        switch (left, right) {
        case (nil, let one), (let one, nil): one
        case (let left?, let right?): .all([left, right])
        }
    }
}
