import SeaworthySchema

/// How a row of a file becomes a record: what may be set in it, and what the server adds.
struct ImportInput: Sendable {
    let entity: Entity
    /// What the caller may do; nil for the operator, whom no rule of access holds.
    let access: EntityAccess?
    /// The relations that the caller may know of, by their index.
    let relations: Set<Int>
    /// Who is said to have made the records that do not say it themselves.
    let actor: Value
    /// The time of the import, in microseconds since the epoch.
    let now: Int64

    /// For one record. A key that the server makes may be given.
    var record: RecordInput {
        RecordInput(entity, access: access, writing: .create, mayGiveKey: true, relations: relations)
    }

    /// The fields that may be set at all.
    func isVisible(_ field: Int) -> Bool { access?.isVisible[field] ?? true }

    /// Why no row may set the field; nil when some may.
    func sealed(_ field: Int) -> String? {
        guard let access else { return nil }
        if entity.fields[field].isReadOnly { return "is read-only" }
        return access.maySet(field, by: .create) ? nil : "is read-only for you"
    }

    /// Adds a complete record to a batch, or what is wrong with it.
    func add(_ record: [Value], _ problems: [RecordProblem], given: Set<Int>, line: Int, to batch: inout ImportBatch) {
        guard problems.isEmpty else {
            batch.bad.append(BadRow(line: line, problems: problems))
            return
        }
        var record = record
        for field in [Field.Managed.createdBy, .updatedBy].compactMap(entity.index(of:)) where record[field].isNull {
            record[field] = actor
        }
        batch.values += record
        batch.lines.append(line)
        batch.given.append(given)
    }
}
