import FoundationEssentials
import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySchema

/// The folder of an application's migrations.
struct MigrationFiles: Sendable {
    let path: String

    /// `migrations` beside the schema file.
    init(besideSchema schemaPath: String) {
        let folder = schemaPath.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(schemaPath[...$0]) } ?? ""
        path = folder + "migrations"
    }

    /// The migrations for a database; none where there is no folder.
    ///
    /// - Throws: ``OperationFailure`` when a file cannot be read, ``MaintenanceError`` when one is no migration.
    func folder(for dialect: any Dialect) throws -> MigrationFolder {
        try MigrationFolder(files(), dialect: dialect)
    }

    private func files() throws -> [MigrationFolder.File] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).filter(MigrationFolder.isMigration).sorted()
        } catch {
            throw OperationFailure("the folder \(path) cannot be read. Fix: check that it is a folder and may be read")
        }
        guard names.count <= MigrationFolder.maximumFiles else {
            throw OperationFailure(
                "the folder \(path) has more than \(MigrationFolder.maximumFiles) migrations. Fix: begin with a new baseline")
        }
        return try names.map { MigrationFolder.File(name: $0, text: try text($0)) }
    }

    /// The schema to which the last migration leads; nil before the first.
    ///
    /// - Throws: ``OperationFailure`` when the file cannot be read.
    func plannedSchema() throws -> Schema? {
        let name = MigrationFolder.schemaFile
        guard FileManager.default.fileExists(atPath: "\(path)/\(name)") else { return nil }
        do {
            return try Schema(canonicalText: try text(name))
        } catch let error as CanonicalSchemaError {
            throw OperationFailure(
                "\(path)/\(name) is not a schema that this version wrote: \(error). Fix: bring it back as it was committed")
        }
    }

    private func text(_ name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let data = try? Data(contentsOf: URL(filePath: file)) else {
            throw OperationFailure("\(file) cannot be read. Fix: check that it is a file and may be read")
        }
        guard data.count <= MigrationFolder.maximumFileBytes else {
            throw OperationFailure("\(file) has more than \(MigrationFolder.maximumFileBytes) bytes. Fix: take it apart")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw OperationFailure("\(file) is not UTF-8. Fix: save it as UTF-8")
        }
        return text
    }

    // MARK: Writing

    /// Writes new migrations, never over one that is there, and behind them the schema to which they lead.
    ///
    /// - Returns: the paths of the files that were written.
    func write(_ plans: [MigrationPlan.File], schema: Schema) throws -> [String] {
        var written: [String] = []
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for plan in plans {
                for (name, text) in [("sqlite", plan.sqlite), ("postgres", plan.postgres)] {
                    let file = "\(path)/\(plan.name).\(name).sql"
                    try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
                    written.append(file)
                }
            }
            try Data((schema.canonicalJSON.indentedText + "\n").utf8).write(
                to: URL(filePath: "\(path)/\(MigrationFolder.schemaFile)"), options: .atomic)
        } catch {
            for file in written { try? FileManager.default.removeItem(atPath: file) }
            throw OperationFailure(
                "\(path) cannot be written, and nothing new is in it. Fix: check the rights of the folder and the disk's space")
        }
        return written
    }
}
