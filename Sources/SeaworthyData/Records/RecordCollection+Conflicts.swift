import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// What the database refused, in terms of the record's fields. Errors that are not about the record are thrown on as they are.
    func explained(_ error: StorageError, record: [Value], _ context: WriteContext) async throws -> any Error {
        let access = context.access.entities[position]
        switch error.code {
        case .uniqueViolation:
            let columns = error.columns.compactMap(entity.fieldIndex(ofColumn:))
            if entity.hasSoftDelete, Set(columns) == Set(entity.key), let deletedAt = entity.index(of: .deletedAt),
                let other = try await stored(entity.key.map { record[$0] }, [], context), !other.values[deletedAt].isNull
            {
                return deletedRecordExists
            }
            // A field that the caller does not see is not named to them.
            let fields = columns.filter { access.isVisible[$0] }.map { entity.fields[$0].name }
            let problems = fields.map { RecordProblem(pointer: "/" + $0, code: RecordProblem.Code.unique, detail: "is taken already") }
            guard !fields.isEmpty else {
                let problem = RecordProblem(pointer: "", code: RecordProblem.Code.unique, detail: "is taken already")
                return RecordError(.uniqueConflict, "Another \(entity.name) is the same in what may stand only once.", problems: [problem])
            }
            return RecordError(
                .uniqueConflict, "Another \(entity.name) has the same \(fields.joined(separator: " and ")).", problems: problems)
        case .foreignKeyViolation:
            let problems = try await missingReferences(of: record, entity.references, context)
            guard !problems.isEmpty else { return error }
            return referenceNotFound(problems)
        // A rule of the database that the schema does not know, as a table made elsewhere has.
        case .checkViolation, .notNullViolation, .typeMismatch, .numericOverflow:
            let field = error.columns.compactMap(entity.fieldIndex(ofColumn:)).first { access.isVisible[$0] }
            return invalid([
                RecordProblem(
                    pointer: field.map { "/" + entity.fields[$0].name } ?? "", code: error.code.rawValue, detail: "the database refuses it")
            ])
        default: return error
        }
    }

    var deletedRecordExists: RecordError {
        RecordError(
            .deletedRecordExists, "A deleted \(entity.name) has this key.",
            problems: [
                RecordProblem(
                    pointer: "", code: RecordError.Code.deletedRecordExists.rawValue,
                    detail: "restore the deleted record, or purge it before its key is used again")
            ])
    }

    private func referenceNotFound(_ problems: [RecordProblem]) -> RecordError {
        RecordError(.referenceNotFound, "The \(entity.name) refers to what is not there.", problems: problems)
    }

    /// Throws when a reference points at a deleted record, which the database does not mind.
    ///
    /// - Parameter changed: the fields that a change sets; nil for a new record.
    func requireReferences(of record: [Value], among changed: [Int]?, _ context: WriteContext) async throws {
        let references = entity.references.filter { reference in
            guard links.target(reference.target)?.entity.hasSoftDelete ?? false else { return false }
            return changed.map { !Set($0).isDisjoint(with: reference.fields) } ?? true
        }
        guard !references.isEmpty else { return }
        let problems = try await missingReferences(of: record, references, context)
        if !problems.isEmpty { throw referenceNotFound(problems) }
    }

    /// The references of a record that point at nothing, a problem for each of their fields.
    private func missingReferences(
        of record: [Value], _ references: [Reference], _ context: WriteContext
    ) async throws -> [RecordProblem] {
        var problems: [RecordProblem] = []
        let access = context.access.entities[position]
        for reference in references {
            let key = reference.fields.map { record[$0] }
            guard !key.contains(where: \.isNull), let target = links.target(reference.target) else { continue }
            // A record may refer to itself, which is not there yet.
            if target.entity.name == entity.name, key == entity.key.map({ record[$0] }) { continue }
            guard try await context.transaction.query(Statement(target.existsLive, key), into: FirstRow()) == nil else { continue }
            problems += missing(reference, access)
        }
        return problems
    }

    /// The problems of a record whose reference points at nothing, one for each of its fields that the caller sees: a field that they do not
    /// see is not named to them, but that something is missing has to be said all the same.
    func missing(_ reference: Reference, _ access: EntityAccess) -> [RecordProblem] {
        let pointers = reference.fields.filter { access.isVisible[$0] }.map { "/" + entity.fields[$0].name }
        return (pointers.isEmpty ? [""] : pointers).map {
            RecordProblem(pointer: $0, code: RecordProblem.Code.reference, detail: "there is no \(reference.target) with this key")
        }
    }
}

extension Entity {
    /// The field of a column as the database names it, which for a table made elsewhere may be in another case.
    func fieldIndex(ofColumn column: String) -> Int? {
        fields.firstIndex { $0.column.hasSameBytes(as: column) }
            ?? fields.firstIndex { $0.column.lowercased().hasSameBytes(as: column.lowercased()) }
    }
}
