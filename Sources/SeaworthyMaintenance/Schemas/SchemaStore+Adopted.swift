import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

extension SchemaStore {
    /// The schema with what its tables really have: how columns are read and written that another program made.
    ///
    /// For after ``apply(_:now:)`` or ``verify(_:)``.
    package func adopted(_ schema: Schema) async throws -> Schema {
        try await database.transaction(.read) { transaction in
            let catalog = catalog(transaction)
            var entities = schema.entities
            for index in entities.indices {
                guard let table = try await catalog.table(named: entities[index].table, in: entities[index].dbSchema) else { continue }
                for field in entities[index].fields.indices {
                    let declared = entities[index].fields[field]
                    guard let column = table.column(named: declared.column), catalog.holds(column, declared) else { continue }
                    entities[index].fields[field] = catalog.bounded(declared, by: column)
                    entities[index].fields[field].form = catalog.form(of: column, for: declared)
                }
            }
            return Schema(name: schema.name, api: schema.api, identity: schema.identity, entities: entities)
        }
    }

    /// Throws where the schema wants tables in schemas, and the database has none.
    func requireSchemas(of schema: Schema) throws {
        guard !dialect.hasSchemas else { return }
        let entities = schema.entities.filter { $0.dbSchema != nil }
        guard entities.isEmpty else {
            throw MaintenanceError(
                code: .conflict,
                details: entities.map { "\($0.name): dbSchema «\($0.dbSchema ?? "")»: \(dialect.name) has no schemas" },
                fix: "remove `dbSchema:`, or use PostgreSQL")
        }
    }
}
