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
        collections = schema.entities.map {
            RecordCollection($0, api: schema.api, database: database, dialect: dialect, cursors: cursors, cache: cache, links: links)
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
            let statements: RecordStatements
        }

        private let inbound: [String: [Inbound]]
        private let entities: [String: Entity]

        init(_ schema: Schema, dialect: any Dialect) {
            var inbound: [String: [Inbound]] = [:]
            for source in schema.entities where !source.isReadOnly {
                let statements = RecordStatements(source, dialect: dialect)
                for reference in source.references {
                    inbound[reference.target, default: []].append(Inbound(source: source, reference: reference, statements: statements))
                }
            }
            self.inbound = inbound
            entities = Dictionary(schema.entities.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        }

        func inbound(to entity: String) -> [Inbound] {
            inbound[entity] ?? []
        }

        func entity(_ name: String) -> Entity? {
            entities[name]
        }
    }
}
