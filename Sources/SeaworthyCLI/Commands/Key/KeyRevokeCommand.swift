import ArgumentParser
import Seaworthy

struct KeyRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Ends an API key, on every server within a second.")

    @Argument(help: "What stands in the key behind sw_; the whole key does as well.") var prefix: String
    @Flag(help: "Prints the key as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let report = try await KeyOperation(schemaPath: schema.path).revoke(prefix: prefix)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
