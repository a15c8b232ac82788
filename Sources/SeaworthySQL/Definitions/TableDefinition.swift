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
        if dialect.hasReferencesInTables { lines += constraints }
        return "CREATE TABLE \(dialect.table(entity)) (\n    \(lines.joined(separator: ",\n    "))\n)\(dialect.tableOptions)"
    }

    /// The statements that add the references, for when every table is there; none where `CREATE TABLE` has them.
    package var addReferences: [String] {
        dialect.hasReferencesInTables ? [] : constraints.map { "ALTER TABLE \(dialect.table(entity)) ADD \($0)" }
    }

    private var constraints: [String] {
        entity.references.compactMap { reference in
            guard let target = schema.entity(named: reference.target) else { return nil }
            let keys = target.keyFields.map { dialect.quoted($0.column) }.joined(separator: ", ")
            return
                "FOREIGN KEY (\(columns(reference.fields))) REFERENCES \(dialect.table(target)) (\(keys))\(dialect.referenceOptions)"
        }
    }

    /// The definition of one column within `CREATE TABLE`, and behind `ALTER TABLE … ADD COLUMN`.
    package func column(_ index: Int) -> String {
        let field = entity.fields[index]
        var parts = [dialect.quoted(field.column), dialect.columnType(of: field, column: dialect.quoted(field.column))]
        if index == generatedKeyField, let clause = dialect.generatedKey(of: field) {
            parts.append(clause)
        } else if !entity.isNullable(index) {
            parts.append("NOT NULL")
        }
        return parts.joined(separator: " ")
    }

    /// An index that the entity needs.
    package struct Index: Sendable {
        package let name: String
        package let statement: String
        /// The columns that it orders the rows by.
        package let columns: [String]
        package let isUnique: Bool
        /// Whether only records that are not deleted are in it.
        package let isOfLive: Bool
    }

    /// Every index that the entity needs, unique ones first.
    package var indexes: [Index] {
        let all = schema.entities.flatMap(IndexDefinition.all)
        return IndexDefinition.all(of: entity).map { index in
            let name = index.name(among: all)
            let kind = index.isUnique ? "UNIQUE INDEX" : "INDEX"
            let condition = index.isOfLive ? entity.index(of: .deletedAt).map { " WHERE \(columns([$0])) IS NULL" } ?? "" : ""
            return Index(
                name: name,
                statement: "CREATE \(kind) \(dialect.quoted(name)) ON \(dialect.table(entity)) (\(columns(index.fields)))\(condition)",
                columns: index.fields.map { entity.fields[$0].column }, isUnique: index.isUnique, isOfLive: index.isOfLive)
        }
    }

    private var generatedKeyField: Int? {
        guard entity.key.count == 1, dialect.generatedKey(of: entity.fields[entity.key[0]]) != nil else { return nil }
        return entity.key[0]
    }

    private func columns(_ fields: [Int]) -> String {
        fields.map { dialect.quoted(entity.fields[$0].column) }.joined(separator: ", ")
    }
}
