import FoundationEssentials
import Logging
import SeaworthyData
import SeaworthySchema
import SeaworthyStorage

/// `seaworthy import`: the records of a file into one entity.
package struct ImportOperation: Sendable {
    package struct Report: Sendable {
        package var entity: String
        package var imported: Int
        package var bad: Int
        /// The first bad rows, a line each: `line 12: /Freight is not a decimal number`.
        package var badRows: [String]
        /// Why it stopped; nil when it did not.
        package var failure: String?

        package var text: String {
            var lines = badRows
            if bad > badRows.count { lines.append("… and \(bad - badRows.count) more") }
            if let failure { lines.append("error: \(failure)") }
            return (lines + ["\(entity): \(imported) imported, \(bad) bad"]).joined(separator: "\n")
        }

        package var json: String {
            let report: JSONValue = [
                "entity": .string(entity), "imported": .number(String(imported)), "bad": .number(String(bad)),
                "badRows": .array(badRows.map(JSONValue.string)), "failure": failure.map(JSONValue.string) ?? .null,
            ]
            return report.indentedText
        }
    }

    private let schemaPath: String
    private let entity: String
    private let filePath: String
    private let format: String?
    private let skipsBadRows: Bool
    private let batchSize: Int?

    package init(schemaPath: String, entity: String, filePath: String, format: String?, skipsBadRows: Bool, batchSize: Int?) {
        self.schemaPath = schemaPath
        self.entity = entity
        self.filePath = filePath
        self.format = format
        self.skipsBadRows = skipsBadRows
        self.batchSize = batchSize
    }

    /// The names that `--format` takes.
    package static let formats = ImportFormat.allCases.map(\.rawValue)

    /// - Parameter progress: told the share of the file that was read, from 0 to 1, and the rows imported so far.
    package func run(progress: @escaping @Sendable (Double, Int) -> Void) async throws -> Report {
        let format = try importFormat()
        let schema = try Operations.schemaFile(schemaPath).schema
        try Operations.requireEntity(entity, in: schema, of: schemaPath)
        let source = try FileSource(filePath)
        let settings = try Operations.settings(logDescriptor: 2)
        let opened = try await OpenedDatabase.open(settings, schema: schema, migrations: MigrationFiles(besideSchema: schemaPath))
        // Servers that keep answers have to be told that they have changed.
        let redis = try settings.redis.map {
            try SharedRedis($0, application: opened.schema.name, logger: Logger(label: "import") { _ in SwiftLogNoOpLogHandler() })
        }
        let cache = redis.flatMap { redis in
            QueryCache(opened.schema, version: ApplicationVersion.text, store: redis.cache(), now: { WallClock.microseconds() })
        }
        let store = RecordStore(
            schema: opened.schema, database: opened.database, dialect: opened.dialect, secretKeys: settings.secretKeys.all, cache: cache)
        return try await opened.database.closing {
            guard let records = store.collection(named: entity) else { throw OperationFailure("«\(entity)» is not an entity") }
            let size = source.size
            let task = RecordImport(
                into: records, from: source, options: .init(format: format, skipsBadRows: skipsBadRows, batchSize: batchSize),
                now: WallClock.microseconds()
            ) { bytes, rows in progress(size > 0 ? Double(bytes) / Double(size) : 1, rows) }
            guard cache != nil, let redis else { return try await run(task) }
            return try await redis.whileConnected { try await run(task) }
        }
    }

    private func run(_ task: RecordImport) async throws -> Report {
        do {
            return report(try await task.run(), failure: nil)
        } catch let error as ImportError {
            return report(error.report, failure: "\(filePath): \(error)")
        } catch let error as StorageError {
            throw OperationFailure("the database refused the import, nothing of the open transaction was kept: \(error.message)")
        }
    }

    private func report(_ report: ImportReport, failure: String?) -> Report {
        let rows = report.badRows.map { row in
            let problems = row.problems.map { "\($0.pointer.isEmpty ? "the row" : $0.pointer) \($0.detail)" }
            return "line \(row.line): \(problems.joined(separator: "; "))"
        }
        return Report(entity: entity, imported: report.imported, bad: report.badCount, badRows: rows, failure: failure)
    }

    private func importFormat() throws -> ImportFormat {
        if let format {
            guard let named = ImportFormat(rawValue: format) else {
                throw OperationFailure("«\(format)» is no format. Fix: --format \(Self.formats.joined(separator: ", "))")
            }
            return named
        }
        guard let guessed = ImportFormat(fileName: filePath) else {
            throw OperationFailure("the ending of «\(filePath)» tells no format. Fix: add --format \(Self.formats.joined(separator: ", "))")
        }
        return guessed
    }
}

/// A file read in pieces.
private struct FileSource: ImportSource {
    private static let chunkBytes = 256 * 1024
    private let path: String
    let size: Int

    init(_ path: String) throws {
        self.path = path
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType != .typeDirectory else {
                throw OperationFailure("«\(path)» is a folder. Fix: name a file")
            }
            size = attributes[.size] as? Int ?? 0
        } catch let error as OperationFailure {
            throw error
        } catch {
            throw OperationFailure("there is no file «\(path)» that can be read. Fix: check its name and rights")
        }
    }

    func open() throws -> () throws -> [UInt8]? {
        guard let descriptor = FileDescriptor(reading: path) else {
            throw OperationFailure("the file «\(path)» cannot be opened. Fix: check its rights")
        }
        return {
            let bytes = try descriptor.read(Self.chunkBytes)
            return bytes.isEmpty ? nil : bytes
        }
    }
}
