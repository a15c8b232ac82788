import ArgumentParser
import Seaworthy

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the records of an entity as CSV, JSON or NDJSON.",
        discussion: "Every record and every field, whatever the access rules say. What is written can be imported again.")

    @Argument(help: "The entity's name.") var entity: String
    @Option(help: ArgumentHelp("Only records that match, as JSON: {\"Status\":\"open\"}.", valueName: "json")) var filter: String?
    @Option(help: ArgumentHelp("exclude, include or only; by default deleted records are left out.", valueName: "which"))
    var deleted: String?
    @Option(help: ArgumentHelp("csv, json or ndjson; by default what the file's ending says, else csv.", valueName: "format"))
    var format: String?
    @Option(help: ArgumentHelp("The file to write instead of standard output.", valueName: "file")) var output: String?
    @Flag(help: "Begins CSV with a byte order mark, for spreadsheet programs.") var bom = false
    @Flag(name: .customLong("guard"), help: "Puts an apostrophe before what a spreadsheet program would calculate. Not undone by import.")
    var guardsFormulas = false
    @OptionGroup var schema: SchemaOptions

    func validate() throws {
        if let format, !ExportOperation.formats.contains(format) {
            throw ValidationError("--format is one of \(ExportOperation.formats.joined(separator: ", "))")
        }
    }

    func run() async throws {
        try await CommandOutput.run {
            let operation = ExportOperation(
                schemaPath: schema.path, entity: entity, filter: filter, deleted: deleted, format: format, outputPath: output,
                hasMark: bom, guardsFormulas: guardsFormulas)
            guard let output else {
                _ = try await operation.run(progress: nil)
                return
            }
            let drawsProgress = CommandOutput.errorIsTerminal
            let progress: @Sendable (Double, Int) -> Void = { share, rows in
                CommandOutput.progress(CommandOutput.bar(share) + " \(rows) rows")
            }
            let count = try await operation.run(progress: drawsProgress ? progress : nil)
            if drawsProgress { CommandOutput.progress("") }
            CommandOutput.result("\(entity): \(count) exported to \(output)")
        }
    }
}
