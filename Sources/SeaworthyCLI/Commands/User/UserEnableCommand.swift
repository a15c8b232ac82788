import ArgumentParser
import Seaworthy

struct UserEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Lets a user sign in who was disabled.")

    @Argument(help: "The address that the user signs in with.") var email: String
    @Flag(help: "Prints the user as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let report = try await UserOperation(schemaPath: schema.path).setDisabled(false, email: email)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
