import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Brings the records of a file into one entity: for the operator, whom no rule of access holds, or for a caller, whose rules hold for every
/// record. Everything else holds for both: types, bounds, checks, references, what the server keeps of a record's life, and its history.
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
    /// Whose import it is; the operator's without one.
    private let request: WriteRequest?
    private let ending: WriteEnding<ImportReport>?
    private let now: Int64
    private let access: CallerAccess
    private let progress: @Sendable (_ bytes: Int, _ rows: Int) -> Void

    /// An operator's import.
    ///
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
        request = nil
        ending = nil
        access = collection.administrator
    }

    /// A caller's import.
    ///
    /// - Parameter ending: of each transaction; with all rows in one, of the import.
    package init(
        into collection: RecordCollection, from source: any ImportSource, options: Options, for request: WriteRequest,
        ending: WriteEnding<ImportReport>? = nil
    ) {
        self.collection = collection
        self.source = source
        self.options = options
        self.request = request
        self.ending = ending
        now = request.now
        access = collection.access(of: request.caller)
        progress = { _, _ in }
    }

    /// - Throws: ``ImportError``; what earlier batches committed stays, and its report counts it.
    package func run() async throws -> ImportReport {
        let entity = collection.entity
        guard !entity.isReadOnly else {
            throw ImportError(.readOnlyEntity, "\(entity.name) is a view: nothing can be imported into it")
        }
        var steps = try ImportSteps(reading: source, parser: parser(), stepSize: Self.stepSize)
        var report = ImportReport()
        repeat {
            // Each transaction works on its own copies, which are kept only when it has committed.
            do {
                (steps, report) = try await collection.tracking { [steps, report] touched in
                    touched?.addUnnamed(collection.entity)
                    return try await collection.database.transaction(.writeAlone) { transaction in
                        var steps = steps
                        var report = report
                        try await importTransaction(&steps, &report, in: transaction)
                        return (steps, report)
                    }
                }
            } catch var error as ImportError where error.code == .invalidFile {
                error.report = report
                throw error
            }
        } while !steps.isFinished
        return report
    }

    /// What holds for the rows of a caller; nil for the operator's.
    private var rules: EntityAccess? { request == nil ? nil : access.entities[collection.position] }

    private func parser() -> any ImportRowParser {
        let input = ImportInput(
            entity: collection.entity, access: rules, relations: access.relations[collection.position],
            actor: access.caller.user.map { .text($0.id) } ?? .null, now: now)
        return switch options.format {
        case .csv: CSVRowParser(input)
        case .json: JSONRowParser(input, isLines: false)
        case .ndjson: JSONRowParser(input, isLines: true)
        }
    }

    private func importTransaction(_ steps: inout ImportSteps, _ report: inout ImportReport, in transaction: any DatabaseTransaction)
        async throws
    {
        let before = report
        // A row may refer to one further down; what is still missing at the end is found then.
        try await transaction.deferReferences()
        let context = WriteContext(access: access, now: now, requestID: request?.requestID, transaction: transaction)
        let writer = ImportWriter(collection, context)
        let historyStart = collection.entity.audit == nil ? nil : try await collection.audit.position(in: transaction)
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
            async let refused = writer.insert(current)
            rest -= current.count
            let following: Result<ImportBatch, any Error> = rest > 0 ? Result { try steps.next(atMost: rest) } : .success(ImportBatch())
            let bad = try await refused
            report.add(bad)
            report.imported += current.count - bad.count
            progress(steps.bytesRead, report.imported)
            guard options.skipsBadRows || report.badCount < ImportReport.maximumBadRows else { break }
            batch = try following.get()
        }
        try await ImportedReferences(
            collection, options: options, source: source, parser: parser(), access: access.entities[collection.position],
            historyStart: historyStart
        ).settle(
            &report, lines: firstLine...max(firstLine, lastLine), in: transaction)
        guard options.skipsBadRows || report.badCount == 0 else {
            var kept = report
            kept.imported = before.imported
            throw ImportError(.badRows, "\(report.badCount) row(s) are bad; nothing of this transaction was kept", report: kept)
        }
        try await ending?.run(report, transaction)
    }
}
