import ArgumentParser
import Seaworthy

struct UserDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Keeps a user from signing in, and ends their sessions within a second.")

    @Argument(help: "The address that the user signs in with.") var email: String
    @Flag(help: "Prints the user as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let report = try await UserOperation(schemaPath: schema.path).setDisabled(true, email: email)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
