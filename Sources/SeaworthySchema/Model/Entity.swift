/// One declared entity: a table, its fields and its rules.
package struct Entity: Sendable, Equatable {
    package var name: String
    /// The table's name in the database.
    package var table: String
    /// The database's schema that the table is in, where the database has schemas; nil for the one that an unqualified name means.
    package var dbSchema: String?
    /// The path segment below `/v1/`.
    package var path: String
    /// What `description:` says, for the documents made from the schema.
    package var description: String?
    /// Indexes into ``fields`` of the key's parts, in the order of the key.
    package var key: [Int]
    /// In the order of the file. An entity without a declared key has `id`, a UUIDv7 made by the server, first.
    package var fields: [Field]
    package var references: [Reference]
    /// The ways to other entities' records, made by ``Schema`` from all references.
    package internal(set) var relations: [Relation] = []
    package var checks: [Check]
    /// Every index that is not unique, as indexes into ``fields``.
    package var indexes: [[Int]]
    /// Every unique constraint besides the key, as indexes into ``fields``.
    package var unique: [[Int]]
    package var access: Access
    /// A view: it can be read, never written.
    package var isReadOnly: Bool
    /// Keeps a history of every change; nil when it does not.
    package var audit: Audit?
    /// How often its records may be asked for; no part of the stored schema either.
    package var limits = Schema.Limits.Rates.none
    /// How long answers are kept; nil where none is. No part of the stored schema either.
    package var cache: Cache?
    /// The name that the entity had before. Only a migration asks for it, so it is no part of the stored schema.
    package var renamedFrom: String?

    /// How long answers to reads are kept.
    package struct Cache: Sendable, Equatable {
        package static let bounds: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)

        package var lifetime: Duration
        /// How much longer an answer is given out while it is made anew.
        package var staleWhileRevalidate: Duration

        package init(for lifetime: Duration, staleWhileRevalidate: Duration = .zero) {
            self.lifetime = lifetime
            self.staleWhileRevalidate = staleWhileRevalidate
        }
    }

    /// How long the history is kept.
    package struct Audit: Sendable, Equatable {
        /// The longest time that can be asked for.
        package static let longestKeep: Duration = .seconds(36_500 * 86_400)
        package static let keepBounds: ClosedRange<Duration> = .seconds(60)...longestKeep

        /// In seconds; nil for ever.
        package var keepSeconds: Int?

        package init(keepSeconds: Int? = nil) {
            self.keepSeconds = keepSeconds
        }
    }

    package init(
        name: String, table: String, path: String, description: String? = nil, key: [Int], fields: [Field], references: [Reference] = [],
        checks: [Check] = [], indexes: [[Int]] = [], unique: [[Int]] = [], access: Access = Access(), isReadOnly: Bool = false,
        audit: Audit? = nil, dbSchema: String? = nil
    ) {
        self.name = name
        self.table = table
        self.dbSchema = dbSchema
        self.path = path
        self.description = description
        self.key = key
        self.fields = fields
        self.references = references
        self.checks = checks
        self.indexes = indexes
        self.unique = unique
        self.access = access
        self.isReadOnly = isReadOnly
        self.audit = audit
    }

    /// The table's name for people: `sales.orders`.
    package var tableTitle: String { (dbSchema.map { $0 + "." } ?? "") + table }

    package func fieldIndex(named name: String) -> Int? {
        fields.firstIndex { $0.name.hasSameBytes(as: name) }
    }

    /// The field in which the server keeps a part of the record's life; nil where the entity does not have it.
    package func index(of managed: Field.Managed) -> Int? {
        fields.firstIndex { $0.managed == managed }
    }

    /// Whether a record may have no value in the field.
    package func isNullable(_ field: Int) -> Bool {
        !fields[field].isRequired && !key.contains(field)
    }

    /// Whether a deleted record stays, marked as deleted.
    package var hasSoftDelete: Bool { index(of: .deletedAt) != nil }

    /// Which records are not deleted; nil where a deleted record does not stay.
    package var isLive: Filter? {
        index(of: .deletedAt).map { .isNull(field: FieldPath($0), true) }
    }

    package func relationIndex(named name: String) -> Int? {
        relations.firstIndex { $0.name.hasSameBytes(as: name) }
    }

    package var keyFields: [Field] {
        key.map { fields[$0] }
    }
}

/// A condition that every record meets, from `checks:`. It fails only when it is false: null is not false.
package struct Check: Sendable, Equatable {
    package var name: String
    package var filter: Filter

    package init(name: String, filter: Filter) {
        self.name = name
        self.filter = filter
    }
}
