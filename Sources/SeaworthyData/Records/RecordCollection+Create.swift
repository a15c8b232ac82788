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

/// What a write is part of: who asks, when, and in which transaction.
struct WriteContext: Sendable {
    let access: CallerAccess
    /// The time of the request, in microseconds since the epoch.
    let now: Int64
    let transaction: any DatabaseTransaction
}

extension RecordCollection {
    /// Makes a record of a JSON object.
    ///
    /// - Parameter now: the time of the request, in microseconds since the epoch.
    package func create(_ json: JSONValue, as caller: Caller = .anonymous, now: Int64) async throws -> CreatedRecord {
        let access = access(of: caller)
        try require(.create, to: "create", access)
        return try await database.transaction(.write) { [self] transaction in
            let context = WriteContext(access: access, now: now, transaction: transaction)
            let record = try await create(json, context)
            return CreatedRecord(body: answer(record, access), keyPath: path(of: record.values))
        }
    }

    /// Makes a record within a transaction.
    func create(_ json: JSONValue, _ context: WriteContext) async throws -> JudgedRecord {
        let access = context.access.entities[position]
        guard case .object(let object) = json else { throw notAnObject(json) }
        var input = RecordInput(entity, access: access, writing: .create, inverses: links.inverses(of: entity.name))
        let record = input.newRecord(from: object, now: context.now)
        guard input.problems.isEmpty else { throw invalid(input.problems) }
        // What stays null need not be named, and a key that the database makes must not be.
        let fields = entity.fields.indices.filter { !record[$0].isNull }
        let hasKey = !entity.key.contains { record[$0].isNull }
        // A rule on a key that the database is yet to make is left to the written record; otherwise what the database would say of a
        // record that may not be made is not told.
        if hasKey || !access.grants.contains(where: { dependsOnKey(access.rule($0, .create)) }) {
            let judged = try await judged(record, [.create], context)
            try admit(judged, .create, "create", input.given, context)
        }
        let rules = access.foreignRules(of: [.create])
        let shape = statements.insertShape(fields, rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.insert(fields: fields, rules: rules) }
        let row: [Value]?
        do {
            row = try await context.transaction.query(Statement(text, fields.map { record[$0] } + shape.parameters), into: FirstRow())
        } catch let error as StorageError {
            throw try await explained(error, record: record, context)
        }
        guard let row else { throw StorageError(.failed, message: "INSERT … RETURNING gave no row for \(entity.table)") }
        let stored = JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
        try admit(stored, .create, "create", input.given, context)
        // What a JSON reader could not tell from its neighbour is no key to give out.
        for part in entity.key where entity.fields[part].type == .integer {
            if case .integer(let number) = row[part], number > FieldType.largestInteger {
                throw RecordError(.keysExhausted, "There is no key left for another \(entity.name).")
            }
        }
        return stored
    }

    private func dependsOnKey(_ rule: Rule) -> Bool {
        guard let filter = rule.condition else { return false }
        return !filter.fields(of: entity).isDisjoint(with: entity.key.filter { entity.fields[$0].isGenerated })
    }

    /// The record with what other records say of the rules of the operations.
    func judged(_ record: [Value], _ writings: [EntityAccess.Writing], _ context: WriteContext) async throws -> JudgedRecord {
        let rules = context.access.entities[position].foreignRules(of: writings)
        guard !rules.isEmpty else { return JudgedRecord(record) }
        let shape = statements.evaluationShape(rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.evaluate(rules: rules) }
        let row = try await context.transaction.query(Statement(text, record + shape.parameters), into: FirstRow())
        return JudgedRecord(record + (row ?? []), fieldCount: entity.fields.count, rules: rules)
    }

    /// Throws unless some role admits the operation on the record and lets the given fields be set.
    func admit(
        _ record: JudgedRecord, _ writing: EntityAccess.Writing, _ action: String, _ given: Set<Int>, _ context: WriteContext,
        among earlier: Set<Int>? = nil
    ) throws {
        let access = context.access.entities[position]
        let admitted = access.admitting(writing, record).intersection(earlier ?? Set(access.grants.indices))
        guard !admitted.isEmpty else { throw refused(action, context.access) }
        let sealed = given.filter { !access.maySet($0, by: admitted) }.sorted()
        guard sealed.isEmpty else {
            throw invalid(
                sealed.map { field in
                    RecordProblem(
                        pointer: "/" + entity.fields[field].name, code: RecordProblem.Code.readOnly,
                        detail: "is read-only for you in this \(entity.name)")
                })
        }
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
        _ error: StorageError, record: [Value], _ context: WriteContext
    ) async throws -> any Error {
        let access = context.access.entities[position]
        switch error.code {
        case .uniqueViolation:
            // A field that the caller does not see is not named to them.
            let fields = error.columns.compactMap(entity.fieldIndex(ofColumn:)).filter { access.isVisible[$0] }.map {
                entity.fields[$0].name
            }
            let problems = fields.map { RecordProblem(pointer: "/" + $0, code: RecordProblem.Code.unique, detail: "is taken already") }
            guard !fields.isEmpty else {
                let problem = RecordProblem(pointer: "", code: RecordProblem.Code.unique, detail: "is taken already")
                return RecordError(.uniqueConflict, "Another \(entity.name) is the same in what may stand only once.", problems: [problem])
            }
            return RecordError(
                .uniqueConflict, "Another \(entity.name) has the same \(fields.joined(separator: " and ")).", problems: problems)
        case .foreignKeyViolation:
            let problems = try await missingReferences(of: record, context)
            guard !problems.isEmpty else { return error }
            return RecordError(.referenceNotFound, "The \(entity.name) refers to what is not there.", problems: problems)
        default: return error
        }
    }

    /// The references of a record that point at nothing, a problem for each of their fields.
    func missingReferences(of record: [Value], _ context: WriteContext) async throws -> [RecordProblem] {
        var problems: [RecordProblem] = []
        for reference in entity.references {
            let key = reference.fields.map { record[$0] }
            guard !key.contains(where: \.isNull), let target = links.target(reference.target) else { continue }
            guard try await context.transaction.query(Statement(target.exists, key), into: FirstRow()) == nil else { continue }
            // A field that the caller does not see is not named to them; that something is missing has to be said all the same.
            let access = context.access.entities[position]
            let pointers = reference.fields.filter { access.isVisible[$0] }.map { "/" + entity.fields[$0].name }
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
