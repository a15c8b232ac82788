package import SeaworthySQL
package import SeaworthySchema

/// The statements on single records of one entity, made once.
///
/// Parameters: the key's parts come where the name says; the rules' values have been appended by ``ruleParameters(_:)``.
package struct RecordStatements: Sendable {
    private let entity: Entity
    private let dialect: any Dialect

    package init(_ entity: Entity, dialect: any Dialect) {
        self.entity = entity
        self.dialect = dialect
    }

    /// `SELECT fields WHERE key AND rule`. Parameters: key, then the rule's.
    package func read(fields: [Int], rule: Filter?) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("SELECT \(list(fields, writer)) FROM \(writer.table) WHERE ")
        writeKey(&writer)
        if let rule {
            writer.write(" AND ")
            writer.write(rule)
        }
        return SQLText(writer.text)
    }

    /// Every field and whether each rule holds (1, 0 or null), by key. Parameters: the rules' in order, then the key.
    package func readForChange(rules: [Filter]) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("SELECT \(list(Array(entity.fields.indices), writer))")
        writeRules(rules, &writer)
        writer.write(" FROM \(writer.table) WHERE ")
        writeKey(&writer)
        return SQLText(writer.text)
    }

    /// Inserts the fields and returns every field and whether each rule holds. Parameters: the fields', then the rules'.
    package func insert(fields: [Int], rules: [Filter]) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writeInsert(fields, &writer)
        writer.write(" RETURNING \(list(Array(entity.fields.indices), writer))")
        writeRules(rules, &writer)
        return SQLText(writer.text)
    }

    /// Inserts the fields and returns nothing: for import. Parameters: the fields'.
    package func insertOnly(fields: [Int]) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writeInsert(fields, &writer)
        return SQLText(writer.text)
    }

    /// Sets the fields of one record and returns every field and whether each rule holds. Parameters: the fields', the key, the rules'.
    package func update(fields: [Int], rules: [Filter]) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("UPDATE \(writer.table) SET ")
        for (index, field) in fields.enumerated() {
            writer.write("\(index > 0 ? ", " : "")\(writer.column(field)) = \(writer.parameter())")
        }
        writer.write(" WHERE ")
        writeKey(&writer)
        writer.write(" RETURNING \(list(Array(entity.fields.indices), writer))")
        writeRules(rules, &writer)
        return SQLText(writer.text)
    }

    /// Deletes one record. Parameters: the key.
    package func delete() -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("DELETE FROM \(writer.table) WHERE ")
        writeKey(&writer)
        return SQLText(writer.text)
    }

    /// Whether there is a record with this key: one row or none. Parameters: the key.
    package func exists() -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("SELECT 1 FROM \(writer.table) WHERE ")
        writeKey(&writer)
        return SQLText(writer.text)
    }

    /// The keys of the records whose reference points at a key. Parameters: the target's key, then the most rows to give.
    package func referrers(by reference: Reference) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("SELECT \(list(entity.key, writer)) FROM \(writer.table) WHERE ")
        writeEqual(reference.fields, &writer)
        writer.write(" LIMIT \(writer.parameter())")
        return SQLText(writer.text)
    }

    /// Every field of the records whose reference points at a key. Parameters: the target's key.
    package func referringRecords(by reference: Reference) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("SELECT \(list(Array(entity.fields.indices), writer)) FROM \(writer.table) WHERE ")
        writeEqual(reference.fields, &writer)
        return SQLText(writer.text)
    }

    /// How many records' reference points at a key. Parameters: the target's key.
    package func referrerCount(by reference: Reference) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("SELECT count(*) FROM \(writer.table) WHERE ")
        writeEqual(reference.fields, &writer)
        return SQLText(writer.text)
    }

    /// Takes the reference away from every record that points at a key. Parameters: the target's key.
    package func clearReferences(by reference: Reference) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        // Of a composite reference only what may be null is taken away: a null in any part means that it points at nothing.
        let nullable = reference.fields.filter { !entity.fields[$0].isRequired && !entity.key.contains($0) }
        let assignments = nullable.map { "\(writer.column($0)) = NULL" }.joined(separator: ", ")
        writer.write("UPDATE \(writer.table) SET \(assignments) WHERE ")
        writeEqual(reference.fields, &writer)
        return SQLText(writer.text)
    }

    /// The keys of the records whose reference points at nothing, each followed by the reference's values. Parameter: the most rows to give.
    package func broken(_ reference: Reference, target: Entity) -> SQLText {
        var writer = SQLWriter(entity, dialect: dialect)
        let targetTable = dialect.quoted(target.table)
        let present = reference.fields.map { "\(writer.column($0)) IS NOT NULL" }
        let joined = zip(reference.fields, target.keyFields).map { field, key in
            "target.\(dialect.quoted(key.column)) = source.\(writer.column(field))"
        }
        writer.write("SELECT \(list(entity.key + reference.fields, writer)) FROM \(writer.table) AS source")
        writer.write(" WHERE \(present.joined(separator: " AND ")) AND NOT EXISTS (SELECT 1 FROM \(targetTable) AS target")
        writer.write(" WHERE \(joined.joined(separator: " AND "))) LIMIT \(writer.parameter())")
        return SQLText(writer.text)
    }

    /// The values that a rule's parameters have.
    package static func ruleParameters(_ rules: [Filter]) -> [Value] {
        var shape = PlanShape()
        for rule in rules { shape.add(rule) }
        return shape.parameters
    }

    private func list(_ fields: [Int], _ writer: SQLWriter) -> String {
        fields.isEmpty ? "1" : fields.map(writer.column).joined(separator: ", ")
    }

    private func writeInsert(_ fields: [Int], _ writer: inout SQLWriter) {
        guard !fields.isEmpty else { return writer.write("INSERT INTO \(writer.table) DEFAULT VALUES") }
        let marks = fields.map { _ in writer.parameter() }.joined(separator: ", ")
        writer.write("INSERT INTO \(writer.table) (\(list(fields, writer))) VALUES (\(marks))")
    }

    private func writeKey(_ writer: inout SQLWriter) {
        writeEqual(entity.key, &writer)
    }

    private func writeEqual(_ fields: [Int], _ writer: inout SQLWriter) {
        for (index, field) in fields.enumerated() {
            writer.write("\(index > 0 ? " AND " : "")\(writer.column(field)) = \(writer.parameter())")
        }
    }

    private func writeRules(_ rules: [Filter], _ writer: inout SQLWriter) {
        for rule in rules {
            writer.write(", (")
            writer.write(rule)
            writer.write(")")
        }
    }
}
