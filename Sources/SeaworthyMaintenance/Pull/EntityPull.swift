import SeaworthySchema

/// Makes the fields of an entity from the columns of a table.
struct EntityPull {
    let types: any ColumnTypes
    let stored: StoredForms
    /// Whether a column holds the values of a field.
    let holds: @Sendable (CatalogColumn, Field) -> Bool

    func draft(of table: CatalogTable, _ contents: [String: CatalogContent]) -> EntityDraft {
        var draft = EntityDraft(table)
        var left: [String] = []
        var taken: Set<String> = []
        var columns: [String: String] = [:]
        for column in table.columns {
            var outcome = outcome(column, table, contents[column.name])
            if let other = columns[column.name.lowercased()] {
                outcome = .left("its name differs from that of «\(other)» only in case")
            } else if NameRules.stored(column.name, isTable: false) != nil {
                outcome = .left("its name is too long")
            }
            guard case .field(var field, let notes, let remarks) = outcome else {
                guard case .left(let reason) = outcome else { continue }
                left.append("left out: column \(column.name): \(reason)")
                draft.report.append("\(draft.title).\(column.name): left out: \(reason)")
                continue
            }
            columns[column.name.lowercased()] = column.name
            field.name = PulledNames.field(of: column.name, besides: taken)
            taken.insert(field.name.lowercased())
            field.description = column.comment.map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 }
            draft.add(field)
            let index = draft.entity.fields.count - 1
            if !left.isEmpty { draft.comments.beforeFields[field.name] = left }
            left = []
            for note in notes { draft.note(note, at: index) }
            for remark in remarks { draft.remark(remark, at: index) }
            if !draft.entity.isReadOnly { complete(index, column, &draft) }
        }
        draft.comments.afterFields = left
        return draft
    }

    private func outcome(_ column: CatalogColumn, _ table: CatalogTable, _ content: CatalogContent?) -> ColumnOutcome {
        let outcome = types.field(for: column, in: table, content: content)
        let title = (table.name.schema.map { $0 + "." } ?? "") + table.name.table
        guard let type = stored.type(table: title, column: column.name) else { return outcome }
        var field = Field(of: column, type)
        guard holds(column, field) else { return outcome }
        if case .field(let own, _, _) = outcome, own.type.isText, type.isText, type.name != "enum" { field.maxLength = own.maxLength }
        return .field(field)
    }

    /// What the table says of the values of a column.
    private func complete(_ index: Int, _ column: CatalogColumn, _ draft: inout EntityDraft) {
        let isSoleKey = draft.table.key == [column.name]
        let type = draft.entity.fields[index].type
        draft.entity.fields[index].isRequired = column.isRequired || column.keyPosition > 0
        switch column.source {
        case .sequence where isSoleKey, .sequenceOnly where isSoleKey, .rowNumber:
            guard type == .integer || type == .bigint else { break }
            draft.entity.fields[index].isGenerated = true
            if column.source == .rowNumber {
                draft.remark("without AUTOINCREMENT: the last key is given again when its record is gone", at: index)
            }
            return
        case .expression: return make("computed by the database", index, &draft)
        case .sequence, .sequenceOnly:
            guard column.keyPosition == 0 else { break }
            return make("numbered by the database", index, &draft)
        case nil: break
        }
        if isSoleKey, type == .uuid, DefaultReading.makesUUID(column.defaultExpression) {
            draft.entity.fields[index].isGenerated = true
            return
        }
        switch DefaultReading.read(column.defaultExpression, of: draft.entity.fields[index]) {
        case .none: break
        case .value(let value): draft.entity.fields[index].defaultValue = value
        case .kept:
            let expression = (column.defaultExpression ?? "").oneLine
            let effect = column.isRequired ? "here a value has to be given" : "the database gives it"
            draft.note("default \(expression): \(effect)", at: index)
        }
    }

    /// A field that nobody sets.
    private func make(_ remark: String, _ index: Int, _ draft: inout EntityDraft) {
        draft.entity.fields[index].isReadOnly = true
        draft.entity.fields[index].isRequired = false
        draft.remark(remark, at: index)
    }
}

extension EntityDraft {
    /// Whether a record can be made: every column that must have a value has a field, or a default of the database.
    var missingColumn: String? {
        table.columns.first { $0.isRequired && !$0.hasDefault && field(ofColumn: $0.name) == nil }?.name
    }

    /// Makes it one that is only read.
    mutating func makeReadOnly(_ reason: String) {
        entity.isReadOnly = true
        noteAbove("read-only: \(reason)")
        for index in entity.fields.indices {
            entity.fields[index].isGenerated = false
            entity.fields[index].isReadOnly = false
            entity.fields[index].defaultValue = nil
        }
    }

    /// Takes the columns as the key; false when one of them has no field or a type that no key has.
    mutating func setKey(_ columns: [String]) -> Bool {
        guard !columns.isEmpty, let fields = fields(ofColumns: columns), fields.allSatisfy({ entity.fields[$0].type.canBeKey }) else {
            return false
        }
        entity.key = fields
        for field in fields { entity.fields[field].isRequired = true }
        // Only a sole key is made by the server.
        if fields.count > 1 || entity.isReadOnly { for field in fields { entity.fields[field].isGenerated = false } }
        return true
    }

    // MARK: Indexes

    /// Takes the indexes over that the language has; the others are noted.
    mutating func readIndexes() {
        guard !entity.isReadOnly else { return }
        var unique: [[Int]] = []
        var others: [[Int]] = []
        for index in table.allIndexes {
            guard let columns = index.plainColumns, let fields = fields(ofColumns: columns),
                fields.allSatisfy({ entity.fields[$0].type.isOrdered }), Set(fields).count == fields.count
            else {
                if !(index.isOfConstraint && index.plainColumns == table.key) {
                    note(
                        "\(index.isUnique ? "unique index" : "index") \(index.name) is kept by the database only: \(index.definition.oneLine)"
                    )
                }
                continue
            }
            guard fields != entity.key else { continue }
            if index.isUnique {
                if !unique.contains(fields) { unique.append(fields) }
            } else if !others.contains(fields) {
                others.append(fields)
            }
        }
        entity.unique = Self.sorted(unique)
        entity.indexes = Self.sorted(others.filter { !unique.contains($0) })
    }

    /// As a file has them: those at fields first, in the order of the fields.
    private static func sorted(_ lists: [[Int]]) -> [[Int]] {
        lists.filter { $0.count == 1 }.sorted { $0[0] < $1[0] } + lists.filter { $0.count > 1 }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
