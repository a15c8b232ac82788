package import NIOCore
import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

/// A record that was made, and the path of its key.
package struct CreatedRecord: Sendable {
    package var body: ByteBuffer
    /// The key below the collection's path, percent-encoded.
    package var keyPath: String
}

extension RecordCollection {
    /// Makes a record of a JSON object.
    ///
    /// - Parameter now: the time of the request, in microseconds since the epoch.
    package func create(_ json: JSONValue, now: Int64) async throws -> CreatedRecord {
        try require(access.create, to: "create")
        guard case .object(let object) = json else { throw notAnObject(json) }
        var input = RecordInput(entity, isVisible: access.isVisible, inverses: inverses)
        let record = input.newRecord(from: object, now: now)
        guard input.problems.isEmpty else { throw invalid(input.problems) }
        try require(access.create, on: record, to: "create")
        // What stays null need not be named, and a key that the database makes must not be.
        let fields = entity.fields.indices.filter { !record[$0].isNull }
        let rules = [access.create, access.read].rules
        let text = insertText(fields, rules: rules)
        let parameters = fields.map { record[$0] } + insertParameters
        let stored = try await database.transaction(.write) { [self] transaction in
            let row: [Value]?
            do {
                row = try await transaction.query(Statement(text, parameters), into: FirstRow())
            } catch let error as StorageError {
                throw try await explained(error, record: record, in: transaction)
            }
            guard let row else { throw StorageError(.failed, message: "INSERT … RETURNING gave no row for \(entity.table)") }
            guard row[entity.fields.count].holds else { throw forbidden(to: "create") }
            // What a JSON reader could not tell from its neighbour is no key to give out.
            for part in entity.key where entity.fields[part].type == .integer {
                if case .integer(let number) = row[part], number > FieldType.largestInteger {
                    throw RecordError(.keysExhausted, "There is no key left for another \(entity.name).")
                }
            }
            return row
        }
        return CreatedRecord(body: answer(stored, isReadable: stored[entity.fields.count + 1].holds), keyPath: path(of: stored))
    }

    private func insertText(_ fields: [Int], rules: [Filter]) -> SQLText {
        cache.text(entity: entity.name, PlanShape.insert(fields)) { statements.insert(fields: fields, rules: rules) }
    }

    func notAnObject(_ json: JSONValue) -> RecordError {
        invalid([RecordProblem(pointer: "", code: RecordProblem.Code.wrongType, detail: "is \(json.kind); expected an object")])
    }

    func invalid(_ problems: [RecordProblem]) -> RecordError {
        RecordError(
            .invalidRecord, "The \(entity.name) breaks \(problems.count == 1 ? "a rule" : "\(problems.count) rules").", problems: problems)
    }

    /// What the database refused, in terms of the record's fields. Errors that are not about the record are thrown on as they are.
    func explained(
        _ error: StorageError, record: [Value], in transaction: any DatabaseTransaction
    ) async throws -> any Error {
        switch error.code {
        case .uniqueViolation:
            // A field that the caller does not see is not named to them.
            let fields = error.columns.compactMap(entity.fieldIndex(ofColumn:)).filter(isVisible).map { entity.fields[$0].name }
            let problems = fields.map { RecordProblem(pointer: "/" + $0, code: RecordProblem.Code.unique, detail: "is taken already") }
            guard !fields.isEmpty else {
                let problem = RecordProblem(pointer: "", code: RecordProblem.Code.unique, detail: "is taken already")
                return RecordError(.uniqueConflict, "Another \(entity.name) is the same in what may stand only once.", problems: [problem])
            }
            return RecordError(
                .uniqueConflict, "Another \(entity.name) has the same \(fields.joined(separator: " and ")).", problems: problems)
        case .foreignKeyViolation:
            let problems = try await missingReferences(of: record, in: transaction)
            guard !problems.isEmpty else { return error }
            return RecordError(.referenceNotFound, "The \(entity.name) refers to what is not there.", problems: problems)
        default: return error
        }
    }

    /// The references of a record that point at nothing, a problem for each of their fields.
    func missingReferences(of record: [Value], in transaction: any DatabaseTransaction) async throws -> [RecordProblem] {
        var problems: [RecordProblem] = []
        for reference in entity.references {
            let key = reference.fields.map { record[$0] }
            guard !key.contains(where: \.isNull), let target = links.target(reference.target) else { continue }
            guard try await transaction.query(Statement(target.exists, key), into: FirstRow()) == nil else { continue }
            // A field that the caller does not see is not named to them; that something is missing has to be said all the same.
            let pointers = reference.fields.filter(isVisible).map { "/" + entity.fields[$0].name }
            problems += (pointers.isEmpty ? [""] : pointers).map {
                RecordProblem(
                    pointer: $0, code: RecordProblem.Code.reference, detail: "there is no \(target.entity.name) with this key")
            }
        }
        return problems
    }
}

extension Entity {
    /// The field of a column as the database names it, which for a table made elsewhere may be in another case.
    func fieldIndex(ofColumn column: String) -> Int? {
        fields.firstIndex { $0.column.hasSameBytes(as: column) }
            ?? fields.firstIndex { $0.column.lowercased().hasSameBytes(as: column.lowercased()) }
    }
}
