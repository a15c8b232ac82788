import SeaworthySQL
import SeaworthySchema

/// What differs between a database and the schema that it is said to have: what others changed there, a line each.
enum SchemaDrift {
    static func lines(_ schema: Schema, catalog: any Catalog, dialect: any Dialect) async throws -> [String] {
        var lines: [String] = []
        for entity in schema.entities {
            let name = "«\(entity.tableTitle)»"
            guard let table = try await catalog.table(named: entity.table, in: entity.dbSchema) else {
                lines.append("there is no \(entity.isReadOnly ? "view" : "table") \(name)")
                continue
            }
            guard !table.isView || entity.isReadOnly else {
                lines.append("\(name) is a view, not a table")
                continue
            }
            lines += columns(entity, table, catalog)
            guard !entity.isReadOnly else { continue }
            lines += key(entity, table) + references(entity, table, schema) + indexes(entity, table, schema, dialect)
        }
        return lines
    }

    private static func columns(_ entity: Entity, _ table: CatalogTable, _ catalog: any Catalog) -> [String] {
        var lines: [String] = []
        for (index, field) in entity.fields.enumerated() {
            let place = "column «\(field.column)» of «\(entity.tableTitle)»"
            guard let column = table.column(named: field.column) else {
                lines.append("there is no \(place)")
                continue
            }
            // A view's columns have the types of its expressions, often none.
            guard !entity.isReadOnly else { continue }
            let expected = catalog.type(of: field)
            if !catalog.holds(column, field) { lines.append("the \(place) is \(column.type), not \(expected)") }
            if column.keyPosition == 0, !entity.key.contains(index), column.isRequired == entity.isNullable(index) {
                lines.append("the \(place) \(column.isRequired ? "may not be null" : "may be null")")
            }
        }
        let known = Set(entity.fields.map { $0.column.lowercased() })
        for column in table.columns where !entity.isReadOnly && !known.contains(column.name.lowercased()) {
            lines.append("the column «\(column.name)» of «\(entity.tableTitle)» is not in the schema, and stays")
        }
        return lines
    }

    private static func key(_ entity: Entity, _ table: CatalogTable) -> [String] {
        let key = table.columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map(\.name)
        guard key.map({ $0.lowercased() }) != entity.keyFields.map({ $0.column.lowercased() }) else { return [] }
        let expected = entity.keyFields.map(\.column).joined(separator: ", ")
        return ["the key of «\(entity.tableTitle)» is (\(key.joined(separator: ", "))), not (\(expected))"]
    }

    private static func references(_ entity: Entity, _ table: CatalogTable, _ schema: Schema) -> [String] {
        func text(_ columns: [String], _ target: String) -> String { "(\(columns.joined(separator: ", "))) to «\(target)»" }
        let expected = entity.references.map { reference in
            (columns: reference.fields.map { entity.fields[$0].column }, target: schema.entity(named: reference.target)?.table ?? "")
        }
        func isSame(_ columns: [String], _ target: String, _ other: [String], _ otherTarget: String) -> Bool {
            columns.map { $0.lowercased() } == other.map { $0.lowercased() } && target.lowercased() == otherTarget.lowercased()
        }
        var lines: [String] = []
        for one in expected where !table.foreignKeys.contains(where: { isSame($0.columns, $0.target, one.columns, one.target) }) {
            lines.append("«\(entity.tableTitle)» has no reference of \(text(one.columns, one.target))")
        }
        for key in table.foreignKeys where !expected.contains(where: { isSame($0.columns, $0.target, key.columns, key.target) }) {
            lines.append("the reference of «\(entity.tableTitle)» \(text(key.columns, key.target)) is not in the schema, and stays")
        }
        return lines
    }

    private static func indexes(_ entity: Entity, _ table: CatalogTable, _ schema: Schema, _ dialect: any Dialect) -> [String] {
        let expected = TableDefinition(entity, in: schema, dialect: dialect).indexes.map(\.name)
        var lines: [String] = []
        for name in expected where !table.indexes.contains(where: { $0.lowercased() == name.lowercased() }) {
            lines.append("there is no index «\(name)» of «\(entity.tableTitle)»")
        }
        for name in table.uniqueIndexes where !expected.contains(where: { $0.lowercased() == name.lowercased() }) {
            lines.append("the unique index «\(name)» of «\(entity.tableTitle)» is not in the schema, and stays")
        }
        return lines
    }
}
