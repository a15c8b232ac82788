import SeaworthyQuery
package import SeaworthySQL
package import SeaworthySchema
package import SeaworthyStorage

/// All collections of a schema over one database.
package struct RecordStore: Sendable {
    package let schema: Schema
    package let collections: [RecordCollection]
    package let database: any Database
    let audit: AuditLog
    package let idempotency: IdempotencyKeys

    package init(schema: Schema, database: any Database, dialect: any Dialect, secretKeys: [[UInt8]], cache queryCache: QueryCache? = nil) {
        self.schema = schema
        self.database = database
        let links = Links(schema, dialect: dialect)
        let cache = StatementCache()
        let cursors = CursorCipher(secretKeys: secretKeys)
        let callers = CallerAccessCache(schema)
        let tags = RecordTags(secretKeys: secretKeys)
        let family = RecordFamily()
        let audit = AuditLog(dialect: dialect)
        self.audit = audit
        idempotency = IdempotencyKeys(database, dialect: dialect)
        collections = schema.entities.indices.map {
            RecordCollection(
                $0, of: schema, database: database, dialect: dialect, cursors: cursors, cache: cache, links: links, callers: callers,
                tags: tags, audit: audit, family: family, queryCache: queryCache)
        }
        family.set(collections)
    }

    package func collection(named name: String) -> RecordCollection? {
        collections.first { $0.entity.name == name }
    }

    /// The references between all entities, from both sides.
    struct Links: Sendable {
        /// One reference of an entity to another, seen from the target.
        struct Inbound: Sendable {
            let source: Entity
            let reference: Reference
            /// The statements on all records that refer, and on those that are not deleted.
            let all: Statements
            let live: Statements
            /// The fields that ``clear`` makes null.
            let clearedFields: [Int]
            /// Checks of the source that a cleared reference could break, and the statement that reads the records to ask; empty for most.
            let affectedChecks: [Check]
            /// The source's position in the schema.
            let position: Int

            init(_ reference: Reference, of source: Entity, at position: Int, _ statements: RecordStatements) {
                self.position = position
                self.source = source
                self.reference = reference
                all = Statements(reference, source, statements, isLive: false)
                live = source.hasSoftDelete ? Statements(reference, source, statements, isLive: true) : all
                let cleared = reference.fields.filter(source.isNullable)
                clearedFields = cleared
                affectedChecks = source.checks.filter { !$0.filter.fields(of: source).isDisjoint(with: cleared) }
            }

            struct Statements: Sendable {
                let referrers: SQLText
                let count: SQLText
                let records: SQLText
                /// Nil when no part of the reference can be null.
                let clear: SQLText?

                init(_ reference: Reference, _ source: Entity, _ statements: RecordStatements, isLive: Bool) {
                    referrers = statements.referrers(by: reference, isLive: isLive)
                    count = statements.referrerCount(by: reference, isLive: isLive)
                    records = statements.referringRecords(by: reference, isLive: isLive)
                    let canBeCleared = reference.fields.contains(where: source.isNullable)
                    clear = canBeCleared ? statements.clearReferences(by: reference, isLive: isLive) : nil
                }
            }
        }

        /// An entity, and the statements that are asked of it from elsewhere.
        struct Target: Sendable {
            let entity: Entity
            /// Whether there is such a record that is not deleted.
            let existsLive: SQLText
            let delete: SQLText
            /// Marks a record as deleted; nil where none stays.
            let softDelete: SQLText?
            let read: SQLText
            /// Which of some keys are those of deleted records; nil where none stays.
            let deletedKeys: SQLText?
        }

        private let inbound: [String: [Inbound]]
        private let targets: [String: Target]

        init(_ schema: Schema, dialect: any Dialect) {
            var inbound: [String: [Inbound]] = [:]
            var targets: [String: Target] = [:]
            for (position, entity) in schema.entities.enumerated() where !entity.isReadOnly {
                let statements = RecordStatements(position, in: schema.entities, dialect: dialect)
                targets[entity.name] = Target(
                    entity: entity, existsLive: statements.existsLive(), delete: statements.delete(),
                    softDelete: entity.hasSoftDelete ? statements.update(fields: entity.deletionMarks, rules: []) : nil,
                    read: statements.readForChange(rules: []), deletedKeys: statements.deletedKeys())
                for reference in entity.references {
                    inbound[reference.target, default: []].append(Inbound(reference, of: entity, at: position, statements))
                }
            }
            self.inbound = inbound
            self.targets = targets
        }

        func inbound(to entity: String) -> [Inbound] {
            inbound[entity] ?? []
        }

        func target(_ name: String) -> Target? {
            targets[name]
        }
    }
}

extension Entity {
    /// The fields that a deletion sets where the record stays: when and by whom it was deleted, and last changed.
    var deletionMarks: [Int] {
        [Field.Managed.deletedAt, .deletedBy].compactMap(index(of:)) + changeMarks
    }
}
