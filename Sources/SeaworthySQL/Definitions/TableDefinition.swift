package import SeaworthySchema

/// The statements that make an entity's table and indexes.
package struct TableDefinition: Sendable {
    private let entity: Entity
    private let schema: Schema
    private let dialect: any Dialect

    package init(_ entity: Entity, in schema: Schema, dialect: any Dialect) {
        self.entity = entity
        self.schema = schema
        self.dialect = dialect
    }

    package var createTable: String {
        var lines = entity.fields.indices.map(column)
        if generatedKeyField == nil {
            lines.append("PRIMARY KEY (\(columns(entity.key)))")
        }
        for reference in entity.references {
            guard let target = schema.entity(named: reference.target) else { continue }
            let keys = target.keyFields.map { dialect.quoted($0.column) }.joined(separator: ", ")
            // The server carries out onDelete, so that it can be audited; the database only forbids what the server did not do.
            lines.append(
                "FOREIGN KEY (\(columns(reference.fields))) REFERENCES \(dialect.quoted(target.table)) (\(keys)) ON UPDATE RESTRICT ON DELETE RESTRICT"
            )
        }
        return "CREATE TABLE \(dialect.quoted(entity.table)) (\n    \(lines.joined(separator: ",\n    "))\n) STRICT"
    }

    /// The definition of one column within `CREATE TABLE`, and behind `ALTER TABLE … ADD COLUMN`.
    package func column(_ index: Int) -> String {
        let field = entity.fields[index]
        var parts = [dialect.quoted(field.column), dialect.columnType(of: field, column: dialect.quoted(field.column))]
        if index == generatedKeyField, let clause = dialect.generatedKey(of: field) {
            parts.append(clause)
        } else if field.isRequired || entity.key.contains(index) {
            parts.append("NOT NULL")
        }
        return parts.joined(separator: " ")
    }

    /// Name and statement of every index that the entity needs, unique ones first.
    package var indexes: [(name: String, statement: String)] {
        // A reference is looked up from its target's side when that is deleted, so it is served by an index of its own where no other
        // index or the key begins with its fields.
        var plain = entity.indexes
        for reference in entity.references
        where !([entity.key] + entity.unique + plain).contains(where: { $0.starts(with: reference.fields) }) {
            plain.append(reference.fields)
        }
        return entity.unique.map { index($0, isUnique: true) } + plain.map { index($0, isUnique: false) }
    }

    private func index(_ fields: [Int], isUnique: Bool) -> (name: String, statement: String) {
        let name = ([entity.table] + fields.map { entity.fields[$0].column } + [isUnique ? "key" : "idx"]).joined(separator: "_")
        let kind = isUnique ? "UNIQUE INDEX" : "INDEX"
        return (name, "CREATE \(kind) \(dialect.quoted(name)) ON \(dialect.quoted(entity.table)) (\(columns(fields)))")
    }

    private var generatedKeyField: Int? {
        guard entity.key.count == 1, dialect.generatedKey(of: entity.fields[entity.key[0]]) != nil else { return nil }
        return entity.key[0]
    }

    private func columns(_ fields: [Int]) -> String {
        fields.map { dialect.quoted(entity.fields[$0].column) }.joined(separator: ", ")
    }
}
