import SeaworthyQuery
package import SeaworthySQL
package import SeaworthySchema
package import SeaworthyStorage

/// All collections of a schema over one database.
package struct RecordStore: Sendable {
    package let schema: Schema
    package let collections: [RecordCollection]
    package let database: any Database

    package init(schema: Schema, database: any Database, dialect: any Dialect, secretKeys: [[UInt8]]) {
        self.schema = schema
        self.database = database
        let links = Links(schema, dialect: dialect)
        let cache = StatementCache()
        let cursors = CursorCipher(secretKeys: secretKeys)
        let callers = CallerAccessCache(schema)
        collections = schema.entities.indices.map {
            RecordCollection(
                $0, of: schema, database: database, dialect: dialect, cursors: cursors, cache: cache, links: links, callers: callers)
        }
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
            let referrers: SQLText
            let referrerCount: SQLText
            /// Nil when no part of the reference can be null.
            let clear: SQLText?
            /// The fields that ``clear`` makes null.
            let clearedFields: [Int]
            /// Checks of the source that a cleared reference could break, and the statement that reads the records to ask; empty for most.
            let affectedChecks: [Check]
            let referringRecords: SQLText
            /// The source's position in the schema.
            let position: Int

            init(_ reference: Reference, of source: Entity, at position: Int, _ statements: RecordStatements) {
                self.position = position
                self.source = source
                self.reference = reference
                referrers = statements.referrers(by: reference)
                referrerCount = statements.referrerCount(by: reference)
                let cleared = reference.fields.filter { !source.fields[$0].isRequired && !source.key.contains($0) }
                clearedFields = cleared
                clear = cleared.isEmpty ? nil : statements.clearReferences(by: reference)
                affectedChecks = source.checks.filter { !$0.filter.fields(of: source).isDisjoint(with: cleared) }
                referringRecords = statements.referringRecords(by: reference)
            }
        }

        /// An entity, and the statements that are asked of it from elsewhere.
        struct Target: Sendable {
            let entity: Entity
            let exists: SQLText
            let delete: SQLText
        }

        private let inbound: [String: [Inbound]]
        private let targets: [String: Target]

        init(_ schema: Schema, dialect: any Dialect) {
            var inbound: [String: [Inbound]] = [:]
            var targets: [String: Target] = [:]
            for (position, entity) in schema.entities.enumerated() where !entity.isReadOnly {
                let statements = RecordStatements(position, in: schema.entities, dialect: dialect)
                targets[entity.name] = Target(entity: entity, exists: statements.exists(), delete: statements.delete())
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

        /// The names of the relations to an entity, as its own records would have them.
        func inverses(of entity: String) -> [String] {
            inbound(to: entity).compactMap(\.reference.inverse)
        }

        func target(_ name: String) -> Target? {
            targets[name]
        }
    }
}
