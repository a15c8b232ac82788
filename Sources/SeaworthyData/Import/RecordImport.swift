import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Brings the records of a file into one entity, for the operator: access rules do not apply, everything else does.
package struct RecordImport: Sendable {
    package struct Options: Sendable {
        package var format: ImportFormat
        /// Bad rows are passed over and told; otherwise they undo the transaction.
        package var skipsBadRows: Bool
        /// Rows of one transaction; nil puts the whole file into one.
        package var batchSize: Int?

        package init(format: ImportFormat, skipsBadRows: Bool = false, batchSize: Int? = nil) {
            self.format = format
            self.skipsBadRows = skipsBadRows
            self.batchSize = batchSize
        }
    }

    /// Rows handed to the database in one step. Larger steps gain nothing measurable.
    static let stepSize = 1000
    /// The most bytes of one row: a file without line breaks is not read whole.
    static let maximumRowBytes = 16 * 1024 * 1024

    private let collection: RecordCollection
    private let source: any ImportSource
    private let options: Options
    private let now: Int64
    private let progress: @Sendable (_ bytes: Int, _ rows: Int) -> Void

    /// - Parameter progress: told after each step how much was read and inserted so far.
    package init(
        into collection: RecordCollection, from source: any ImportSource, options: Options, now: Int64,
        progress: @escaping @Sendable (_ bytes: Int, _ rows: Int) -> Void = { _, _ in }
    ) {
        self.collection = collection
        self.source = source
        self.options = options
        self.now = now
        self.progress = progress
    }

    /// - Throws: ``ImportError``; what earlier batches committed stays, and its report counts it.
    package func run() async throws -> ImportReport {
        let entity = collection.entity
        guard !entity.isReadOnly else {
            throw ImportError(.readOnlyEntity, "\(entity.name) is a view: nothing can be imported into it")
        }
        var steps = ImportSteps(reading: try source.open(), parser: parser(), stepSize: Self.stepSize)
        var report = ImportReport()
        repeat {
            // Each transaction works on its own copies, which are kept only when it has committed.
            do {
                (steps, report) = try await collection.database.transaction(.write) { [steps, report] transaction in
                    var steps = steps
                    var report = report
                    try await importTransaction(&steps, &report, in: transaction)
                    return (steps, report)
                }
            } catch var error as ImportError where error.code == .invalidFile {
                error.report = report
                throw error
            }
        } while !steps.isFinished
        return report
    }

    private func parser() -> any ImportRowParser {
        switch options.format {
        case .csv: CSVRowParser(collection.entity, now: now)
        case .json: JSONRowParser(collection.entity, now: now, isLines: false)
        case .ndjson: JSONRowParser(collection.entity, now: now, isLines: true)
        }
    }

    private func importTransaction(_ steps: inout ImportSteps, _ report: inout ImportReport, in transaction: any DatabaseTransaction)
        async throws
    {
        let before = report
        // A row may refer to one further down; what is still missing at the end is found then.
        try await transaction.deferReferences()
        let sql = collection.statements.insertOnly(fields: Array(collection.entity.fields.indices))
        // At least one row a transaction, or there would be no end of them.
        var rest = options.batchSize.map { max($0, 1) } ?? Int.max
        var batch = try steps.next(atMost: rest)
        let firstLine = batch.lines.first ?? 0
        var lastLine = firstLine
        while batch.count > 0 || !batch.bad.isEmpty {
            report.add(batch.bad)
            // The database inserts one step while the next one is read and parsed here.
            let current = batch
            lastLine = current.lines.last ?? lastLine
            async let refused = insert(current, sql, in: transaction)
            rest -= current.count
            let following: Result<ImportBatch, any Error> = rest > 0 ? Result { try steps.next(atMost: rest) } : .success(ImportBatch())
            let bad = try await refused
            report.add(bad)
            report.imported += current.count - bad.count
            progress(steps.bytesRead, report.imported)
            guard options.skipsBadRows || report.badCount < ImportReport.maximumBadRows else { break }
            batch = try following.get()
        }
        try await ImportedReferences(collection, options: options, source: source, parser: parser()).settle(
            &report, lines: firstLine...max(firstLine, lastLine), in: transaction)
        guard options.skipsBadRows || report.badCount == 0 else {
            var kept = report
            kept.imported = before.imported
            throw ImportError(.badRows, "\(report.badCount) row(s) are bad; nothing of this transaction was kept", report: kept)
        }
    }

    private func insert(_ batch: ImportBatch, _ sql: SQLText, in transaction: any DatabaseTransaction) async throws -> [BadRow] {
        guard batch.count > 0 else { return [] }
        let width = collection.entity.fields.count
        let refused = try await transaction.executeBatch(sql, values: batch.values, width: width, continuesOnError: true)
        return try refused.map { error in
            guard let row = error.row, let problems = problems(of: error) else { throw error }
            return BadRow(line: batch.lines[row], problems: problems)
        }
    }

    /// What the database refused about one row; nil for an error that is not the row's.
    private func problems(of error: StorageError) -> [RecordProblem]? {
        let names = error.columns.compactMap(collection.entity.fieldIndex(ofColumn:)).map { collection.entity.fields[$0].name }
        switch error.code {
        case .uniqueViolation:
            let pointers = names.isEmpty ? [""] : names.map { "/" + $0 }
            return pointers.map { RecordProblem(pointer: $0, code: RecordProblem.Code.unique, detail: "is taken already") }
        case .notNullViolation, .checkViolation, .typeMismatch:
            return [
                RecordProblem(pointer: names.first.map { "/" + $0 } ?? "", code: error.code.rawValue, detail: "the database refuses it")
            ]
        default: return nil
        }
    }
}
