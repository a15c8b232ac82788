import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Finds the rows of an import whose references still point at nothing when all rows are in, takes them out again and tells their lines.
struct ImportedReferences {
    /// A reference of the entity with values that nothing has.
    private struct Missing: Hashable {
        var reference: Int
        var values: [Value]
    }

    private let collection: RecordCollection
    private let entity: Entity
    private let options: RecordImport.Options
    private let source: any ImportSource
    private let parser: any ImportRowParser
    private let access: EntityAccess
    /// The last change that was kept before the import; nil for an entity without history.
    private let historyStart: Int64?

    init(
        _ collection: RecordCollection, options: RecordImport.Options, source: any ImportSource, parser: any ImportRowParser,
        access: EntityAccess, historyStart: Int64?
    ) {
        self.access = access
        self.historyStart = historyStart
        self.collection = collection
        entity = collection.entity
        self.options = options
        self.source = source
        self.parser = parser
    }

    /// - Parameter lines: those that the transaction has read.
    func settle(_ report: inout ImportReport, lines: ClosedRange<Int>, in transaction: any DatabaseTransaction) async throws {
        while true {
            do {
                return try await transaction.checkReferences()
            } catch let error as StorageError where error.code == .foreignKeyViolation {
                let (keys, missing) = try await broken(in: transaction)
                guard !keys.isEmpty else { throw error }
                let delete = collection.statements.delete()
                for key in keys {
                    try await transaction.execute(Statement(delete, key))
                    if let historyStart { try await collection.audit.withdraw(entity, key: key, behind: historyStart, in: transaction) }
                }
                report.imported -= keys.count
                let told = Set(report.badRows.map(\.line))
                let rows = try rows(with: missing, in: lines).filter { !told.contains($0.line) }
                report.add(Array(rows.prefix(keys.count)), count: keys.count)
                if !options.skipsBadRows, report.badCount >= ImportReport.maximumBadRows { return }
            }
        }
    }

    /// The keys of this import's rows that point at nothing, at most a step of them for each reference, and at what.
    ///
    /// Rows that pointed at nothing before, because something else wrote them, are left alone: a reader outside of this transaction still
    /// sees the table without the import.
    private func broken(in transaction: any DatabaseTransaction) async throws -> (keys: Set<[Value]>, missing: Set<Missing>) {
        var keys: Set<[Value]> = []
        var missing: Set<Missing> = []
        let width = entity.key.count
        for (index, reference) in entity.references.enumerated() {
            guard let target = collection.links.target(reference.target)?.entity else { continue }
            let sql = collection.statements.broken(reference, target: target)
            let before = try await collection.database.query(Statement(sql, [.integer(.max)]), into: ValueRows())
            let known = Set(before.map { Array($0.prefix(width)) })
            let limit = Value.integer(Int64(known.count + RecordImport.stepSize))
            for row in try await transaction.query(Statement(sql, [limit]), into: ValueRows()) {
                let key = Array(row.prefix(width))
                guard !known.contains(key) else { continue }
                keys.insert(key)
                missing.insert(Missing(reference: index, values: Array(row.dropFirst(width))))
            }
        }
        return (keys, missing)
    }

    /// The rows that point at what is missing, with their lines, found by reading the file once more: remembering every row would take memory
    /// with each.
    private func rows(with missing: Set<Missing>, in lines: ClosedRange<Int>) throws -> [BadRow] {
        var steps = try ImportSteps(reading: source, parser: parser, stepSize: RecordImport.stepSize)
        let width = entity.fields.count
        var rows: [BadRow] = []
        while rows.count < 2 * ImportReport.maximumBadRows {
            let batch = try steps.next(atMost: Int.max)
            guard batch.count > 0 || !batch.bad.isEmpty, batch.lines.first ?? 0 <= lines.upperBound else { break }
            for (index, line) in batch.lines.enumerated() where lines.contains(line) {
                let record = batch.values[(index * width)..<((index + 1) * width)]
                let problems = self.problems(of: record, missing)
                if !problems.isEmpty { rows.append(BadRow(line: line, problems: problems)) }
            }
        }
        return rows
    }

    private func problems(of record: ArraySlice<Value>, _ missing: Set<Missing>) -> [RecordProblem] {
        entity.references.enumerated().flatMap { index, reference -> [RecordProblem] in
            let values = reference.fields.map { record[record.startIndex + $0] }
            guard missing.contains(Missing(reference: index, values: values)) else { return [] }
            return collection.missing(reference, access)
        }
    }
}
