import NIOCore
import SeaworthyData
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `seaworthy export`: the records of one entity as a file, or on standard output. The operator sees everything.
package struct ExportOperation: Sendable {
    private let schemaPath: String
    private let entity: String
    private let filter: String?
    private let deleted: String?
    private let format: String?
    private let outputPath: String?
    private let csv: ExportFormat.CSVOptions

    /// - Parameters:
    ///   - filter: a filter as JSON, as the API takes it.
    ///   - deleted: whether deleted records are exported: `exclude` (the default), `include` or `only`.
    ///   - format: one of ``formats``; nil takes what the output's ending says, and `csv` on standard output.
    ///   - outputPath: the file to write; nil is standard output.
    package init(
        schemaPath: String, entity: String, filter: String?, deleted: String?, format: String?, outputPath: String?, hasMark: Bool,
        guardsFormulas: Bool
    ) {
        self.schemaPath = schemaPath
        self.entity = entity
        self.filter = filter
        self.deleted = deleted
        self.format = format
        self.outputPath = outputPath
        csv = ExportFormat.CSVOptions(hasMark: hasMark, guardsFormulas: guardsFormulas)
    }

    /// The names that `--format` takes.
    package static let formats = ImportFormat.allCases.map(\.rawValue)

    /// Gives how many records were written.
    ///
    /// - Parameter progress: told the share of the records that was written, from 0 to 1, and how many; nil when nobody looks.
    package func run(progress: (@Sendable (Double, Int) -> Void)?) async throws -> Int {
        let format = try exportFormat()
        let schema = try Operations.schemaFile(schemaPath).schema
        try Operations.requireEntity(entity, in: schema, of: schemaPath)
        let settings = try Operations.settings(logDescriptor: 2)
        let opened = try await OpenedDatabase.open(settings, schema: schema, migrations: MigrationFiles(besideSchema: schemaPath))
        let store = RecordStore(
            schema: opened.schema, database: opened.database, dialect: opened.dialect, secretKeys: settings.secretKeys.all)
        return try await opened.database.closing {
            guard let records = store.collection(named: entity) else { throw OperationFailure("«\(entity)» is not an entity") }
            return try await run(records, format, progress)
        }
    }

    private func run(
        _ records: RecordCollection, _ format: ExportFormat, _ progress: (@Sendable (Double, Int) -> Void)?
    ) async throws -> Int {
        do {
            let items = [("filter", filter), ("deleted", deleted)].compactMap { name, value in value.map { (name: name, value: $0) } }
            let export = try records.export(query: items, as: format, for: Caller(roles: [RoleAccess.admin]))
            guard let outputPath else { return try await write(export, to: .standardOutput, nil) }
            // What is there stays until the whole is written.
            let part = outputPath + ".part"
            guard let file = FileDescriptor(writing: part) else {
                throw OperationFailure("the file «\(part)» cannot be written. Fix: check its folder and rights")
            }
            do {
                let count = try await write(export, to: file, progress)
                guard rename(part, outputPath) == 0 else { throw OperationFailure("the file «\(outputPath)» cannot be written") }
                return count
            } catch {
                unlink(part)
                throw error
            }
        } catch let error as QueryProblems {
            let problems = error.problems.map { "--\($0.parameter) \($0.detail)" }
            throw OperationFailure(problems.joined(separator: "\n"))
        } catch let error as StorageError {
            throw OperationFailure("the database refused the export: \(error.message)")
        }
    }

    private func write(
        _ export: RecordExport, to file: FileDescriptor, _ progress: (@Sendable (Double, Int) -> Void)?
    ) async throws -> Int {
        let total = progress == nil ? 0 : try await export.count()
        var pieces = export.pieces
        while let piece = try await pieces.next() {
            try file.write(Array(piece.readableBytesView))
            progress?(total > 0 ? Double(pieces.count) / Double(total) : 1, pieces.count)
        }
        return pieces.count
    }

    private func exportFormat() throws -> ExportFormat {
        var name = format ?? ImportFormat.csv.rawValue
        if format == nil, let outputPath {
            guard let guessed = ImportFormat(fileName: outputPath) else {
                throw OperationFailure(
                    "the ending of «\(outputPath)» tells no format. Fix: add --format \(Self.formats.joined(separator: ", "))")
            }
            name = guessed.rawValue
        }
        switch ImportFormat(rawValue: name) {
        case .csv: return .csv(csv)
        case .json, .ndjson:
            guard csv == ExportFormat.CSVOptions() else { throw OperationFailure("--bom and --guard are for CSV. Fix: leave them out") }
            return name == ImportFormat.json.rawValue ? .json : .ndjson
        case nil: throw OperationFailure("«\(name)» is no format. Fix: --format \(Self.formats.joined(separator: ", "))")
        }
    }
}
