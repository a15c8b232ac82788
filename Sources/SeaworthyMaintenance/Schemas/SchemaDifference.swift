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
            try await compare(entity, with: try await catalog.table(named: entity.table, in: entity.dbSchema))
        }
        changes = try await missingSchemas() + changes + references
    }

    private func missingSchemas() async throws -> [Change] {
        var missing: [Change] = []
        for name in Set(schema.entities.filter { !$0.isReadOnly }.compactMap(\.dbSchema)).sorted() {
            guard try await !catalog.hasSchema(name) else { continue }
            missing.append(Change(summary: "create schema «\(name)»", statement: "CREATE SCHEMA \(dialect.quoted(name))"))
        }
        return missing
    }

    private mutating func compare(_ entity: Entity, with table: CatalogTable?) async throws {
        let definition = TableDefinition(entity, in: schema, dialect: dialect)
        guard let table else {
            if let old = entity.renamedFrom.flatMap(forms.table), try await catalog.table(named: old, in: entity.dbSchema) != nil {
                conflicts.append("\(entity.name): the table «\(old)» is to be renamed to «\(entity.tableTitle)»")
                return
            }
            guard !entity.isReadOnly else {
                conflicts.append("\(entity.name): there is no view «\(entity.tableTitle)»; create it in the database")
                return
            }
            changes.append(Change(summary: "create table «\(entity.tableTitle)»", statement: definition.createTable))
            for index in definition.indexes { changes.append(create(index)) }
            for statement in definition.addReferences {
                references.append(Change(summary: "add a reference to «\(entity.tableTitle)»", statement: statement))
            }
            return
        }
        if table.isView, !entity.isReadOnly {
            conflicts.append("\(entity.name): «\(entity.tableTitle)» is a view; say readOnly: true")
            return
        }
        for (index, field) in entity.fields.enumerated() {
            compare(field, index, of: entity, with: table, definition)
        }
        guard !entity.isReadOnly else { return }
        compareKey(of: entity, with: table)
        for reference in entity.references where reference.fields.allSatisfy({ table.column(named: entity.fields[$0].column) != nil }) {
            guard let target = schema.entity(named: reference.target),
                !table.hasForeignKey(for: reference, of: entity, to: target, !dialect.hasSchemas)
            else {
                continue
            }
            conflicts.append("\(entity.name).\(reference.name): the table «\(entity.tableTitle)» has no such foreign key yet")
        }
        for index in table.allIndexes where index.isUnique && !index.isOfConstraint {
            guard !definition.indexes.contains(where: { $0.isUnique && index.serves($0) }) else { continue }
            leftovers.append(
                "\(entity.name): the unique index «\(index.name)» of «\(entity.tableTitle)» is not in the schema, stays, and refuses duplicates"
            )
        }
        for index in definition.indexes where !table.allIndexes.contains(where: { $0.serves(index) }) {
            changes.append(create(index))
        }
    }

    private mutating func compare(
        _ field: Field, _ index: Int, of entity: Entity, with table: CatalogTable, _ definition: TableDefinition
    ) {
        let name = "\(entity.name).\(field.name)"
        let isRequired = !entity.isNullable(index)
        guard let column = table.column(named: field.column) else {
            if let old = field.renamedFrom.flatMap({ forms.column(table: entity.tableTitle, field: $0) }),
                let column = table.column(named: old)
            {
                rename(column, to: field, isRequired: isRequired, of: entity)
                return
            }
            if isRequired || entity.isReadOnly || entity.references.contains(where: { $0.fields.contains(index) }) {
                conflicts.append(
                    "\(name): the table «\(entity.tableTitle)» has no column «\(field.column)», and this one cannot be added to rows that exist"
                )
            } else {
                changes.append(
                    Change(
                        summary: "add column «\(field.column)» to «\(entity.tableTitle)»",
                        statement: "ALTER TABLE \(dialect.table(entity)) ADD COLUMN \(definition.column(index))"))
            }
            return
        }
        // A view's columns have the types of its expressions, often none.
        guard !entity.isReadOnly else { return }
        let expected = catalog.type(of: field)
        let isSame = catalog.holds(column, field)
        if !isSame {
            conflicts.append(
                "\(name): the column «\(field.column)» stores \(column.type), the type \(field.type.name) needs \(expected)")
        }
        let form = StoredForms.form(of: field)
        if isSame, let stored = forms.form(table: entity.tableTitle, column: field.column), stored != form {
            conflicts.append("\(name): the column «\(field.column)» holds values as \(stored), the field would read them as \(form)")
        }
        // The key's own column of a rowid table need not say NOT NULL to be it; and nobody gives a value to what the database makes.
        let isMade = field.isReadOnly && column.source != nil
        if isRequired != column.isRequired, column.keyPosition == 0, !isMade {
            conflicts.append(
                "\(name): the column «\(field.column)» \(column.isRequired ? "may not be null, the field may" : "may be null, the field may not")"
            )
        }
    }

    /// A field of another name whose values stay as they are keeps them.
    private mutating func rename(_ column: CatalogColumn, to field: Field, isRequired: Bool, of entity: Entity) {
        guard catalog.holds(column, field), isRequired == column.isRequired,
            forms.form(table: entity.tableTitle, column: column.name) == StoredForms.form(of: field)
        else {
            conflicts.append("\(entity.name).\(field.name): the column «\(column.name)» is to be renamed and changed")
            return
        }
        let table = dialect.table(entity)
        changes.append(
            Change(
                summary: "rename column «\(column.name)» of «\(entity.tableTitle)» to «\(field.column)»",
                statement: "ALTER TABLE \(table) RENAME COLUMN \(dialect.quoted(column.name)) TO \(dialect.quoted(field.column))"))
    }

    private mutating func compareKey(of entity: Entity, with table: CatalogTable) {
        let key = table.key.map { $0.lowercased() }
        let own = entity.keyFields.map { $0.column.lowercased() }
        if key != own, !(key.isEmpty && table.isIdentified(by: own)) {
            conflicts.append(
                "\(entity.name): the primary key of «\(entity.tableTitle)» is (\(key.joined(separator: ", "))), not that of the schema")
        }
        let known = Set(entity.fields.map { $0.column.lowercased() })
        for column in table.columns where !known.contains(column.name.lowercased()) && column.isRequired && !column.hasDefault {
            conflicts.append(
                "\(entity.name): the column «\(column.name)» may not be null and is not in the schema, so that no record could be made")
        }
    }

    private func create(_ index: TableDefinition.Index) -> Change {
        Change(summary: "create index «\(index.name)»", statement: index.statement)
    }
}

extension CatalogTable {
    fileprivate func hasForeignKey(for reference: Reference, of entity: Entity, to target: Entity, _ foldsCase: Bool) -> Bool {
        let columns = reference.fields.map { entity.fields[$0].column.lowercased() }
        let key = target.keyFields.map(\.column)
        return foreignKeys.contains {
            $0.target.isTableName(target.table, foldsCase)
                && ($0.targetSchema == target.dbSchema || $0.targetSchema == nil && target.dbSchema == "public")
                && $0.columns(for: key)?.map { $0.lowercased() } == columns
        }
    }

    /// Whether the columns, all required, stand only once by a unique index: the table needs no primary key then.
    func isIdentified(by columns: [String]) -> Bool {
        columns.allSatisfy { column(named: $0)?.isRequired ?? false }
            && allIndexes.contains { index in
                index.isUnique
                    && index.plainColumns.map { Set($0.map { $0.lowercased() }) == Set(columns.map { $0.lowercased() }) } ?? false
            }
    }
}

extension CatalogIndex {
    /// Whether it is the one that a table needs, whatever its name.
    fileprivate func serves(_ index: TableDefinition.Index) -> Bool {
        if name.lowercased() == index.name.lowercased() { return true }
        guard !index.isOfLive, isUnique || !index.isUnique, let columns = plainColumns else { return false }
        return columns.map { $0.lowercased() } == index.columns.map { $0.lowercased() }
    }
}
