import ArgumentParser
import Seaworthy

struct KeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the API keys that are good, without their secrets.")

    @Option(help: ArgumentHelp("Whose; without this, everybody's.", valueName: "address")) var email: String?
    @Flag(help: "Prints the keys as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let report = try await KeyOperation(schemaPath: schema.path).list(email: email)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
