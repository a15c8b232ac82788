import ArgumentParser
import Seaworthy

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Brings the records of a CSV, JSON or NDJSON file into an entity.",
        discussion: "In one transaction unless --batch says otherwise: a bad row undoes all, or is passed over with --skip-bad.")

    @Argument(help: "The entity's name.") var entity: String
    @Argument(help: "The file.") var file: String
    @Option(help: ArgumentHelp("csv, json or ndjson; by default what the file's ending says.", valueName: "format")) var format: String?
    @Flag(help: "Passes over bad rows, and tells their lines.") var skipBad = false
    @Option(help: ArgumentHelp("Commits every so many rows.", valueName: "rows")) var batch: Int?
    @Flag(help: "Prints the report as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func validate() throws {
        if let batch, batch < 1 { throw ValidationError("--batch takes a number of rows, at least 1") }
        if let format, !ImportOperation.formats.contains(format) {
            throw ValidationError("--format is one of \(ImportOperation.formats.joined(separator: ", "))")
        }
    }

    func run() async throws {
        try await CommandOutput.run {
            let operation = ImportOperation(
                schemaPath: schema.path, entity: entity, filePath: file, format: format, skipsBadRows: skipBad, batchSize: batch)
            let drawsProgress = CommandOutput.errorIsTerminal
            let report = try await operation.run { share, rows in
                if drawsProgress { CommandOutput.progress(CommandOutput.bar(share) + " \(rows) rows") }
            }
            if drawsProgress { CommandOutput.progress("") }
            if json {
                CommandOutput.result(report.json)
            } else if report.failure != nil || report.bad > 0 {
                CommandOutput.error(report.text)
            } else {
                CommandOutput.result(report.text)
            }
            if report.failure != nil { throw ExitCode.failure }
        }
    }
}
