package import SeaworthySQL
package import SeaworthySchema

/// The statements on single records of one entity, made once.
///
/// Parameters: the key's parts come where the name says; the rules' values are those of the statement's shape (``insertShape(_:rules:)``).
package struct RecordStatements: Sendable {
    private let entity: Entity
    private let position: Int
    private let entities: [Entity]
    private let dialect: any Dialect

    /// - Parameter position: the entity's among all.
    package init(_ position: Int, in entities: [Entity], dialect: any Dialect) {
        self.position = position
        self.entities = entities
        entity = entities[position]
        self.dialect = dialect
    }

    /// For an entity that stands alone.
    package init(_ entity: Entity, dialect: any Dialect) {
        self.init(0, in: [entity], dialect: dialect)
    }

    private func makeWriter() -> SQLWriter { SQLWriter(entities, dialect: dialect) }

    private var table: String { dialect.table(entity) }

    private func column(_ field: Int) -> String { dialect.quoted(entity.fields[field].column) }

    /// The column's value, as the field's type has it.
    private func value(_ field: Int, of table: String? = nil) -> String {
        let column = (table.map { $0 + "." } ?? "") + column(field)
        return entity.fields[field].form?.read.around(column) ?? column
    }

    private var scope: QueryScope { QueryScope(position, entities) }

    /// What moves the sequence of the key past one that is given; nil where there is none, or the database sees to it.
    package var keySequence: KeySequence? {
        entity.generatedKey.flatMap { dialect.keySequence(table: table, column: entity.fields[$0].column) }
    }

    // MARK: Shapes

    /// The shape of ``insert(fields:rules:)``, with the rules' parameters.
    package func insertShape(_ fields: [Int], rules: [Filter]) -> PlanShape { .insert(fields, asking: rules, scope) }

    /// The shape of ``update(fields:rules:)``, with the rules' parameters.
    package func updateShape(_ fields: [Int], rules: [Filter]) -> PlanShape { .update(fields, asking: rules, scope) }

    /// The shape of ``readForChange(rules:)``, with the rules' parameters.
    package func changeShape(rules: [Filter]) -> PlanShape { .change(asking: rules, scope) }

    /// The shape of ``evaluate(rules:)``, with the rules' parameters.
    package func evaluationShape(rules: [Filter]) -> PlanShape { .evaluate(rules, scope) }

    // MARK: Statements

    /// Every field and whether each rule holds (1, 0 or null), by key. Parameters: the rules' in order, then the key.
    package func readForChange(rules: [Filter]) -> SQLText {
        var writer = makeWriter()
        writer.write("SELECT \(list(Array(entity.fields.indices)))")
        writeRules(rules, &writer)
        writer.write(" FROM \(table) WHERE ")
        writeKey(&writer)
        return SQLText(writer.text)
    }

    /// Inserts the fields and returns every field and whether each rule holds. Parameters: the fields', then the rules'.
    package func insert(fields: [Int], rules: [Filter]) -> SQLText {
        var writer = makeWriter()
        writeInsert(fields, &writer)
        writer.write(" RETURNING \(list(Array(entity.fields.indices)))")
        writeRules(rules, &writer)
        return SQLText(writer.text)
    }

    /// Inserts the fields and returns nothing: for import. Parameters: the fields'.
    package func insertOnly(fields: [Int]) -> SQLText {
        var writer = makeWriter()
        writeInsert(fields, &writer)
        return SQLText(writer.text)
    }

    /// Sets the fields of one record and returns every field and whether each rule holds. Parameters: the fields', the key, the rules'.
    package func update(fields: [Int], rules: [Filter]) -> SQLText {
        var writer = makeWriter()
        writer.write("UPDATE \(table) SET ")
        for (index, field) in fields.enumerated() {
            writer.write("\(index > 0 ? ", " : "")\(column(field)) = \(writer.parameter(for: entity.fields[field]))")
        }
        writer.write(" WHERE ")
        writeKey(&writer)
        writer.write(" RETURNING \(list(Array(entity.fields.indices)))")
        writeRules(rules, &writer)
        return SQLText(writer.text)
    }

    /// Deletes one record. Parameters: the key.
    package func delete() -> SQLText {
        var writer = makeWriter()
        writer.write("DELETE FROM \(table) WHERE ")
        writeKey(&writer)
        return SQLText(writer.text)
    }

    /// Whether there is a record with this key that is not deleted: one row or none. Parameters: the key.
    package func existsLive() -> SQLText {
        var writer = makeWriter()
        writer.write("SELECT 1 FROM \(table) WHERE ")
        writeKey(&writer)
        writer.write(live)
        return SQLText(writer.text)
    }

    /// Which of some keys are those of deleted records: their places among them; nil where no deleted record stays.
    ///
    /// Parameter: the keys as a JSON array, of arrays where a key has several parts.
    package func deletedKeys() -> SQLText? {
        guard let deletedAt = entity.index(of: .deletedAt) else { return nil }
        var writer = makeWriter()
        let parameter = writer.parameter(.json)
        let (keys, target) = (writer.alias(), writer.alias())
        let isComposite = entity.key.count > 1
        let conditions = entity.key.enumerated().map { part, field in
            "\(value(field, of: target)) = \(dialect.jsonElement(of: keys, part: isComposite ? part : nil, entity.fields[field].type))"
        }
        writer.write("SELECT \(dialect.jsonPosition(of: keys)) FROM \(dialect.jsonTable(parameter, as: keys))")
        writer.write(" CROSS JOIN \(table) AS \(target) WHERE \(conditions.joined(separator: " AND "))")
        writer.write(" AND \(target).\(column(deletedAt)) IS NOT NULL")
        return SQLText(writer.text)
    }

    /// The condition that a record is not deleted, behind others; empty where none stays.
    private var live: String {
        entity.index(of: .deletedAt).map { " AND \(column($0)) IS NULL" } ?? ""
    }

    /// The keys of the records whose reference points at a key. Parameters: the target's key, then the most rows to give.
    ///
    /// - Parameter isLive: only those that are not deleted.
    package func referrers(by reference: Reference, isLive: Bool) -> SQLText {
        selectReferring(list(entity.key), by: reference, isLive: isLive, isLimited: true)
    }

    /// Every field of the records whose reference points at a key. Parameters: the target's key.
    package func referringRecords(by reference: Reference, isLive: Bool) -> SQLText {
        selectReferring(list(Array(entity.fields.indices)), by: reference, isLive: isLive)
    }

    /// How many records' reference points at a key. Parameters: the target's key.
    package func referrerCount(by reference: Reference, isLive: Bool) -> SQLText {
        selectReferring("count(*)", by: reference, isLive: isLive)
    }

    private func selectReferring(_ columns: String, by reference: Reference, isLive: Bool, isLimited: Bool = false) -> SQLText {
        var writer = makeWriter()
        writer.write("SELECT \(columns) FROM \(table) WHERE ")
        writeEqual(reference.fields, &writer)
        if isLive { writer.write(live) }
        if isLimited { writer.write(" LIMIT \(writer.parameter(.integer))") }
        return SQLText(writer.text)
    }

    /// Takes the reference away from every record that points at a key. Parameters: the values of ``changeMarks``, then the target's key.
    package func clearReferences(by reference: Reference, isLive: Bool) -> SQLText {
        var writer = makeWriter()
        // Of a composite reference only what may be null is taken away: a null in any part means that it points at nothing.
        let nullable = reference.fields.filter(entity.isNullable)
        var assignments = nullable.map { "\(column($0)) = NULL" }
        for field in entity.changeMarks { assignments.append("\(column(field)) = \(writer.parameter(for: entity.fields[field]))") }
        writer.write("UPDATE \(table) SET \(assignments.joined(separator: ", ")) WHERE ")
        writeEqual(reference.fields, &writer)
        if isLive { writer.write(live) }
        return SQLText(writer.text)
    }

    /// The keys of the records whose reference points at nothing, each followed by the reference's values. Parameter: the most rows to give.
    package func broken(_ reference: Reference, target: Entity) -> SQLText {
        var writer = makeWriter()
        let targetTable = dialect.table(target)
        let present = reference.fields.map { "\(column($0)) IS NOT NULL" }
        let joined = zip(reference.fields, target.keyFields).map { field, key in
            "target.\(dialect.quoted(key.column)) = source.\(column(field))"
        }
        writer.write("SELECT \(list(entity.key + reference.fields)) FROM \(table) AS source")
        writer.write(" WHERE \(present.joined(separator: " AND ")) AND NOT EXISTS (SELECT 1 FROM \(targetTable) AS target")
        writer.write(" WHERE \(joined.joined(separator: " AND "))) LIMIT \(writer.parameter(.integer))")
        return SQLText(writer.text)
    }

    /// Whether each rule holds of a record that is not there. Parameters: the record's fields, then the rules'.
    package func evaluate(rules: [Filter]) -> SQLText {
        var writer = makeWriter()
        let record = writer.alias()
        let values = entity.fields.indices.map { "\(writer.parameter(for: entity.fields[$0])) AS \(column($0))" }.joined(separator: ", ")
        let frame = SQLWriter.Frame(scope: scope, names: [record])
        var conditions: [String] = []
        for rule in rules { conditions.append("(\(writer.condition(rule, frame)))") }
        return SQLText("SELECT \(conditions.joined(separator: ", ")) FROM (SELECT \(values)) AS \(record)")
    }

    private func list(_ fields: [Int]) -> String {
        fields.isEmpty ? "1" : fields.map { value($0) }.joined(separator: ", ")
    }

    private func writeInsert(_ fields: [Int], _ writer: inout SQLWriter) {
        guard !fields.isEmpty else { return writer.write("INSERT INTO \(table) DEFAULT VALUES") }
        let marks = fields.map { writer.parameter(for: entity.fields[$0]) }.joined(separator: ", ")
        let overriding = fields.contains { $0 == entity.generatedKey } ? dialect.overridingGenerated : ""
        writer.write("INSERT INTO \(table) (\(fields.map(column).joined(separator: ", ")))\(overriding) VALUES (\(marks))")
    }

    private func writeKey(_ writer: inout SQLWriter) {
        writeEqual(entity.key, &writer)
    }

    private func writeEqual(_ fields: [Int], _ writer: inout SQLWriter) {
        for (index, field) in fields.enumerated() {
            let (name, form) = (column(field), entity.fields[field].form)
            let isItself = form?.isItself(.equality) ?? true
            let mark = isItself ? writer.parameter(for: entity.fields[field]) : writer.parameter(entity.fields[field].type)
            writer.write("\(index > 0 ? " AND " : "")\(isItself ? name : value(field)) = \(mark)")
        }
    }

    private func writeRules(_ rules: [Filter], _ writer: inout SQLWriter) {
        let frame = writer.plainFrame(position)
        for rule in rules { writer.write(", (\(writer.condition(rule, frame)))") }
    }
}

extension Entity {
    /// The sole key field, where the database makes it.
    package var generatedKey: Int? {
        guard key.count == 1, fields[key[0]].isGenerated, fields[key[0]].type != .uuid else { return nil }
        return key[0]
    }

    /// The fields that tell when and by whom a record was last changed; none without `timestamps`.
    package var changeMarks: [Int] {
        [Field.Managed.updatedAt, .updatedBy].compactMap(index(of:))
    }
}
