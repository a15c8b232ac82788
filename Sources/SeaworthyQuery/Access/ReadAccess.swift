package import SeaworthySchema

/// What one caller may read of one entity's records: a grant for each of their roles that may read at all.
///
/// A record is there when a grant admits it, and of it those fields that some grant which admits it does not hide.
package struct ReadAccess: Sendable, Hashable {
    /// What one role may read.
    package struct Grant: Sendable, Hashable {
        /// Which records; nil for every one.
        package var rule: Filter?
        package var hidden: Set<Int>

        package init(rule: Filter? = nil, hidden: Set<Int> = []) {
            self.rule = rule
            self.hidden = hidden
        }
    }

    /// Some of the grants, a bit each.
    private struct Seers: Hashable {
        var bits: UInt64

        func contains(_ grant: Int) -> Bool { bits & (1 << UInt64(grant)) != 0 }
    }

    package let grants: [Grant]
    private let seers: [Seers]
    /// Every grant.
    private let everyone: Seers

    /// - Parameter fieldCount: how many fields the entity has.
    package init(_ grants: [Grant], fieldCount: Int) {
        // One that admits every record and hides no more than another leaves nothing for the other to add.
        var kept: [Grant] = []
        for grant in grants where !kept.contains(where: { $0 == grant || ($0.rule == nil && $0.hidden.isSubset(of: grant.hidden)) }) {
            if grant.rule == nil { kept.removeAll { grant.hidden.isSubset(of: $0.hidden) } }
            kept.append(grant)
        }
        self.grants = kept
        everyone = Seers(bits: kept.isEmpty ? 0 : UInt64.max >> UInt64(64 - kept.count))
        seers = (0..<fieldCount).map { field in
            Seers(bits: kept.enumerated().reduce(0) { $0 | ($1.element.hidden.contains(field) ? 0 : 1 << UInt64($1.offset)) })
        }
    }

    /// Whoever may read everything.
    package static func everything(fieldCount: Int) -> ReadAccess {
        ReadAccess([Grant()], fieldCount: fieldCount)
    }

    /// Whether the caller may read some record.
    package var allowsReading: Bool { !grants.isEmpty }

    /// Whether the caller sees the field of some record.
    package func isVisible(_ field: Int) -> Bool {
        seers.indices.contains(field) && seers[field].bits != 0
    }

    /// In which of the records that are there the caller sees all of these fields; nil in every one.
    package func condition(seeing fields: [Int]) -> Filter? {
        fields.allSatisfy { seers[$0] == everyone } ? nil : restriction(seeing: fields)
    }

    /// Which records the grants admit; nil for every one.
    private func condition(of seers: Seers) -> Filter? {
        var rules: [Filter] = []
        for (index, grant) in grants.enumerated() where seers.contains(index) {
            guard let rule = grant.rule else { return nil }
            rules.append(rule)
        }
        return rules.count == 1 ? rules[0] : .any(rules)
    }

    /// Which records are there for the caller; nil for every one.
    package var restriction: Filter? { condition(of: everyone) }

    /// Which records are there with all of these fields; nil for every one.
    package func restriction(seeing fields: some Sequence<Int>) -> Filter? {
        var groups: [Seers] = []
        for field in fields where !groups.contains(seers[field]) { groups.append(seers[field]) }
        var conditions: [Filter] = []
        for group in groups.isEmpty ? [everyone] : groups {
            if let condition = condition(of: group), !conditions.contains(condition) { conditions.append(condition) }
        }
        return conditions.count > 1 ? .all(conditions) : conditions.first
    }
}
