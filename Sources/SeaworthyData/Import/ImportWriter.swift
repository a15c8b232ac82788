import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Puts rows into the database: those that the caller may make, that refer to no deleted record, and that the database takes; each with its
/// history where the entity keeps one.
struct ImportWriter: Sendable {
    private let collection: RecordCollection
    private let context: WriteContext
    /// Whether each row needs statements of its own, because its history is kept or other records decide on it.
    private let isRowByRow: Bool
    /// For rows that give their key, or whose key the database does not make.
    private let withKey: InsertForm
    /// For rows whose key the database makes: it is left out of the statement.
    private let withoutKey: InsertForm?

    private struct InsertForm: Sendable {
        let fields: [Int]
        let sql: SQLText
    }

    private var entity: Entity { collection.entity }
    private var access: EntityAccess { context.access.entities[collection.position] }

    init(_ collection: RecordCollection, _ context: WriteContext) {
        self.collection = collection
        self.context = context
        let fields = Array(collection.entity.fields.indices)
        func form(_ fields: [Int]) -> InsertForm {
            InsertForm(fields: fields, sql: collection.statements.insertOnly(fields: fields))
        }
        withKey = form(fields)
        withoutKey = collection.entity.generatedKey.map { key in form(fields.filter { $0 != key }) }
        let access = context.access.entities[collection.position]
        let rules = access.grants.map { access.rule($0, .create) }
        let needsDatabase = rules.contains { $0.condition.map { !$0.isOwn } ?? false || collection.dependsOnKey($0) }
        isRowByRow = collection.entity.audit != nil || needsDatabase
    }

    /// Inserts what may go in, and gives the rows that were refused.
    func insert(_ batch: ImportBatch) async throws -> [BadRow] {
        guard batch.count > 0 else { return [] }
        var bad = try await referringToDeleted(batch)
        guard !isRowByRow else { return try await insertEach(batch, bad) }
        if !access.admitsAll(.create) {
            for row in batch.lines.indices where bad[row] == nil { bad[row] = refusal(of: batch, row) }
        }
        var refused = bad.map { BadRow(line: batch.lines[$0], problems: $1) }
        for rows in runs(of: batch.lines.indices.filter { bad[$0] == nil }, in: batch) { refused += try await insert(rows, of: batch) }
        return refused
    }

    /// Whether the database makes the row's key.
    private func needsKey(_ row: Int, _ batch: ImportBatch) -> Bool {
        entity.generatedKey.map { batch.values[row * entity.fields.count + $0].isNull } ?? false
    }

    /// Rows that follow one another and go by one statement.
    private func runs(of rows: [Int], in batch: ImportBatch) -> [[Int]] {
        var runs: [[Int]] = []
        for row in rows {
            if let last = runs.last?.last, needsKey(last, batch) == needsKey(row, batch) {
                runs[runs.count - 1].append(row)
            } else {
                runs.append([row])
            }
        }
        return runs
    }

    private func insert(_ rows: [Int], of batch: ImportBatch) async throws -> [BadRow] {
        let width = entity.fields.count
        let form = rows.first.map { needsKey($0, batch) } == true ? withoutKey ?? withKey : withKey
        if let key = entity.generatedKey, let largest = rows.compactMap({ batch.values[$0 * width + key].integer }).max() {
            try await collection.moveKeys(past: .integer(largest), context)
        }
        let isWhole = form.fields.count == width && rows.count == batch.count
        let values = isWhole ? batch.values : rows.flatMap { row in form.fields.map { batch.values[row * width + $0] } }
        let errors = try await context.transaction.executeBatch(form.sql, values: values, width: form.fields.count, continuesOnError: true)
        var refused: [BadRow] = []
        for error in errors {
            guard let row = error.row.map({ rows[$0] }), let problems = try await problems(of: error, batch.record(row, width: width))
            else {
                throw error
            }
            refused.append(BadRow(line: batch.lines[row], problems: problems))
        }
        return refused
    }

    // MARK: Access

    /// Why the caller may not make this record; nil when they may.
    private func refusal(of batch: ImportBatch, _ row: Int) -> [RecordProblem]? {
        do {
            let record = JudgedRecord(batch.record(row, width: entity.fields.count))
            try collection.admit(record, .create, "create", batch.given[row], context)
            return nil
        } catch {
            return Self.problems(of: error)
        }
    }

    private static func problems(of error: any Error) -> [RecordProblem] {
        guard let error = error as? RecordError else { return [] }
        return error.problems.isEmpty ? [RecordProblem(pointer: "", code: error.code.rawValue, detail: error.detail)] : error.problems
    }

    // MARK: Rows one by one

    private func insertEach(_ batch: ImportBatch, _ known: [Int: [RecordProblem]]) async throws -> [BadRow] {
        var bad: [BadRow] = []
        for row in batch.lines.indices {
            var problems = known[row]
            if problems == nil {
                do {
                    problems = try await insert(batch.record(row, width: entity.fields.count), given: batch.given[row])
                } catch let error as RecordError {
                    problems = Self.problems(of: error)
                }
            }
            if let problems { bad.append(BadRow(line: batch.lines[row], problems: problems)) }
        }
        return bad
    }

    /// Inserts one record and keeps its history.
    ///
    /// - Returns: What the database has against it.
    /// - Throws: ``RecordError`` when the caller may not make it; it is not there then.
    private func insert(_ record: [Value], given: Set<Int>) async throws -> [RecordProblem]? {
        let rules = access.foreignRules(of: [.create])
        let hasKey = !entity.key.contains { record[$0].isNull }
        if hasKey || !access.grants.contains(where: { collection.dependsOnKey(access.rule($0, .create)) }) {
            // What the database would say of a record that may not be made is not told.
            try collection.admit(try await collection.judged(record, [.create], context), .create, "create", given, context)
        }
        if let key = entity.generatedKey { try await collection.moveKeys(past: record[key], context) }
        let fields = entity.fields.indices.filter { !record[$0].isNull }
        let shape = collection.statements.insertShape(fields, rules: rules)
        let text = collection.cache.text(entity: entity.name, shape) { collection.statements.insert(fields: fields, rules: rules) }
        let row: [Value]?
        do {
            row = try await context.transaction.query(Statement(text, fields.map { record[$0] } + shape.parameters), into: FirstRow())
        } catch let error as StorageError {
            guard let problems = try await problems(of: error, record) else { throw error }
            return problems
        }
        guard let row else { throw StorageError(.failed, message: "INSERT … RETURNING gave no row for \(entity.table)") }
        let stored = JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
        do {
            try collection.admit(stored, .create, "create", given, context)
        } catch let error as RecordError {
            let key = entity.key.map { stored.values[$0] }
            try await context.transaction.execute(Statement(collection.statements.delete(), key))
            throw error
        }
        try await collection.audit.keep(.create, entity, before: nil, after: stored.values, context)
        return nil
    }

    // MARK: References

    /// The rows whose references point at deleted records, which the database does not mind. What points at nothing yet may still come.
    private func referringToDeleted(_ batch: ImportBatch) async throws -> [Int: [RecordProblem]] {
        var bad: [Int: [RecordProblem]] = [:]
        let width = entity.fields.count
        let deletedAt = entity.index(of: .deletedAt)
        for reference in entity.references {
            guard let sql = collection.links.target(reference.target)?.deletedKeys else { continue }
            var keys = ListPlaces.Parents()
            var places: [Int: Int] = [:]
            for row in batch.lines.indices {
                // A record that comes as deleted may refer to others that are.
                if let deletedAt, !batch.values[row * width + deletedAt].isNull { continue }
                let key = reference.fields.map { batch.values[row * width + $0] }
                if !key.contains(where: \.isNull) { places[row] = keys.position(of: key) }
            }
            guard keys.count > 0 else { continue }
            let rows = try await context.transaction.query(Statement(sql, [.text(keys.array)]), into: ValueRows())
            let deleted = Set(rows.compactMap(\.first))
            guard !deleted.isEmpty else { continue }
            let problems = collection.missing(reference, access)
            for (row, place) in places where deleted.contains(.integer(Int64(place))) {
                bad[row] = (bad[row] ?? []) + problems
            }
        }
        return bad
    }

    // MARK: The database

    /// What the database refused about one row; nil for an error that is not the row's.
    private func problems(of error: StorageError, _ record: [Value]) async throws -> [RecordProblem]? {
        let columns = error.columns.compactMap(entity.fieldIndex(ofColumn:))
        // A field that the caller does not see is not named to them.
        let names = columns.filter { access.isVisible[$0] }.map { "/" + entity.fields[$0].name }
        switch error.code {
        case .uniqueViolation:
            if entity.hasSoftDelete, Set(columns) == Set(entity.key), let target = collection.links.target(entity.name) {
                let key = entity.key.map { record[$0] }
                if try await context.transaction.query(Statement(target.existsLive, key), into: FirstRow()) == nil {
                    return collection.deletedRecordExists.problems
                }
            }
            return (names.isEmpty ? [""] : names).map {
                RecordProblem(pointer: $0, code: RecordProblem.Code.unique, detail: "is taken already")
            }
        case .notNullViolation, .checkViolation, .typeMismatch:
            return [RecordProblem(pointer: names.first ?? "", code: error.code.rawValue, detail: "the database refuses it")]
        default: return nil
        }
    }
}
