import ArgumentParser
import Seaworthy

struct MigrateRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Takes back the last migration.",
        discussion: "What it added goes with its values; what it dropped comes back without them.")

    @Option(help: ArgumentHelp("How many to take back.", valueName: "count")) var steps = 1
    @Flag(help: "Prints the report as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func validate() throws {
        if steps < 1 { throw ValidationError("--steps takes a number of migrations, at least 1") }
    }

    func run() async throws {
        try await CommandOutput.run {
            let isJSON = json
            let report = try await MigrateOperation(schemaPath: schema.path).rollback(steps: steps) { line in
                if !isJSON { CommandOutput.result(line) }
            }
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
