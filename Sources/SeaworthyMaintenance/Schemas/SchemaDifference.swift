import SeaworthySQL
import SeaworthySchema

/// What it takes to bring a database to a schema: statements that only add, and differences that no such statement mends.
struct SchemaDifference: Sendable {
    struct Change: Sendable, Equatable {
        var summary: String
        var statement: String
    }

    private(set) var changes: [Change] = []
    private(set) var conflicts: [String] = []
    /// What stays although the schema does not have it, and is felt all the same.
    private(set) var leftovers: [String] = []
    /// What goes behind every table.
    private var references: [Change] = []
    private let catalog: any Catalog
    private let forms: StoredForms
    private let schema: Schema
    private let dialect: any Dialect

    init(_ schema: Schema, catalog: any Catalog, stored: StoredForms, dialect: any Dialect) async throws {
        forms = stored
        self.schema = schema
        self.dialect = dialect
        self.catalog = catalog
        for entity in schema.entities {
            compare(entity, with: try await catalog.table(named: entity.table))
        }
        changes += references
    }

    private mutating func compare(_ entity: Entity, with table: CatalogTable?) {
        let definition = TableDefinition(entity, in: schema, dialect: dialect)
        guard let table else {
            guard !entity.isReadOnly else {
                conflicts.append("\(entity.name): there is no view «\(entity.table)»; create it in the database")
                return
            }
            changes.append(Change(summary: "create table «\(entity.table)»", statement: definition.createTable))
            for index in definition.indexes { changes.append(create(index)) }
            for statement in definition.addReferences {
                references.append(Change(summary: "add a reference to «\(entity.table)»", statement: statement))
            }
            return
        }
        if table.isView, !entity.isReadOnly {
            conflicts.append("\(entity.name): «\(entity.table)» is a view; say readOnly: true")
            return
        }
        for (index, field) in entity.fields.enumerated() {
            compare(field, index, of: entity, with: table, definition)
        }
        guard !entity.isReadOnly else { return }
        compareKey(of: entity, with: table)
        for reference in entity.references {
            let columns = reference.fields.map { entity.fields[$0].column.lowercased() }
            let target = schema.entity(named: reference.target)?.table.lowercased()
            if reference.fields.allSatisfy({ table.column(named: entity.fields[$0].column) != nil }),
                !table.foreignKeys.contains(where: { $0.target.lowercased() == target && $0.columns.map { $0.lowercased() } == columns })
            {
                conflicts.append("\(entity.name).\(reference.name): the table «\(entity.table)» has no such foreign key yet")
            }
        }
        let names = Set(definition.indexes.map { $0.name.lowercased() })
        for index in table.uniqueIndexes where !names.contains(index.lowercased()) {
            leftovers.append(
                "\(entity.name): the unique index «\(index)» of «\(entity.table)» is not in the schema, stays, and refuses duplicates")
        }
        for index in definition.indexes where !table.indexes.contains(where: { $0.lowercased() == index.name.lowercased() }) {
            changes.append(create(index))
        }
    }

    private mutating func compare(
        _ field: Field, _ index: Int, of entity: Entity, with table: CatalogTable, _ definition: TableDefinition
    ) {
        let name = "\(entity.name).\(field.name)"
        let isRequired = !entity.isNullable(index)
        guard let column = table.column(named: field.column) else {
            if isRequired || entity.isReadOnly || entity.references.contains(where: { $0.fields.contains(index) }) {
                conflicts.append(
                    "\(name): the table «\(entity.table)» has no column «\(field.column)», and this one cannot be added to rows that exist")
            } else {
                changes.append(
                    Change(
                        summary: "add column «\(field.column)» to «\(entity.table)»",
                        statement: "ALTER TABLE \(dialect.quoted(entity.table)) ADD COLUMN \(definition.column(index))"))
            }
            return
        }
        // A view's columns have the types of its expressions, often none.
        guard !entity.isReadOnly else { return }
        let expected = catalog.type(of: field)
        let isSame = catalog.isSame(column.type, expected)
        if !isSame {
            conflicts.append(
                "\(name): the column «\(field.column)» stores \(column.type), the type \(field.type.name) needs \(expected)")
        }
        let form = StoredForms.form(of: field)
        if isSame, let stored = forms.form(table: entity.table, column: field.column), stored != form {
            conflicts.append("\(name): the column «\(field.column)» holds values as \(stored), the field would read them as \(form)")
        }
        // The key's own column of a rowid table need not say NOT NULL to be it.
        if isRequired != column.isRequired, column.keyPosition == 0 {
            conflicts.append(
                "\(name): the column «\(field.column)» \(column.isRequired ? "may not be null, the field may" : "may be null, the field may not")"
            )
        }
    }

    private mutating func compareKey(of entity: Entity, with table: CatalogTable) {
        let key = table.columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map { $0.name.lowercased() }
        if key != entity.keyFields.map({ $0.column.lowercased() }) {
            conflicts.append(
                "\(entity.name): the primary key of «\(entity.table)» is (\(key.joined(separator: ", "))), not that of the schema")
        }
        let known = Set(entity.fields.map { $0.column.lowercased() })
        for column in table.columns where !known.contains(column.name.lowercased()) && column.isRequired && !column.hasDefault {
            conflicts.append(
                "\(entity.name): the column «\(column.name)» may not be null and is not in the schema, so that no record could be made")
        }
    }

    private func create(_ index: (name: String, statement: String)) -> Change {
        Change(summary: "create index «\(index.name)»", statement: index.statement)
    }
}
