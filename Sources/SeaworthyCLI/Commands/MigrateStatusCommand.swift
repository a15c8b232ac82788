import ArgumentParser
import Seaworthy

struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tells which migrations the database has had; exits with 1 when some are pending or not in order.")

    @Flag(help: "Prints the report as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let status = try await MigrateOperation(schemaPath: schema.path).status()
            CommandOutput.result(json ? status.json : status.text)
            if !status.isCurrent { throw ExitCode.failure }
        }
    }
}
