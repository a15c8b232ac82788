import SeaworthySchema

/// An entity while it is made from a table, with what is to be said of it.
struct EntityDraft {
    let table: CatalogTable
    var entity: Entity
    var comments = SchemaComments.OfEntity()
    /// What was not taken over, a line each, for whoever runs the command.
    var report: [String] = []
    /// By the columns' names.
    private(set) var fieldIndexes: [String: Int] = [:]

    init(_ table: CatalogTable) {
        self.table = table
        entity = Entity(
            name: "", table: table.name.table, path: "", description: table.comment, key: [], fields: [],
            isReadOnly: table.kind != .table, dbSchema: table.name.schema)
    }

    /// The table's name for people.
    var title: String { entity.tableTitle }

    mutating func add(_ field: Field) {
        fieldIndexes[field.column] = entity.fields.count
        entity.fields.append(field)
    }

    func field(ofColumn name: String) -> Int? { fieldIndexes[name] }

    /// The fields of columns; nil when one of them was left out.
    func fields(ofColumns names: [String]) -> [Int]? {
        let fields = names.compactMap { fieldIndexes[$0] }
        return fields.count == names.count ? fields : nil
    }

    func column(of field: Int) -> CatalogColumn? {
        table.columns.first { $0.name == entity.fields[field].column }
    }

    // MARK: What is said

    /// At a field.
    mutating func note(_ text: String, at field: Int) {
        comments.fields[entity.fields[field].name, default: []].append(text)
        report.append("\(title).\(entity.fields[field].column): \(text)")
    }

    /// At a field, for whoever reads the file only: it is as it should be.
    mutating func remark(_ text: String, at field: Int) {
        comments.fields[entity.fields[field].name, default: []].append(text)
    }

    /// Of the entity, behind its fields.
    mutating func note(_ text: String) {
        comments.below.append(text)
        report.append("\(title): \(text)")
    }

    /// Of the entity, before it.
    mutating func noteAbove(_ text: String) {
        comments.above.append(text)
        report.append("\(title): \(text)")
    }
}
