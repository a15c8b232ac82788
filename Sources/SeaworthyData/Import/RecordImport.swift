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
        var steps = Steps(reading: try source.open(), parser: parser(), stepSize: Self.stepSize)
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

    private func importTransaction(_ steps: inout Steps, _ report: inout ImportReport, in transaction: any DatabaseTransaction) async throws
    {
        let before = report
        // A row may refer to one further down; what is still missing at the end is found then.
        try await transaction.deferReferences()
        let sql = collection.statements.insertOnly(fields: Array(collection.entity.fields.indices))
        // At least one row a transaction, or there would be no end of them.
        var rest = options.batchSize.map { max($0, 1) } ?? Int.max
        var batch = try steps.next(atMost: rest)
        while batch.count > 0 || !batch.bad.isEmpty {
            report.add(batch.bad)
            // The database inserts one step while the next one is read and parsed here.
            let current = batch
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
        try await settleReferences(&report, in: transaction)
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

    // MARK: References

    /// Finds the rows whose references point at nothing now that all rows are in, and takes them out again.
    private func settleReferences(_ report: inout ImportReport, in transaction: any DatabaseTransaction) async throws {
        let entity = collection.entity
        while true {
            do {
                return try await transaction.checkReferences()
            } catch let error as StorageError where error.code == .foreignKeyViolation {
                var broken: [[Value]: [RecordProblem]] = [:]
                for reference in entity.references {
                    guard let target = collection.store.target(reference.target)?.entity else { continue }
                    let sql = collection.statements.broken(reference, target: target, limit: Self.stepSize)
                    let problems = reference.fields.map { field in
                        RecordProblem(
                            pointer: "/" + entity.fields[field].name, code: RecordProblem.Code.reference,
                            detail: "there is no \(target.name) with this key")
                    }
                    for key in try await transaction.query(Statement(sql), into: ValueRows()) { broken[key, default: []] += problems }
                }
                guard !broken.isEmpty else { throw error }
                let delete = collection.statements.delete()
                for key in broken.keys { try await transaction.execute(Statement(delete, key)) }
                report.imported -= broken.count
                report.add(try lines(of: broken))
                if !options.skipsBadRows, report.badCount >= ImportReport.maximumBadRows { return }
            }
        }
    }

    /// The lines of rows by their key, found by reading the file once more: keeping every key would take memory with each row.
    private func lines(of broken: [[Value]: [RecordProblem]]) throws -> [BadRow] {
        var steps = Steps(reading: try source.open(), parser: parser(), stepSize: Self.stepSize)
        let width = collection.entity.fields.count
        var missing = broken
        var rows: [BadRow] = []
        while !missing.isEmpty {
            let batch = try steps.next(atMost: Int.max)
            guard batch.count > 0 || !batch.bad.isEmpty else { break }
            for (index, line) in batch.lines.enumerated() {
                let key = collection.entity.key.map { batch.values[index * width + $0] }
                if let problems = missing.removeValue(forKey: key) { rows.append(BadRow(line: line, problems: problems)) }
            }
        }
        // A key that the database made stands in no line.
        return rows + missing.values.map { BadRow(line: 0, problems: $0) }
    }
}

/// The rows of a source, some at a time.
private struct Steps: Sendable {
    private let source: Reader
    private var parser: any ImportRowParser
    private let stepSize: Int
    private var buffer: [UInt8] = []
    private(set) var bytesRead = 0
    private var isAtEnd = false

    // @unchecked Sendable: `read` is called by one task at a time, since only one copy of the steps is ever advanced.
    private final class Reader: @unchecked Sendable {
        let read: () throws -> [UInt8]?
        init(_ read: @escaping () throws -> [UInt8]?) { self.read = read }
    }

    init(reading read: @escaping () throws -> [UInt8]?, parser: any ImportRowParser, stepSize: Int) {
        source = Reader(read)
        self.parser = parser
        self.stepSize = stepSize
    }

    var isFinished: Bool { isAtEnd && buffer.isEmpty }

    /// The next rows, of good ones at most so many; an empty batch at the end.
    mutating func next(atMost rows: Int) throws -> ImportBatch {
        let limit = min(stepSize, rows)
        var batch = ImportBatch()
        while batch.count < limit, batch.bad.count < stepSize {
            let used = try buffer.withUnsafeBufferPointer { bytes in
                try parser.parse(bytes, isLast: isAtEnd, into: &batch, limit: limit)
            }
            buffer.removeFirst(used)
            if batch.count >= limit || isAtEnd { break }
            guard buffer.count <= RecordImport.maximumRowBytes else {
                throw ImportError(.invalidFile, "a row is larger than \(RecordImport.maximumRowBytes) bytes")
            }
            if let chunk = try source.read() {
                bytesRead += chunk.count
                buffer += chunk
            } else {
                isAtEnd = true
            }
        }
        return batch
    }
}
