/// One key of the schema language. The tables of these are the language: the parser, the JSON Schema and the reference in
/// docs/schema.md are all made from them.
package struct SchemaKey: Sendable {
    /// What stands after the key.
    package enum Shape: Sendable {
        case text
        case boolean
        case integer(ClosedRange<Int>)
        /// One of some words.
        case word([String])
        /// A name, or a list of at least one.
        case names
        /// A list of names, which may be empty.
        case nameList
        /// A list of lists of at least one name.
        case nameLists
        /// A list of at least one text.
        case texts
        case section(SchemaSection)
        /// Names the author chooses, each with a section. At least one when `isRequired`.
        case named(SchemaSection)
        /// Names the author chooses, each with one of some words.
        case namedWords([String])
        /// Names the author chooses, each with a filter.
        case filters
        /// `true`, `false` or a filter.
        case rule
        /// `true`, `false` or a section.
        case flagOr(SchemaSection)
        /// A whole number with its unit: `365d`.
        case duration(ClosedRange<Duration>)
        /// The same, or a section.
        case durationOr(ClosedRange<Duration>, SchemaSection)
        /// `300/m`, or `none`.
        case rate
        /// A rate, or a section.
        case rateOr(SchemaSection)
        /// Names the author chooses, each with a rate or a section.
        case namedRates(SchemaSection)
        /// A number or text.
        case bound
        case anything
        /// An entity's name, or a section.
        case entityOr(SchemaSection)
    }

    package var name: String
    package var shape: Shape
    package var isRequired: Bool
    /// False for what the language has and this version has not: it is refused.
    package var isSupported: Bool
    /// For the reference: what holds without the key.
    package var absent: String
    /// For the reference and the JSON Schema: what it means, in one sentence.
    package var meaning: String

    static func key(
        _ name: String, _ shape: Shape, required: Bool = false, absent: String = "", _ meaning: String
    ) -> SchemaKey {
        SchemaKey(name: name, shape: shape, isRequired: required, isSupported: true, absent: absent, meaning: meaning)
    }

    static func notYet(_ names: String...) -> [SchemaKey] {
        names.map { SchemaKey(name: $0, shape: .anything, isRequired: false, isSupported: false, absent: "", meaning: "") }
    }
}

/// A mapping of the schema file whose keys the language gives.
package enum SchemaSection: String, Sendable, CaseIterable {
    case document, api, identity, provider, limits, rates, entity, audit, cache, field, reference, role

    /// How messages call it.
    package var title: String {
        switch self {
        case .document: "the schema"
        case .api: "`api`"
        case .identity: "`identity`"
        case .provider: "a provider in `identity`"
        case .limits: "`limits`"
        case .rates: "the limits of a role, of keys or of an entity"
        case .entity: "an entity"
        case .audit: "`audit`"
        case .cache: "`cache`"
        case .field: "a field"
        case .reference: "`references`"
        case .role: "a role in `access`"
        }
    }

    /// Every key, also those that are refused in this version.
    package var keys: [SchemaKey] {
        switch self {
        case .document: Self.documentKeys
        case .api: Self.apiKeys
        case .identity: Self.identityKeys
        case .provider: Self.providerKeys
        case .limits: Self.limitsKeys
        case .rates: Self.ratesKeys
        case .entity: Self.entityKeys
        case .audit: Self.auditKeys
        case .cache: Self.cacheKeys
        case .field: Self.fieldKeys
        case .reference: Self.referenceKeys
        case .role: Self.roleKeys
        }
    }

    package func key(named name: String) -> SchemaKey? {
        keys.first { $0.name.hasSameBytes(as: name) }
    }
}
